#include "base/refusals.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace boom::base {
namespace {

constexpr std::size_t kMaxText = 200;

}  // namespace

Refusals::News Refusals::note(std::string_view address, std::string_view reason,
                              std::int64_t count) {
    total_ += count;
    const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const Row& one) {
        return one.address == address && one.reason == reason;
    });
    if (row != rows_.end()) {
        row->count += count;
        return News::Repeated;
    }
    if (rows_.size() < kMostRows) {
        rows_.push_back({shorten(address, kMaxText), shorten(reason, kMaxText), count});
        return News::First;
    }
    return std::exchange(has_told_overflow_, true) ? News::Repeated : News::First;
}

}  // namespace boom::base
