#pragma once
// Things in slots that are used again; ids carry the slot's generation, so that a stale one is
// recognised. References stay valid until their thing is removed. One thread.
//
// A Slot has `std::uint32_t generation = 1`, `bool is_free() const` and `void recycle()`, which
// makes it free and keeps only what its successor can use.

#include "base/assert.hpp"
#include "base/prefetch.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace boom::net {

template <typename Slot, typename Id>
class SlotTable {
public:
    // Of an id's 64 bits the two highest and those from here to bit 32 are free for the loop's own
    // use.
    static constexpr unsigned kSlotBits = 28;
    static constexpr std::uint32_t kMaxGeneration = (std::uint32_t{1} << 30) - 1;

    struct Added {
        Id id;
        Slot& slot;  // as recycle() left it; free until the caller says otherwise
    };
    Added add() {
        std::uint32_t slot = 0;
        if (free_.empty()) {
            slot = count_;
            BOOM_ASSERT(slot < (std::uint32_t{1} << kSlotBits));
            if (slot % kChunk == 0) {
                chunks_.push_back(std::make_unique<Slot[]>(kChunk));
            }
            ++count_;
        } else {
            slot = free_.back();
            free_.pop_back();
        }
        Slot& added = at(slot);
        return {Id{(std::uint64_t{added.generation} << 32) | slot}, added};
    }
    // Null for a stale id.
    [[nodiscard]] Slot* find(Id id) {
        return const_cast<Slot*>(static_cast<const SlotTable*>(this)->find(id));
    }
    [[nodiscard]] const Slot* find(Id id) const {
        const auto index = static_cast<std::uint32_t>(id.value);
        if (index >= count_) {
            return nullptr;
        }
        const Slot& slot = at(index);
        const bool is_current = !slot.is_free() && slot.generation == id.value >> 32;
        return is_current ? &slot : nullptr;
    }
    // Into the caches, for a find() to come; see base/prefetch. The id may be stale.
    void prefetch(Id id) const {
        const auto index = static_cast<std::uint32_t>(id.value);
        if (index < count_) {
            base::prefetch(&at(index));
        }
    }
    // REQUIRES: find(id). The descriptor is the caller's to close.
    void remove(Id id) {
        Slot* slot = find(id);
        BOOM_ASSERT(slot != nullptr);
        const std::uint32_t generation = slot->generation;
        slot->recycle();
        slot->generation = generation == kMaxGeneration ? 1 : generation + 1;
        free_.push_back(static_cast<std::uint32_t>(id.value));
    }
    template <typename Function>
    void for_each(Function function) {
        for (std::uint32_t slot = 0; slot < count_; ++slot) {
            function(at(slot));
        }
    }
    [[nodiscard]] std::size_t size() const { return count_ - free_.size(); }

private:
    // A power of two: a slot is found by a shift and a mask, several times with every request.
    static constexpr std::uint32_t kChunk = 64;

    [[nodiscard]] Slot& at(std::uint32_t slot) const {
        return chunks_[slot / kChunk][slot % kChunk];
    }

    std::vector<std::unique_ptr<Slot[]>> chunks_;
    std::uint32_t count_ = 0;  // of slots that were ever used
    std::vector<std::uint32_t> free_;
};

}  // namespace boom::net
