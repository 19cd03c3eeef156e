#pragma once
// For a std::unique_ptr of what a C library makes and frees by a function of its own.

namespace boom::net {

template <auto Free>
struct Freer {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};

}  // namespace boom::net
