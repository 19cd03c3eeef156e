#include "report/compare.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace boom::report {
namespace {

constexpr double kZ = 2.576;                 // 99 %, two-sided
constexpr double kMostEffect = 10'000;       // no run hangs together more than this
constexpr double kLeastErrorChange = 0.001;  // absolute; below it an error ratio is the same

stats::Histogram decode(const stats::Distribution& d) {
    const auto bytes = base::decode_base64(d.hdr);
    stats::Histogram::Moments moments;
    moments.min_us = d.min;
    moments.max_us = d.max;
    auto histogram =
        bytes ? stats::Histogram::decode(*bytes, moments) : std::optional<stats::Histogram>();
    return histogram ? std::move(*histogram) : stats::Histogram();
}

// What one run knows of one step.
struct Side {
    const stats::StepSummary* step = nullptr;
    stats::Histogram times;
    DesignEffect effect;
    double seconds = 0;

    [[nodiscard]] bool has_times() const { return step != nullptr && !times.is_empty(); }
    // So many independent samples would say as much.
    [[nodiscard]] double effective(double design_effect) const {
        return std::max(1.0, static_cast<double>(times.count()) / design_effect);
    }
};

Side make_side(const stats::StepSummary* step, const Result& run, const DesignEffect& effect) {
    Side side;
    side.step = step;
    side.effect = effect;
    side.seconds = run.run.duration_s;
    if (step != nullptr) {
        side.times = decode(step->response_time);
    }
    return side;
}

enum class Good { Low, High };

Change::Verdict judge(double relative, bool is_significant, double fail_over, Good good) {
    if (!is_significant || std::abs(relative) <= fail_over) {
        return Change::Verdict::Same;
    }
    return (relative > 0) == (good == Good::High) ? Change::Verdict::Better
                                                  : Change::Verdict::Worse;
}

bool differ(double a, double b, double variance) {
    return variance > 0 ? std::abs(a - b) > kZ * std::sqrt(variance) : std::abs(a - b) > 0;
}

Change percentile_change(const Side& base, const Side& other, double percent, double fail_over) {
    Change change;
    if (!other.has_times()) {
        return change;
    }
    change.value = static_cast<double>(other.times.percentile_us(percent));
    if (&base == &other || !base.has_times()) {
        return change;
    }
    const double before = static_cast<double>(base.times.percentile_us(percent));
    const Interval a =
        percentile_interval(base.times, percent, base.effective(base.effect.of_percentiles));
    const Interval b =
        percentile_interval(other.times, percent, other.effective(other.effect.of_percentiles));
    change.is_significant = a.high < b.low || b.high < a.low;
    if (before > 0) {
        change.relative = (*change.value - before) / before;
        change.verdict = judge(*change.relative, change.is_significant, fail_over, Good::Low);
    }
    return change;
}

Change mean_change(const Side& base, const Side& other, double fail_over) {
    Change change;
    if (!other.has_times()) {
        return change;
    }
    const stats::Distribution& b = other.step->response_time;
    change.value = b.mean;
    if (&base == &other || !base.has_times()) {
        return change;
    }
    const stats::Distribution& a = base.step->response_time;
    change.is_significant = differ(a.mean, b.mean,
                                   a.stddev * a.stddev / base.effective(base.effect.of_mean) +
                                       b.stddev * b.stddev / other.effective(other.effect.of_mean));
    if (a.mean > 0) {
        change.relative = (b.mean - a.mean) / a.mean;
        change.verdict = judge(*change.relative, change.is_significant, fail_over, Good::Low);
    }
    return change;
}

Change error_change(const Side& base, const Side& other, double fail_over) {
    Change change;
    if (other.step == nullptr || other.step->requests == 0) {
        return change;
    }
    change.value = other.step->error_ratio;
    if (&base == &other || base.step == nullptr || base.step->requests == 0) {
        return change;
    }
    const auto n = static_cast<double>(base.step->requests);
    const auto m = static_cast<double>(other.step->requests);
    const double pooled = static_cast<double>(base.step->failures + other.step->failures) / (n + m);
    const double a = base.step->error_ratio;
    const double b = *change.value;
    // One failure moves a ratio by itself: the variance is never taken as less than that.
    const double variance = std::max(pooled * (1 - pooled), 1 / (n + m)) * (1 / n + 1 / m) *
                            std::max(base.effect.of_percentiles, other.effect.of_percentiles);
    change.is_significant = differ(a, b, variance) && std::abs(a - b) > kLeastErrorChange;
    if (a > 0) {
        change.relative = (b - a) / a;
    }
    // From none to some is worse by any measure.
    change.verdict = judge(a > 0   ? *change.relative
                           : b > 0 ? fail_over + 1
                                   : 0,
                           change.is_significant, fail_over, Good::Low);
    return change;
}

Change rate_change(const Side& base, const Side& other, double fail_over) {
    Change change;
    if (other.step == nullptr || other.seconds <= 0) {
        return change;
    }
    change.value = other.step->requests_per_second;
    if (&base == &other || base.step == nullptr || base.seconds <= 0) {
        return change;
    }
    const double a = base.step->requests_per_second;
    const double b = *change.value;
    change.is_significant = differ(a, b,
                                   base.effect.of_percentiles * a / base.seconds +
                                       other.effect.of_percentiles * b / other.seconds);
    if (a > 0) {
        change.relative = (b - a) / a;
        change.verdict = judge(*change.relative, change.is_significant, fail_over, Good::High);
    }
    return change;
}

StepRow make_row(const stats::StepInfo& info, const std::vector<Side>& sides, double fail_over) {
    StepRow row;
    row.info = info;
    const auto add = [&](std::string_view name, bool is_time, const auto& measure) {
        FigureRow figure{name, is_time, {}};
        for (const Side& side : sides) {
            figure.changes.push_back(measure(sides.front(), side));
        }
        row.figures.push_back(std::move(figure));
    };
    for (const Side& side : sides) {
        row.is_there.push_back(side.step != nullptr);
    }
    add("rps", false, [&](const Side& a, const Side& b) { return rate_change(a, b, fail_over); });
    add("error_ratio", false,
        [&](const Side& a, const Side& b) { return error_change(a, b, fail_over); });
    add("mean", true, [&](const Side& a, const Side& b) { return mean_change(a, b, fail_over); });
    constexpr std::array<std::pair<std::string_view, double>, 4> kPercentiles{
        {{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}}};
    for (const auto& [name, percent] : kPercentiles) {
        add(name, true, [&, p = percent](const Side& a, const Side& b) {
            return percentile_change(a, b, p, fail_over);
        });
    }
    // One sample decides the maximum: shown, never judged.
    add("max", true, [](const Side& a, const Side& b) {
        Change change;
        if (b.has_times()) {
            change.value = static_cast<double>(b.step->response_time.max);
            const double before =
                a.has_times() ? static_cast<double>(a.step->response_time.max) : 0;
            if (&a != &b && before > 0) {
                change.relative = (*change.value - before) / before;
            }
        }
        return change;
    });
    return row;
}

// A worker's machine: its id without the random tail.
std::set<std::string> machines(const Result& run) {
    std::set<std::string> names;
    for (const WorkerResult& worker : run.workers) {
        names.insert(worker.id.substr(0, worker.id.rfind('_')));
    }
    return names;
}

std::string different_keys(const Result& a, const Result& b) {
    std::string keys;
    const auto look = [&](const Result& from, const Result& into, bool is_first) {
        for (const auto& setting : from.run.profile) {
            const auto& others = into.run.profile;
            const auto found = std::find_if(others.begin(), others.end(), [&](const auto& other) {
                return other.first == setting.first;
            });
            const bool differs =
                found == others.end() || (is_first && found->second != setting.second);
            if (differs && setting.first != "seed") {
                keys += (keys.empty() ? "" : ", ") + setting.first;
            }
        }
    };
    look(a, b, true);
    look(b, a, false);
    return keys;
}

void add_warnings(Comparison& comparison) {
    const Result& base = *comparison.runs.front();
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const Result& run = *comparison.runs[i];
        const auto warn = [&](const std::string& text) {
            comparison.warnings.push_back(comparison.names[i] + ": " + text);
        };
        if (run.run.state != RunState::Finished) {
            warn("the run was not finished");
        }
        if (run.run.is_degraded) {
            warn("the run was degraded");
        }
        if (run.health.limited_by) {
            warn("the generator was limited by " + *run.health.limited_by);
        }
        if (i == 0) {
            continue;
        }
        const auto same_case = [](const CaseInfo& a, const CaseInfo& b) {
            return a.sha256 == b.sha256 && a.name == b.name;
        };
        if (!std::equal(run.run.cases.begin(), run.run.cases.end(), base.run.cases.begin(),
                        base.run.cases.end(), same_case)) {
            warn("another test case, or another version of it");
        }
        if (const std::string keys = different_keys(base, run); !keys.empty()) {
            warn("another profile: " + keys);
        }
        if (machines(run) != machines(base)) {
            warn("other machines made the load");
        }
        if (run.version != base.version) {
            warn(fmt::format("boom {} and not {}", run.version, base.version));
        }
    }
}

