#include "net/piece_store.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace boom::net {

PieceStore::~PieceStore() {
    BOOM_ASSERT(in_use_ == 0);
    for (Kept& kept : kept_) {
        while (kept.first != nullptr) {
            std::free(std::exchange(kept.first, kept.first->next));
        }
    }
}

PieceStore::Head* PieceStore::head_of(void* piece) {
    return static_cast<Head*>(piece) - 1;
}

void* PieceStore::allocate(std::size_t size) {
    const std::size_t index = (std::max<std::size_t>(size, 1) - 1) / kStep;
    std::size_t room = size;
    if (index < kSizes) {
        Kept& kept = kept_[index];
        if (kept.first != nullptr) {
            Head* head = std::exchange(kept.first, kept.first->next);
            kept.bytes -= head->size;
            ++in_use_;
            return head + 1;
        }
        room = (index + 1) * kStep;
    }
    if (room > std::numeric_limits<std::size_t>::max() - sizeof(Head)) {
        return nullptr;
    }
    void* memory = std::malloc(sizeof(Head) + room);
    if (memory == nullptr) {
        return nullptr;
    }
    ++in_use_;
    return new (memory) Head{room, nullptr} + 1;
}

void* PieceStore::allocate_zeroed(std::size_t count, std::size_t size) {
    if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) {
        return nullptr;
    }
    void* piece = allocate(count * size);
    if (piece != nullptr) {
        std::memset(piece, 0, count * size);
    }
    return piece;
}

void* PieceStore::reallocate(void* piece, std::size_t size) {
    if (piece == nullptr) {
        return allocate(size);
    }
    const std::size_t room = head_of(piece)->size;
    if (size <= room) {
        return piece;
    }
    void* larger = allocate(size);
    if (larger != nullptr) {
        std::memcpy(larger, piece, room);
        free(piece);
    }
    return larger;
}

void PieceStore::free(void* piece) {
    if (piece == nullptr) {
        return;
    }
    --in_use_;
    Head* head = head_of(piece);
    const std::size_t index = (std::max<std::size_t>(head->size, 1) - 1) / kStep;
    if (index >= kSizes || kept_[index].bytes + head->size > kMaxKeptBytes) {
        std::free(head);
        return;
    }
    Kept& kept = kept_[index];
    kept.bytes += head->size;
    head->next = std::exchange(kept.first, head);
}

}  // namespace boom::net
