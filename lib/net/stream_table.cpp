#include "net/stream_table.hpp"

#include "base/assert.hpp"

namespace boom::net {
namespace {

constexpr unsigned kSlotBits = 32;
// What a slot may keep for its successor; a large body's buffer is given back.
constexpr std::size_t kKeptCapacity = 4096;

std::uint32_t slot_of(StreamId id) {
    return static_cast<std::uint32_t>(id.value);
}
std::uint32_t generation_of(StreamId id) {
    return static_cast<std::uint32_t>(id.value >> kSlotBits);
}

}  // namespace

StreamId StreamTable::add(int descriptor, Stream::Phase phase) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    slots_[slot].descriptor = descriptor;
    slots_[slot].phase = phase;
    return StreamId{(std::uint64_t{slots_[slot].generation} << kSlotBits) | slot};
}

const Stream* StreamTable::find(StreamId id) const {
    const std::uint32_t slot = slot_of(id);
    if (slot >= slots_.size()) {
        return nullptr;
    }
    const Stream& stream = slots_[slot];
    const bool is_current =
        stream.phase != Stream::Phase::Free && stream.generation == generation_of(id);
    return is_current ? &stream : nullptr;
}

Stream* StreamTable::find(StreamId id) {
    return const_cast<Stream*>(static_cast<const StreamTable*>(this)->find(id));
}

void StreamTable::remove(StreamId id) {
    Stream* stream = find(id);
    BOOM_ASSERT(stream != nullptr);
    const std::uint32_t generation = stream->generation;
    std::string unsent = std::move(stream->unsent);
    *stream = Stream{};
    if (unsent.capacity() <= kKeptCapacity) {
        unsent.clear();
        stream->unsent = std::move(unsent);
    }
    stream->generation = generation == kMaxGeneration ? 1 : generation + 1;
    free_.push_back(slot_of(id));
}

}  // namespace boom::net
