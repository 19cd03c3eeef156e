#pragma once
// Unique rows travel as leases: the master owns all rows, a worker holds ranges of them and gives
// back what it did not use (design D10).

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace boom::load {

// Rows begin … end - 1 of the unique rows of one case.
struct RowRange {
    std::int32_t case_index = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    [[nodiscard]] std::int64_t size() const { return end - begin; }
    bool operator==(const RowRange&) const = default;
};

// Gives back this fraction of what is left.
struct Fraction {
    std::int64_t part = 1;
    std::int64_t whole = 1;
    bool operator==(const Fraction&) const = default;
};

// The unique rows of one case that one worker holds; they go out in the order in which they came.
// take(), take_again() and taken() are for any thread and without a lock; the rest is for the
// control thread. At most 2^32 - 1 rows in the life of a stock.
class RowStock {
public:
    // The next row; none is left: empty. No row comes twice.
    [[nodiscard]] std::optional<std::int64_t> take();
    // The same, but after the last row the first one comes again.
    [[nodiscard]] std::optional<std::int64_t> take_again();
    [[nodiscard]] std::int64_t taken() const;
    [[nodiscard]] std::int64_t left() const;

    // False: more than it can hold in its life.
    [[nodiscard]] bool add(std::int64_t begin, std::int64_t end);
    // At most so many rows, from the end: they do not go out any more. `case_index` of the ranges
    // is left to the caller.
    [[nodiscard]] std::vector<RowRange> give_back(std::int64_t most);

private:
    // From this position on, rows follow each other from this one.
    struct Segment {
        std::int64_t position = 0;
        std::int64_t row = 0;
    };
    using Segments = std::vector<Segment>;

    void publish(Segments segments);
    [[nodiscard]] std::int64_t row_at(std::int64_t position) const;

    // The next position in the low half, the end of what is held in the high half: both change
    // together, so that a row is either taken or given back.
    std::atomic<std::uint64_t> cursor_{0};
    std::atomic<std::uint64_t> laps_{0};  // of take_again()
    std::atomic<const Segments*> segments_{nullptr};
    std::vector<std::unique_ptr<const Segments>> kept_;  // somebody may still read an older one
};

}  // namespace boom::load
