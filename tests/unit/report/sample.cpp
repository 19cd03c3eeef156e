#include "unit/report/sample.hpp"

#include "stats/recorder.hpp"

#include <chrono>

namespace boom::test {
namespace {

using namespace std::chrono_literals;
using stats::Outcome;
using stats::StepKind;

constexpr base::Duration kMeasured = 10s;

stats::Snapshot record(const stats::Catalog& catalog) {
    stats::Recorder recorder(catalog);
    for (int i = 1; i <= 1000; ++i) {
        stats::Sample sample;
        sample.step = {0};
        sample.status = i <= 10 ? 503 : 200;
        sample.outcome = i <= 10 ? Outcome::BadStatus : Outcome::Passed;
        sample.message = i <= 10 ? "status 503" : "";
        sample.response_time = std::chrono::milliseconds(i);
        sample.service_time = std::chrono::milliseconds(i) - 500us;
        sample.at = std::chrono::milliseconds(9 * i);
        sample.bytes_sent = 100;
        sample.bytes_received = 2000;
        recorder.record(sample);
    }
    for (int i = 0; i < 5; ++i) {
        stats::Sample refused;
        refused.step = {0};
        refused.outcome = Outcome::ConnectRefused;
        refused.message = "connection refused";
        refused.service_time = 3ms;
        refused.at = 4s + std::chrono::seconds(i);
        recorder.record(refused);
    }
    for (int i = 0; i < 100; ++i) {
        stats::Sample login;
        login.step = {1};
        login.status = 201;
        login.response_time = 20ms;
        login.service_time = 20ms;
        login.bytes_sent = 50;
        login.bytes_received = 70;
        recorder.record(login);
        recorder.record_transaction({3}, i >= 10, 250ms);
        recorder.record_lateness(std::chrono::microseconds(i));
    }
    recorder.iterations() = {102, 85, 15, 0, 2};
    recorder.connections() = {20, 1080, 5, 1105};
    return recorder.take();
}

void add_timeline(report::Result& result) {
    for (int second = 0; second < 10; ++second) {
        stats::TimelineRow row;
        row.t_s = second;
        row.users = second < 2 ? 10 * (second + 1) : 20;
        row.target_users = 20;
        row.workers = 2;
        row.requests = 110 + (second < 5 ? 1 : 0);
        row.failures = second == 0 ? 10 : second >= 4 && second < 9 ? 1 : 0;
        row.bytes_received = 200'700;
        row.p50_us = 100'000 + 1000 * second;
        row.p95_us = 200'000 + 1000 * second;
        row.p99_us = 300'000 + 1000 * second;
        result.timeline.push_back(row);
    }
}

void add_workers(report::Result& result) {
    report::WorkerResult first;
    first.id = "box1-4711";
    first.name = "w1";
    first.room = "north";
    first.users_peak = 10;
    first.requests = 600;
    first.failures = 9;
    first.cpu_percent_max = 42.5;
    first.lateness_p99_us = 98;
    report::WorkerResult second = first;
    second.id = "box2-4712";
    second.name = "w2";
    second.room = "";
    second.requests = 505;
    second.failures = 6;
    second.is_lost = true;
    result.workers = {first, second};
}

void add_run(report::RunInfo& run) {
    run.id = "20261121-014533-9f3a6c01";
    run.cases = {{"shop", "testcases/shop.yml", std::string(64, 'a')}};
    run.started_at = "2026-11-21T01:45:33Z";
    run.duration_s = base::to_seconds(kMeasured);
    run.state = report::RunState::Finished;
    run.is_degraded = true;
    run.notes = {"worker box2-4712 was lost at 8 s: its share moved to the others"};
    run.profile = {{"spawn-count", {"20"}},
                   {"run-time", {"10s"}},
                   {"no-verify", {"false"}},
                   {"header", {"A: 1", "B: 2"}}};
    run.tags = {{"build", "17"}};
}

}  // namespace

SampleRun make_sample_run() {
    SampleRun run;
    run.catalog.steps = {{"get item", "shop", StepKind::Request, "GET"},
                         {"login", "shop", StepKind::Request, "POST"},
                         {"idle", "shop", StepKind::Request, "PUT"},
                         {"Action", "shop", StepKind::Transaction, ""}};
    run.totals = record(run.catalog);
    report::Result& result = run.result;
    result.version = "0.1.0";
    add_run(result.run);
    add_workers(result);
    const stats::StepStats nothing;
    for (std::size_t i = 0; i < run.catalog.steps.size(); ++i) {
        const auto* step =
            run.totals.find(stats::kMainPhase, stats::StepId{static_cast<std::int32_t>(i)});
        result.steps.push_back(
            stats::summarize(run.catalog.steps[i], step != nullptr ? *step : nothing, kMeasured));
    }
    result.total =
        stats::summarize_total(run.totals.total(stats::kMainPhase, run.catalog), kMeasured);
    result.iterations = run.totals.iterations;
    result.transactions = run.totals.transactions;
    result.connections = run.totals.connections;
    result.errors = {
        {"status", "status 503", "get item", 10, 0.009, 0.09, 5000, 10000, 10000},
        {"connect refused", "connection refused", "get item", 5, 4, 8, 3000, 3000, 3000}};
    result.errors[1].workers = {{"box1-4711", 4}, {"box2-4712", 1}};
    result.events = {{0, "start", "20 users on 2 workers", ""},
                     {8, "lost", "no heartbeat for 3 s", "box2-4712"}};
    result.health.asked = 20;
    result.health.reached = 20;
    result.health.lateness = stats::summarize(run.totals.lateness);
    add_timeline(result);
    result.users = 20;
    result.target_users = 20;
    result.workers_active = 2;
    result.state_name = "running";
    result.state_number = 3;
    return run;
}

report::IntervalReport as_interval(const SampleRun& run) {
    report::IntervalReport interval;
    interval.delta = std::make_shared<const stats::Snapshot>(run.totals);
    interval.totals = std::make_shared<const stats::Snapshot>(run.totals);
    interval.interval_s = 10;
    interval.view = std::make_shared<const report::Result>(run.result);
    return interval;
}

}  // namespace boom::test
