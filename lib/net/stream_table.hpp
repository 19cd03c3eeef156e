#pragma once
// The open streams of one loop, in slots that are used again; ids carry the slot's generation.
// References stay valid until their stream is removed. One thread.

#include "net/event_loop.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace boom::net {

struct Stream {
    enum class Phase : std::uint8_t {
        Free,
        Connecting,
        Open,
        Closing,  // nobody's any more: only what is unsent still goes out
    };

    StreamListener* listener = nullptr;
    std::string unsent;
    std::size_t unsent_offset = 0;
    int descriptor = -1;
    int failure = 0;  // errno of a failed connect or send, still to be reported
    std::uint32_t generation = 1;
    Phase phase = Phase::Free;
    bool is_paused = false;
    bool may_have_data = false;  // the edge was seen, the kernel's buffer not yet empty
    bool is_ended = false;       // the peer's end or an error waits behind the data
    bool is_pending = false;     // in the loop's list of streams to look at
    bool owes_sent = false;      // on_sent() is to be called

    [[nodiscard]] std::size_t unsent_bytes() const { return unsent.size() - unsent_offset; }
};
// An idle connection must stay small: 20 000 of them are usual.
static_assert(sizeof(Stream) <= 80);

class StreamTable {
public:
    // The two bits above the generation are free for the loop's own use.
    static constexpr std::uint32_t kMaxGeneration = (std::uint32_t{1} << 30) - 1;

    StreamId add(int descriptor, Stream::Phase phase);
    // Null for a stale id.
    [[nodiscard]] Stream* find(StreamId id);
    [[nodiscard]] const Stream* find(StreamId id) const;
    // REQUIRES: find(id). The descriptor is the caller's to close.
    void remove(StreamId id);
    [[nodiscard]] std::deque<Stream>& slots() { return slots_; }

private:
    std::deque<Stream> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace boom::net
