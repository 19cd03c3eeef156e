// What people and programs see of a master: published by its loop, read by the web server's thread.
#include "boom/master_shell.hpp"
#include "boom/run_result.hpp"
#include "report/files.hpp"

#include <algorithm>
#include <utility>

namespace boom::app {
namespace {

web::WorkerRow describe_peer(const cluster::Peer& peer, base::TimePoint now) {
    web::WorkerRow row;
    row.id = peer.hello.id;
    row.name = peer.hello.name;
    row.room = peer.hello.room;
    row.version = peer.hello.version;
    row.ip = peer.address;
    row.os = peer.hello.os;
    row.arch = peer.hello.arch;
    row.state = static_cast<int>(peer.state);
    row.state_name = cluster::name(peer.state);
    const base::Duration silence = now - peer.last_heard;
    row.heartbeat = std::max(-1, 3 - static_cast<int>(silence / std::chrono::seconds(1)));
    row.user_count = peer.last.users;
    row.worker_cpu_usage = peer.last.worker_cpu_percent;
    row.cpu_usage = peer.last.cpu_percent;
    row.cpu_warning_emitted = peer.last.cpu_percent > 90;
    row.worker_memory_usage = peer.last.worker_memory_percent;
    row.memory_usage = peer.last.memory_percent;
    row.max_users = peer.hello.max_users;
    row.rps = peer.rates.requests;
    row.lag_us = base::to_us(silence);
    row.health = {peer.health, peer.lateness_p99_us};
    return row;
}

void add_refusals(web::MasterRow& row, const base::Refusals& refusals) {
    row.refused_count += refusals.total();
    for (const base::Refusals::Row& one : refusals.rows()) {
        row.refused.push_back({one.address, one.reason, one.count});
    }
}

}  // namespace

std::string MasterShell::report_html() const {
    std::shared_ptr<const report::Result> result;
    {
        const std::lock_guard lock(published_mutex_);
        result = published_.result;
    }
    return report::to_html(result ? *result : report::Result{});
}

std::vector<web::WorkerRow> MasterShell::workers() const {
    const std::lock_guard lock(published_mutex_);
    return published_.workers;
}

std::optional<web::WorkerTotals> MasterShell::worker_totals(const std::string& id) const {
    std::shared_ptr<const report::Result> result;
    {
        const std::lock_guard lock(published_mutex_);
        result = published_.result;
    }
    std::optional<web::WorkerTotals> totals;
    for (const report::WorkerResult& part :
         result ? result->workers : decltype(result->workers){}) {
        if (part.id != id) {
            continue;
        }
        if (!totals) {
            totals.emplace();
            totals->run_id = result->run.id;
        }
        totals->requests += part.requests;
        totals->failures += part.failures;
        totals->users_peak = std::max(totals->users_peak, part.users_peak);
        totals->lateness_p99_us = std::max(totals->lateness_p99_us, part.lateness_p99_us);
        totals->cpu_percent_max = std::max(totals->cpu_percent_max, part.cpu_percent_max);
        totals->is_lost = part.is_lost;
        if (part.health.connects > 0) {
            totals->connect_min_us =
                std::min(totals->connect_min_us.value_or(part.health.connect_min_us),
                         part.health.connect_min_us);
        }
    }
    return totals;
}

web::MasterRow MasterShell::master() const {
    const std::lock_guard lock(published_mutex_);
    return published_.master;
}

std::string MasterShell::stats_json(Detail detail) const {
    static const auto kNothing = std::make_shared<const report::Result>();
    std::shared_ptr<const report::Result> result;
    std::string interval;
    {
        const std::lock_guard lock(published_mutex_);
        result = published_.result ? published_.result : kNothing;
        interval = published_.interval;
    }
    StatsText& kept = stats_texts_[detail == Detail::Brief ? 1 : 0];
    if (detail == Detail::Brief) {
        last_look_ = clock_.now();
    }
    if (kept.of != result) {
        kept = {result,
                detail == Detail::Brief ? brief_json(*result, interval) : report::to_json(*result)};
    }
    return kept.text;
}

std::string MasterShell::metrics_text() const {
    Published view;
    {
        const std::lock_guard lock(published_mutex_);
        view = published_;
    }
    if (!view.result) {
        return report::prometheus_text({}, {}, {});
    }
    return report::prometheus_text(*view.totals, *view.catalog, *view.result);
}

void MasterShell::publish_run(std::shared_ptr<const report::Result> result, const cluster::Run& run,
                              std::string interval) {
    auto totals = std::make_shared<const stats::Snapshot>(run.totals);
    auto catalog = std::make_shared<const stats::Catalog>(run.catalog);
    const std::lock_guard lock(published_mutex_);
    published_.result = std::move(result);
    published_.totals = std::move(totals);
    published_.catalog = std::move(catalog);
    published_.interval = std::move(interval);
}

void MasterShell::publish() {
    if (const cluster::Run* run = master_.run(); run != nullptr && server_ != nullptr) {
        run_events_.follow(*run);
    }
    if (server_ != nullptr && clock_.now() - last_tick_ > std::chrono::seconds(1)) {
        last_tick_ = clock_.now();
        server_->tick();
    }
    Published next;
    next.master.state = static_cast<int>(master_.state());
    next.master.state_name = cluster::name(master_.state());
    next.master.workers = master_.available_workers();
    next.master.target_users = master_.target_users();
    next.master.current_users = master_.current_users();
    if (part_ != nullptr) {
        const bool is_setup = part_->part() == plan::Part::RunSetup;
        next.master.state =
            static_cast<int>(is_setup ? cluster::State::Spawning : cluster::State::Stopping);
        next.master.state_name = is_setup ? "setup" : "teardown";
    }
    if (pending_) {
        const auto wait = pending_->at - std::chrono::system_clock::now();
        next.master.starts_in_s = std::max(0.0, base::to_seconds(wait));
    }
    for (const auto& peer : master_.peers()) {
        web::WorkerRow row = describe_peer(*peer, clock_.now());
        row.target_users = master_.target_users(*peer);
        next.master.rps += row.rps;
        next.workers.push_back(std::move(row));
    }
    if (const cluster::Run* run = master_.run()) {
        next.master.run_id = run->id;
        next.master.elapsed_s = base::to_seconds(master_.elapsed());
        next.master.is_degraded = run->is_degraded;
        next.master.waits = master_.waits();
    }
    if (part_ != nullptr) {
        next.master.waits = {part_->waiting()};
    }
    add_refusals(next.master, master_.refusals());
    {
        const std::lock_guard lock(refusals_mutex_);
        add_refusals(next.master, refusals_);
    }
    const std::lock_guard lock(published_mutex_);
    next.result = std::move(published_.result);
    next.totals = std::move(published_.totals);
    next.catalog = std::move(published_.catalog);
    next.interval = std::move(published_.interval);
    if (next.result) {
        next.master.error_ratio = next.result->total.error_ratio;
    }
    published_ = std::move(next);
}

}  // namespace boom::app
