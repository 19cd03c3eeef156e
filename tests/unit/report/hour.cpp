#include "unit/report/hour.hpp"

#include "base/rng.hpp"

#include <fmt/format.h>

namespace boom::test {
namespace {

constexpr int kSeconds = 3600;
constexpr int kSteps = 200;
constexpr int kWorkers = 20;
constexpr int kSamples = 5000;  // of a step: as many buckets as an hour fills

void add_steps(report::Result& result, base::Rng& rng) {
    stats::StepStats all;
    for (int i = 0; i < kSteps; ++i) {
        stats::StepStats step;
        for (int k = 0; k < kSamples; ++k) {
            const auto us = static_cast<std::int64_t>(1000 + rng.below(1 << (10 + k % 14)));
            step.response_time.record(us);
            step.service_time.record(us - 500);
        }
        step.requests = kSamples;
        step.failures = i;
        step.status = {{200, kSamples - i}, {500, i}};
        const stats::StepInfo info{fmt::format("a step with a name of usual length {}", i), "case",
                                   stats::StepKind::Request, "GET"};
        result.steps.push_back(stats::summarize(info, step, std::chrono::seconds(kSeconds)));
        result.errors.push_back({"status", "status 500", info.name, i, 1, 3599, 1000, 2000, 3000});
        all.add(step);
    }
    result.total = stats::summarize_total(all, std::chrono::seconds(kSeconds));
}

}  // namespace

report::Result make_hour() {
    base::Rng rng(1);
    report::Result result;
    result.version = "1";
    result.run.id = "hour";
    result.run.duration_s = kSeconds;
    add_steps(result, rng);
    for (int i = 0; i < kWorkers; ++i) {
        report::WorkerResult worker;
        worker.id = worker.name = fmt::format("box-{}", i);
        result.workers.push_back(worker);
        for (const char* name : {"cpu", "memory"}) {
            auto& series = result.monitor.emplace_back();
            series.name = name;
            series.source = worker.name;
            series.unit = "ratio";
            for (int second = 0; second < kSeconds; ++second) {
                series.points.emplace_back(second + rng.unit() / 1000, rng.unit());
            }
        }
    }
    for (int second = 0; second < kSeconds; ++second) {
        stats::TimelineRow row;
        row.t_s = second;
        row.users = row.target_users = 10'000;
        row.requests = 100'000 + static_cast<std::int64_t>(rng.below(1000));
        row.failures = static_cast<std::int64_t>(rng.below(1000));
        row.bytes_received = row.requests * 1234;
        row.p50_us = 10'000 + static_cast<std::int64_t>(rng.below(1000));
        row.p95_us = row.p50_us * 2;
        row.p99_us = row.p50_us * 3;
        row.workers = kWorkers;
        result.timeline.push_back(row);
    }
    return result;
}

}  // namespace boom::test
