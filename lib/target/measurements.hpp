#pragma once
// When requests arrived and how long answers were held back: the server's side of what a load
// generator reports about its spacing and its percentiles. Any thread.

#include "base/rng.hpp"
#include "base/units.hpp"
#include "target/distribution.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

namespace boom::target {

class Measurements {
public:
    // 16 bytes each; later ones are only counted.
    static constexpr std::size_t kMaxKept = 1'000'000;

    Measurements(base::TimePoint now, std::uint64_t seed) : since_(now), rng_(seed) {}

    void arrived(std::string_view path, base::TimePoint at);
    [[nodiscard]] base::Duration draw(const Distribution& distribution);
    // A delay that was drawn, and how long the answer was held in truth.
    void held(base::Duration drawn, base::Duration held);
    // The draws go on where they were.
    void reset(base::TimePoint now);

    // Nanoseconds since the reset, in order of arrival; all paths when `path` is empty.
    struct Slice {
        std::string_view path;
        std::size_t first = 0;
        std::size_t limit = kMaxKept;
    };
    [[nodiscard]] std::string arrivals_json(const Slice& slice) const;
    // Exact quantiles (the least value that has at least that share at or below it).
    enum class Values { Summary, All };
    [[nodiscard]] std::string delays_json(Values values) const;

private:
    struct Arrival {
        std::int64_t since_ns = 0;
        std::size_t path_hash = 0;
    };
    struct Hold {
        std::int64_t drawn_ns = 0;
        std::int64_t held_ns = 0;
    };

    mutable std::mutex mutex_;
    base::TimePoint since_;
    std::deque<Arrival> arrivals_;
    std::deque<Hold> holds_;
    std::int64_t arrivals_lost_ = 0;
    std::int64_t holds_lost_ = 0;
    base::Rng rng_;
};

}  // namespace boom::target
