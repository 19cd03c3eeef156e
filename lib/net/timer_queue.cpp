#include "net/timer_queue.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace boom::net {
namespace {

// Four children per node: half the depth of a binary heap, and siblings share cache lines.
constexpr std::size_t kFanOut = 4;
constexpr std::uint64_t kSlotBits = 32;

}  // namespace

TimerId TimerQueue::take_slot(TimerListener& listener, std::uint64_t key) {
    std::uint32_t index = first_free_;
    if (index == kNoSlot) {
        BOOM_ASSERT(slots_.size() < kInLine);
        index = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        first_free_ = slots_[index].position;
    }
    Slot& slot = slots_[index];
    slot.listener = &listener;
    slot.key = key;
    return TimerId{(std::uint64_t{slot.generation} << kSlotBits) | index};
}

TimerId TimerQueue::start(TimePoint due, TimerListener& listener, std::uint64_t key) {
    const TimerId timer = take_slot(listener, key);
    const Node node{due, next_sequence_++, static_cast<std::uint32_t>(timer.value)};
    heap_.push_back(node);
    sift_up(heap_.size() - 1, node);
    return timer;
}

TimerId TimerQueue::start_due(TimerListener& listener, std::uint64_t key) {
    const TimerId timer = take_slot(listener, key);
    slots_[static_cast<std::uint32_t>(timer.value)].position = kInLine;
    line_.push_back(timer);
    return timer;
}

TimerQueue::Slot* TimerQueue::find(TimerId timer) {
    const auto index = static_cast<std::uint32_t>(timer.value);
    const auto generation = static_cast<std::uint32_t>(timer.value >> kSlotBits);
    // A free slot's generation was already advanced, so that no id given out matches it.
    const bool is_known = index < slots_.size() && slots_[index].generation == generation &&
                          slots_[index].listener != nullptr;
    return is_known ? &slots_[index] : nullptr;
}

bool TimerQueue::cancel(TimerId timer) {
    Slot* slot = find(timer);
    if (slot == nullptr) {
        return false;
    }
    if (slot->position == kInLine) {
        free_slot(*slot);
    } else {
        remove_at(slot->position);
    }
    return true;
}

std::optional<TimePoint> TimerQueue::next_due() const {
    if (heap_.empty()) {
        return std::nullopt;
    }
    return heap_.front().due;
}

std::optional<TimerQueue::Expired> TimerQueue::take_due(TimePoint now) {
    if (heap_.empty() || heap_.front().due > now) {
        return std::nullopt;
    }
    const Slot& slot = slots_[heap_.front().slot];
    const Expired expired{slot.listener, slot.key};
    remove_at(0);
    return expired;
}

bool TimerQueue::is_before(const Node& a, const Node& b) {
    return a.due != b.due ? a.due < b.due : a.sequence < b.sequence;
}

void TimerQueue::place(std::size_t position, const Node& node) {
    heap_[position] = node;
    slots_[node.slot].position = static_cast<std::uint32_t>(position);
}

void TimerQueue::sift_up(std::size_t position, const Node& node) {
    while (position > 0) {
        const std::size_t parent = (position - 1) / kFanOut;
        if (!is_before(node, heap_[parent])) {
            break;
        }
        place(position, heap_[parent]);
        position = parent;
    }
    place(position, node);
}

void TimerQueue::sift_down(std::size_t position, const Node& node) {
    while (true) {
        const std::size_t first = position * kFanOut + 1;
        if (first >= heap_.size()) {
            break;
        }
        const std::size_t end = std::min(first + kFanOut, heap_.size());
        std::size_t least = first;
        for (std::size_t child = first + 1; child < end; ++child) {
            if (is_before(heap_[child], heap_[least])) {
                least = child;
            }
        }
        if (!is_before(heap_[least], node)) {
            break;
        }
        place(position, heap_[least]);
        position = least;
    }
    place(position, node);
}

void TimerQueue::free_slot(Slot& slot) {
    slot.listener = nullptr;
    // Zero is never a generation: a TimerId of value 0 means none.
    slot.generation = slot.generation == 0xffffffff ? 1 : slot.generation + 1;
    slot.position = first_free_;
    first_free_ = static_cast<std::uint32_t>(&slot - slots_.data());
}

void TimerQueue::remove_at(std::size_t position) {
    free_slot(slots_[heap_[position].slot]);
    const Node last = heap_.back();
    heap_.pop_back();
    if (position == heap_.size()) {
        return;
    }
    if (position > 0 && is_before(last, heap_[(position - 1) / kFanOut])) {
        sift_up(position, last);
    } else {
        sift_down(position, last);
    }
}

void TimerQueue::fire_due(TimePoint now) {
    firing_.swap(line_);
    for (std::size_t left = heap_.size(); left > 0; --left) {
        const auto expired = take_due(now);
        if (!expired) {
            break;
        }
        expired->listener->on_timer(expired->key);
    }
    for (const TimerId timer : firing_) {
        if (Slot* slot = find(timer)) {
            const Slot fired = *slot;
            free_slot(*slot);
            fired.listener->on_timer(fired.key);
        }
    }
    firing_.clear();
}

}  // namespace boom::net