const stats::StepSummary* find_step(const Result& run, const stats::StepInfo& info) {
    for (const stats::StepSummary& step : run.steps) {
        if (step.info.name == info.name && step.info.method == info.method &&
            step.info.case_name == info.case_name && step.info.kind == info.kind) {
            return &step;
        }
    }
    return nullptr;
}

}  // namespace

Interval percentile_interval(const stats::Histogram& samples, double percent, double effective) {
    const double p = percent / 100;
    const double spread = kZ * std::sqrt(p * (1 - p) / std::max(effective, 1.0));
    return {static_cast<double>(samples.percentile_us(100 * std::clamp(p - spread, 0.0, 1.0))),
            static_cast<double>(samples.percentile_us(100 * std::clamp(p + spread, 0.0, 1.0)))};
}

DesignEffect design_effect(const Result& result) {
    const stats::Histogram times = decode(result.total.response_time);
    std::vector<double> medians;
    double requests = 0;
    for (const stats::TimelineRow& row : result.timeline) {
        if (row.requests > 0 && row.p50_us > 0) {
            medians.push_back(static_cast<double>(row.p50_us));
            requests += static_cast<double>(row.requests);
        }
    }
    constexpr std::size_t kLeastRows = 5;  // fewer tell nothing about how they differ
    if (medians.size() < kLeastRows || times.is_empty()) {
        return {};
    }
    const auto rows = static_cast<double>(medians.size());
    double mean = 0;
    for (const double median : medians) {
        mean += median / rows;
    }
    double variance = 0;
    for (const double median : medians) {
        variance += (median - mean) * (median - mean) / (rows - 1);
    }
    const Interval expected = percentile_interval(times, 50, requests / rows);
    const double deviation = std::max((expected.high - expected.low) / (2 * kZ), 0.5);
    const double stddev = std::max(result.total.response_time.stddev, 0.5);
    DesignEffect effect;
    effect.of_percentiles = std::clamp(variance / (deviation * deviation), 1.0, kMostEffect);
    effect.of_mean = std::clamp(variance * requests / rows / (stddev * stddev), 1.0, kMostEffect);
    return effect;
}

