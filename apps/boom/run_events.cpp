#include "boom/run_events.hpp"

#include "base/text.hpp"
#include "stats/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace boom::app {

void RunEvents::follow(const cluster::Run& run) {
    if (run.id != run_id_) {
        run_id_ = run.id;
        told_ = 0;
        end_s_ = 0;
        log_.begin_run(run.id);
    }
    for (; told_ < run.events.size(); ++told_) {
        const cluster::RunEvent& event = run.events[told_];
        log_.add(web::EventRow{base::to_seconds(event.at), event.kind, event.text, event.worker});
    }
}

void RunEvents::on_interval(const cluster::Master& master, const cluster::Run& run,
                            const stats::Snapshot& delta, double seconds) {
    follow(run);
    const stats::StepStats total = delta.total(stats::kMainPhase, run.catalog);
    web::IntervalRow row;
    row.run_id = run.id;
    row.t_s = end_s_;
    row.length_s = seconds;
    end_s_ += seconds;
    row.users = static_cast<int>(master.current_users());
    row.target_users = static_cast<int>(master.target_users());
    row.workers = master.available_workers();
    row.requests = total.requests;
    row.failures = total.failures;
    row.bytes_received = total.bytes_received;
    row.response_time = stats::summarize(total.response_time);
    row.service_time = stats::summarize(total.service_time);
    row.health = {delta.health, delta.lateness.percentile_us(99)};
    row.heat = web::heat_bands(total.response_time);
    std::map<std::string, std::int64_t> classes;
    for (const auto& [key, error] : delta.errors) {
        classes[std::string(stats::name(key.outcome))] += error.count;
    }
    row.failures_by_class.assign(classes.begin(), classes.end());
    log_.add(std::move(row));
}

void RunEvents::add(const report::Event& event) {
    log_.add(web::EventRow{event.t_s, event.kind, event.text, event.worker});
}

std::string interval_json(const stats::Catalog& catalog, const stats::Snapshot& delta,
                          const stats::Snapshot& known, double seconds) {
    static const stats::StepStats kNothing;
    std::string steps;
    for (const auto& [info, found] : stats::rows_of(catalog, delta, known)) {
        const stats::StepStats& step = found == nullptr ? kNothing : *found;
        const stats::Histogram& times = step.response_time;
        steps += fmt::format(
            R"({}{{"name":"{}","requests":{},"failures":{},"rps":{:.3f},"p50":{},"p95":{},)"
            R"("p99":{},"p999":{},"max":{}}})",
            steps.empty() ? "" : ",", base::escape_json(info.name), step.requests, step.failures,
            static_cast<double>(step.requests) / std::max(seconds, 1e-3), times.percentile_us(50),
            times.percentile_us(95), times.percentile_us(99), times.percentile_us(99.9),
            times.moments().max_us);
    }
    return fmt::format(R"({{"length_s":{:.3f},"steps":[{}]}})", seconds, steps);
}

std::string brief_json(const report::Result& result, const std::string& interval) {
    report::Result brief = result;
    brief.timeline.clear();
    for (stats::StepSummary& step : brief.steps) {
        step.response_time.hdr.clear();
        step.service_time.hdr.clear();
    }
    brief.total.response_time.hdr.clear();
    brief.total.service_time.hdr.clear();
    brief.health.lateness.hdr.clear();
    std::string text = report::to_json(brief);
    text.resize(text.rfind('}'));
    return fmt::format("{},\"interval\":{}}}", text, interval.empty() ? "null" : interval);
}

}  // namespace boom::app
