#include "wire/share_codec.hpp"

#include "wire/times.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace boom::wire {
namespace {

// More than any profile has; a message cannot make us build endless ones.
constexpr int kMaxPoints = 100'000;
constexpr int kMaxStreams = 1'000;

void put(const load::Curve& curve, pb::Curve& out) {
    for (const load::Point& point : curve.points()) {
        out.add_at_ns(point.at.count());
        out.add_value(point.value);
    }
    out.set_base(curve.base());
}

std::optional<load::Curve> take(const pb::Curve& in) {
    if (in.at_ns_size() != in.value_size() || in.at_ns_size() > kMaxPoints ||
        !std::isfinite(in.base()) || in.base() < 0) {
        return std::nullopt;
    }
    std::vector<load::Point> points;
    for (int i = 0; i < in.at_ns_size(); ++i) {
        points.push_back({base::Duration(in.at_ns(i)), in.value(i)});
    }
    if (!load::is_curve(points)) {
        return std::nullopt;
    }
    return load::Curve(std::move(points), in.base());
}

}  // namespace

void put_load(const Share& share, pb::Share& out) {
    for (const StreamShare& stream : share.streams) {
        pb::StreamShare& p = *out.add_streams();
        put(stream.target, *p.mutable_target());
        for (const std::int64_t users : stream.users) {
            p.add_users(users);
        }
        p.set_first_ordinal(stream.first_ordinal);
    }
    if (share.ceiling) {
        put(*share.ceiling, *out.mutable_ceiling());
    }
    out.set_from_ns(share.from.count());
}

bool take_load(const pb::Share& in, Share& share) {
    if (in.streams_size() > kMaxStreams) {
        return false;
    }
    for (const pb::StreamShare& p : in.streams()) {
        auto target = take(p.target());
        const std::vector<std::int64_t> users(p.users().begin(), p.users().end());
        const bool is_negative =
            std::any_of(users.begin(), users.end(), [](std::int64_t count) { return count < 0; });
        if (!target || is_negative || users.size() != share.users.size()) {
            return false;
        }
        share.streams.push_back({std::move(*target), users, p.first_ordinal()});
    }
    if (in.has_ceiling()) {
        share.ceiling = take(in.ceiling());
    }
    share.from = base::Duration(in.from_ns());
    return can_be(share.from) && share.ceiling.has_value() == in.has_ceiling();
}

}  // namespace boom::wire