Comparison compare(const std::vector<NamedResult>& runs, double fail_over) {
    BOOM_ASSERT(runs.size() >= 2);
    Comparison comparison;
    comparison.fail_over = fail_over;
    std::vector<DesignEffect> effects;
    std::vector<stats::StepInfo> infos;
    for (const NamedResult& run : runs) {
        comparison.names.push_back(run.name);
        comparison.runs.push_back(run.result);
        effects.push_back(design_effect(*run.result));
        for (const stats::StepSummary& step : run.result->steps) {
            const auto is_same = [&](const stats::StepInfo& info) {
                return info.name == step.info.name && info.method == step.info.method &&
                       info.case_name == step.info.case_name && info.kind == step.info.kind;
            };
            if (std::none_of(infos.begin(), infos.end(), is_same)) {
                infos.push_back(step.info);
            }
        }
    }
    add_warnings(comparison);
    const auto add = [&](const stats::StepInfo& info, const auto& find) {
        std::vector<Side> sides;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            sides.push_back(make_side(find(*runs[i].result), *runs[i].result, effects[i]));
        }
        comparison.steps.push_back(make_row(info, sides, fail_over));
    };
    for (const stats::StepInfo& info : infos) {
        add(info, [&](const Result& run) { return find_step(run, info); });
    }
    stats::StepInfo total;
    total.name = "Total";
    add(total, [](const Result& run) { return &run.total; });
    comparison.steps.back().is_total = true;
    for (const StepRow& step : comparison.steps) {
        for (const FigureRow& figure : step.figures) {
            for (const Change& change : figure.changes) {
                comparison.worse += change.verdict == Change::Verdict::Worse ? 1 : 0;
                comparison.better += change.verdict == Change::Verdict::Better ? 1 : 0;
            }
        }
    }
    return comparison;
}

}  // namespace boom::report
