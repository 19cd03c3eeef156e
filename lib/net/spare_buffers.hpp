#pragma once
// Buffers that many need, each for a moment: who takes one finds it in the caches, and who waits
// holds none. One thread.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace boom::net {

class SpareBuffers {
public:
    // Empty; with room, if one was given back.
    [[nodiscard]] std::string take() {
        if (buffers_.empty()) {
            return {};
        }
        std::string buffer = std::move(buffers_.back());
        buffers_.pop_back();
        bytes_ -= buffer.capacity();
        return buffer;
    }
    void give_back(std::string buffer) {
        const std::size_t size = buffer.capacity();
        const bool has_room = size > std::string().capacity();  // else it is none to keep
        if (has_room && size <= kLargest && bytes_ + size <= kMost) {
            buffer.clear();
            bytes_ += size;
            buffers_.push_back(std::move(buffer));
        }
    }

private:
    // In bytes: of one that is kept, and of all.
    static constexpr std::size_t kLargest = 64 * 1024;
    static constexpr std::size_t kMost = std::size_t{8} << 20;

    std::vector<std::string> buffers_;
    std::size_t bytes_ = 0;
};

}  // namespace boom::net
