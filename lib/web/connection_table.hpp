#pragma once
// How long each open connection has been busy with the same thing, so that a peer that sends or
// reads one byte at a time is cut off. Times are given; nothing waits here.

#include "base/units.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace boom::web {

// From the first byte (or the answer before) to the end of a request.
inline constexpr base::Duration kRequestLimit = std::chrono::seconds(60);
// From the end of a request to the last byte of its answer. Event streams have no limit.
inline constexpr base::Duration kAnswerLimit = std::chrono::seconds(120);

// Any thread.
class ConnectionTable {
public:
    void opened(int descriptor, base::TimePoint now);
    void closed(int descriptor);
    enum class Phase { Request, Answer, Stream };
    void entered(int descriptor, Phase phase, base::TimePoint now);
    // Calls `cut` for each that is over its limit, once; under the lock, so that the descriptor is
    // still the connection's own.
    void sweep(base::TimePoint now, const std::function<void(int)>& cut);

private:
    struct State {
        Phase phase = Phase::Request;
        base::TimePoint since{};
        bool is_cut = false;
    };
    std::mutex mutex_;
    std::map<int, State> states_;  // by descriptor
};

}  // namespace boom::web
