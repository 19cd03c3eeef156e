#pragma once
// The events of a turn are dealt with one after the other; meanwhile what the next ones will need
// is fetched into the caches (base/prefetch). That goes by steps, for what one has fetched says
// where the next goes on: the stream, its listener, and what that leads to. One thread.

#include "base/prefetch.hpp"
#include "net/event_loop.hpp"

#include <cstddef>

namespace boom::net {

inline constexpr unsigned kLookAheadSteps = 2 + StreamListener::kPrefetchSteps;

// Calls handle(index) for every index below `count`, and each time kLookAheadSteps indices before,
// one step for each of those between, expect(index, step).
template <typename Expect, typename Handle>
void look_ahead(unsigned count, Expect expect, Handle handle) {
    // With so few nothing is gained.
    constexpr unsigned kFew = 8;
    const unsigned steps = count < kFew ? 0 : kLookAheadSteps;
    for (unsigned now = 0; now < count + steps; ++now) {
        for (unsigned step = 0; step < steps && step <= now; ++step) {
            if (now - step < count) {
                expect(now - step, step);
            }
        }
        if (now >= steps) {
            handle(now - steps);
        }
    }
}

// One of the steps, for a stream with a listener in a SlotTable. A stale id does no harm.
template <typename Streams>
void prefetch_stream(const Streams& streams, StreamId id, unsigned step) {
    constexpr std::size_t kListenerBytes = 128;  // about those of a connection
    if (step == 0) {
        streams.prefetch(id);
        return;
    }
    const auto* stream = streams.find(id);
    if (stream == nullptr || stream->listener == nullptr) {
        return;
    }
    if (step == 1) {
        base::prefetch_bytes(stream->listener, kListenerBytes);
    } else {
        stream->listener->prefetch(static_cast<int>(step) - 2);
    }
}

}  // namespace boom::net
