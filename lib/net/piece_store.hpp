#pragma once
// Memory in small pieces for a library that takes and gives back the same ones with every request:
// freed ones are kept by size, so that in steady state nothing reaches the allocator. One thread.
// Keeps at most a megabyte of each of 16 sizes, up to a kilobyte; larger pieces pass through.

#include <array>
#include <cstddef>
#include <cstdint>

namespace boom::net {

class PieceStore {
public:
    PieceStore() = default;
    // Every piece has been given back.
    ~PieceStore();
    PieceStore(const PieceStore&) = delete;
    PieceStore& operator=(const PieceStore&) = delete;

    // As those of the C library; null where the machine has no memory.
    [[nodiscard]] void* allocate(std::size_t size);
    [[nodiscard]] void* allocate_zeroed(std::size_t count, std::size_t size);
    [[nodiscard]] void* reallocate(void* piece, std::size_t size);
    void free(void* piece);
    // Given out and not given back.
    [[nodiscard]] std::int64_t pieces_in_use() const { return in_use_; }

private:
    static constexpr std::size_t kStep = 64;
    static constexpr std::size_t kSizes = 16;
    static constexpr std::size_t kMaxKeptBytes = std::size_t{1} << 20;  // of one size

    // In front of each piece.
    struct alignas(std::max_align_t) Head {
        std::size_t size = 0;  // that it has room for
        Head* next = nullptr;  // while it is kept
    };
    struct Kept {
        Head* first = nullptr;
        std::size_t bytes = 0;
    };

    [[nodiscard]] static Head* head_of(void* piece);

    std::array<Kept, kSizes> kept_;
    std::int64_t in_use_ = 0;
};

}  // namespace boom::net
