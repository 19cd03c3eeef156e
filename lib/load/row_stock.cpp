#include "load/row_stock.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace boom::load {
namespace {

constexpr std::int64_t kMaxRows = std::numeric_limits<std::uint32_t>::max();

struct Cursor {
    std::int64_t next = 0;
    std::int64_t end = 0;
};

Cursor unpack(std::uint64_t word) {
    return {static_cast<std::int64_t>(word & 0xFFFF'FFFFU), static_cast<std::int64_t>(word >> 32)};
}

std::uint64_t pack(Cursor cursor) {
    return static_cast<std::uint64_t>(cursor.next) | (static_cast<std::uint64_t>(cursor.end) << 32);
}

}  // namespace

std::optional<std::int64_t> RowStock::take() {
    std::uint64_t word = cursor_.load(std::memory_order_acquire);
    while (true) {
        const Cursor cursor = unpack(word);
        if (cursor.next >= cursor.end) {
            return std::nullopt;
        }
        if (cursor_.compare_exchange_weak(word, pack({cursor.next + 1, cursor.end}),
                                          std::memory_order_acq_rel)) {
            return row_at(cursor.next);
        }
    }
}

std::optional<std::int64_t> RowStock::take_again() {
    const std::int64_t end = unpack(cursor_.load(std::memory_order_acquire)).end;
    if (end == 0) {
        return std::nullopt;
    }
    const std::uint64_t lap = laps_.fetch_add(1, std::memory_order_relaxed);
    return row_at(static_cast<std::int64_t>(lap % static_cast<std::uint64_t>(end)));
}

std::int64_t RowStock::taken() const {
    return unpack(cursor_.load(std::memory_order_acquire)).next;
}

std::int64_t RowStock::left() const {
    const Cursor cursor = unpack(cursor_.load(std::memory_order_acquire));
    return cursor.end - cursor.next;
}

// What is below the end of a cursor that was read is never changed: only what lies above is.
std::int64_t RowStock::row_at(std::int64_t position) const {
    const Segments& segments = *segments_.load(std::memory_order_acquire);
    const auto after =
        std::upper_bound(segments.begin(), segments.end(), position,
                         [](std::int64_t p, const Segment& one) { return p < one.position; });
    const Segment& segment = *std::prev(after);
    return segment.row + (position - segment.position);
}

void RowStock::publish(Segments segments) {
    kept_.push_back(std::make_unique<const Segments>(std::move(segments)));
    segments_.store(kept_.back().get(), std::memory_order_release);
}

bool RowStock::add(std::int64_t begin, std::int64_t end) {
    // Only this thread moves the end.
    const std::int64_t held = unpack(cursor_.load(std::memory_order_acquire)).end;
    if (begin < 0 || begin > end || end - begin > kMaxRows - held) {
        return false;
    }
    if (begin == end) {
        return true;
    }
    Segments segments = kept_.empty() ? Segments() : *kept_.back();
    std::erase_if(segments, [held](const Segment& one) { return one.position >= held; });
    const bool follows =
        !segments.empty() && segments.back().row + (held - segments.back().position) == begin;
    if (!follows) {
        segments.push_back({held, begin});
    }
    publish(std::move(segments));
    std::uint64_t word = cursor_.load(std::memory_order_acquire);
    while (!cursor_.compare_exchange_weak(word, pack({unpack(word).next, held + (end - begin)}),
                                          std::memory_order_acq_rel)) {
    }
    return true;
}

std::vector<RowRange> RowStock::give_back(std::int64_t most) {
    std::uint64_t word = cursor_.load(std::memory_order_acquire);
    Cursor before;
    std::int64_t count = 0;
    do {
        before = unpack(word);
        count = std::clamp<std::int64_t>(most, 0, before.end - before.next);
    } while (!cursor_.compare_exchange_weak(word, pack({before.next, before.end - count}),
                                            std::memory_order_acq_rel));
    std::vector<RowRange> result;
    std::int64_t end = before.end;
    const std::int64_t begin = before.end - count;
    if (count == 0) {
        return result;
    }
    const Segments& segments = *kept_.back();
    for (auto segment = segments.rbegin(); segment != segments.rend() && end > begin; ++segment) {
        if (segment->position >= end) {
            continue;
        }
        const std::int64_t from = std::max(begin, segment->position);
        const std::int64_t first = segment->row + (from - segment->position);
        result.push_back({0, first, first + (end - from)});
        end = from;
    }
    std::reverse(result.begin(), result.end());
    return result;
}

}  // namespace boom::load
