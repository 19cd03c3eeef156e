#pragma once
// When users start and leave in the closed model.

#include "load/curve.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace boom::load {

// User n of the fleet starts when the curve rises through n and leaves when it falls to n; so those
// wanted are always the lowest ordinals, whoever owns them, and the union over any split is the
// schedule of one. One thread.
class UserSchedule {
public:
    // `ordinals` are ours, ascending.
    UserSchedule(Curve target, std::vector<std::int64_t> ordinals);

    struct Change {
        enum class Kind { Start, Leave };
        Kind kind = Kind::Start;
        std::int64_t ordinal = 0;
        base::Duration due{};
        bool operator==(const Change&) const = default;
    };
    // The next change, in order of time; empty when there is none any more.
    [[nodiscard]] std::optional<Change> next() const;
    void take();
    // Takes everything that is due, and the state before the first point.
    void skip_to(base::Duration now);
    // The first this many of our ordinals are wanted.
    [[nodiscard]] std::size_t wanted() const { return wanted_; }
    [[nodiscard]] const std::vector<std::int64_t>& ordinals() const { return ordinals_; }

private:
    void find_next();

    Curve target_;
    std::vector<std::int64_t> ordinals_;
    std::size_t segment_ = 0;  // ends at this point of the curve
    std::size_t wanted_ = 0;
    std::optional<Change> next_;
};

}  // namespace boom::load
