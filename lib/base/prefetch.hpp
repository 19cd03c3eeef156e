#pragma once
// Fetches into the caches what will be used soon, while something else is done: with a thousand
// users most of what a request needs has left them since the one before, and waiting for it, piece
// by piece, would take longer than the work itself.

#include <cstddef>
#include <cstdint>

namespace boom::base {

inline constexpr std::uintptr_t kCacheLine = 64;

// Any address will do: nothing is read.
inline void prefetch_bytes(const void* begin, std::size_t size) {
    const auto first = reinterpret_cast<std::uintptr_t>(begin);
    for (std::uintptr_t at = first & ~(kCacheLine - 1); at < first + size; at += kCacheLine) {
        __builtin_prefetch(reinterpret_cast<const void*>(at));  // NOLINT(performance-no-int-to-ptr)
    }
}

template <typename T>
void prefetch(const T* object) {
    prefetch_bytes(object, sizeof(T));
}

}  // namespace boom::base
