#pragma once
// Things in slots that are used again; ids carry the slot's generation, so that a stale one is
// recognised. References stay valid until their thing is removed. One thread.
//
// A Slot has `std::uint32_t generation = 1`, `bool is_free() const` and `void recycle()`, which
// makes it free and keeps only what its successor can use.

#include "base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
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
            slot = static_cast<std::uint32_t>(slots_.size());
            BOOM_ASSERT(slot < (std::uint32_t{1} << kSlotBits));
            slots_.emplace_back();
        } else {
            slot = free_.back();
            free_.pop_back();
        }
        return {Id{(std::uint64_t{slots_[slot].generation} << 32) | slot}, slots_[slot]};
    }
    // Null for a stale id.
    [[nodiscard]] Slot* find(Id id) {
        return const_cast<Slot*>(static_cast<const SlotTable*>(this)->find(id));
    }
    [[nodiscard]] const Slot* find(Id id) const {
        const auto index = static_cast<std::uint32_t>(id.value);
        if (index >= slots_.size()) {
            return nullptr;
        }
        const Slot& slot = slots_[index];
        const bool is_current = !slot.is_free() && slot.generation == id.value >> 32;
        return is_current ? &slot : nullptr;
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
    [[nodiscard]] std::deque<Slot>& slots() { return slots_; }
    [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size(); }

private:
    std::deque<Slot> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace boom::net
