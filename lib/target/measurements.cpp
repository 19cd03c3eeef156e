#include "target/measurements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

namespace boom::target {
namespace {

std::string list(const std::vector<std::int64_t>& values) {
    return fmt::format("[{}]", fmt::join(values, ","));
}

std::string summary(std::vector<std::int64_t> values_ns) {
    constexpr std::array<std::pair<const char*, double>, 6> kQuantiles{
        {{"p50", 0.5}, {"p75", 0.75}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}}};
    if (values_ns.empty()) {
        return "{}";
    }
    std::sort(values_ns.begin(), values_ns.end());
    double sum = 0;
    for (const std::int64_t value : values_ns) {
        sum += static_cast<double>(value);
    }
    const auto us = [](std::int64_t ns) { return static_cast<double>(ns) / 1000; };
    const auto count = static_cast<double>(values_ns.size());
    std::string text =
        fmt::format(R"({{"min":{:.3f},"mean":{:.3f})", us(values_ns.front()), sum / count / 1000);
    for (const auto& [name, share] : kQuantiles) {
        const auto rank = static_cast<std::size_t>(std::ceil(share * count));
        text +=
            fmt::format(R"(,"{}":{:.3f})", name, us(values_ns[std::max<std::size_t>(rank, 1) - 1]));
    }
    return text + fmt::format(R"(,"max":{:.3f}}})", us(values_ns.back()));
}

}  // namespace

void Measurements::arrived(std::string_view path, base::TimePoint at) {
    const std::lock_guard lock(mutex_);
    if (arrivals_.size() == kMaxKept) {
        ++arrivals_lost_;
        return;
    }
    arrivals_.push_back({(at - since_).count(), std::hash<std::string_view>{}(path)});
}

base::Duration Measurements::draw(const Distribution& distribution) {
    const std::lock_guard lock(mutex_);
    return distribution.draw(rng_);
}

void Measurements::held(base::Duration drawn, base::Duration held) {
    const std::lock_guard lock(mutex_);
    if (holds_.size() == kMaxKept) {
        ++holds_lost_;
        return;
    }
    holds_.push_back({drawn.count(), held.count()});
}

void Measurements::reset(base::TimePoint now) {
    const std::lock_guard lock(mutex_);
    since_ = now;
    arrivals_ = {};
    holds_ = {};
    arrivals_lost_ = holds_lost_ = 0;
}

std::string Measurements::arrivals_json(const Slice& slice) const {
    const std::size_t hash = std::hash<std::string_view>{}(slice.path);
    std::vector<std::int64_t> values;
    std::size_t count = 0;
    std::int64_t lost = 0;
    {
        const std::lock_guard lock(mutex_);
        lost = arrivals_lost_;
        for (const Arrival& arrival : arrivals_) {
            if (!slice.path.empty() && arrival.path_hash != hash) {
                continue;
            }
            if (count >= slice.first && values.size() < slice.limit) {
                values.push_back(arrival.since_ns);
            }
            ++count;
        }
    }
    // Threads wait for the lock in no order.
    std::sort(values.begin(), values.end());
    return fmt::format(R"({{"count":{},"not_kept":{},"first":{},"ns":{}}})", count, lost,
                       slice.first, list(values));
}

std::string Measurements::delays_json(Values values) const {
    std::vector<std::int64_t> drawn;
    std::vector<std::int64_t> held;
    std::int64_t lost = 0;
    {
        const std::lock_guard lock(mutex_);
        lost = holds_lost_;
        drawn.reserve(holds_.size());
        held.reserve(holds_.size());
        for (const Hold& hold : holds_) {
            drawn.push_back(hold.drawn_ns);
            held.push_back(hold.held_ns);
        }
    }
    const std::string all = values == Values::All ? fmt::format(R"(,"drawn_ns":{},"held_ns":{})",
                                                                list(drawn), list(held))
                                                  : std::string();
    const std::size_t count = drawn.size();
    return fmt::format(R"({{"count":{},"not_kept":{},"drawn_us":{},"held_us":{}{}}})", count, lost,
                       summary(std::move(drawn)), summary(std::move(held)), all);
}

}  // namespace boom::target
