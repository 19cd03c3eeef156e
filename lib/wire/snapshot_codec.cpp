#include "wire/snapshot_codec.hpp"

#include <algorithm>
#include <utility>

namespace boom::wire {
namespace {

// More rows than any catalog has; a hostile count must not make us allocate.
constexpr std::uint32_t kMaxSteps = 100'000;
constexpr int kMaxPhases = 1'000;
constexpr int kMaxThreads = 4'096;

void put(const stats::Histogram& histogram, pb::Histogram* (*make)(void*), void* owner) {
    if (histogram.is_empty()) {
        return;
    }
    pb::Histogram& out = *make(owner);
    out.set_hdr(histogram.encode());
    const stats::Histogram::Moments moments = histogram.moments();
    out.set_min_us(moments.min_us);
    out.set_max_us(moments.max_us);
    out.set_sum_us(moments.sum_us);
    out.set_sum_of_squares_us(moments.sum_of_squares_us);
    out.set_sum_of_squares_rest_us(moments.sum_of_squares_rest_us);
}

[[nodiscard]] bool take(bool is_there, const pb::Histogram& in, stats::Histogram& out) {
    if (!is_there) {
        return true;
    }
    auto histogram =
        stats::Histogram::decode(in.hdr(), {in.min_us(), in.max_us(), in.sum_us(),
                                            in.sum_of_squares_us(), in.sum_of_squares_rest_us()});
    if (!histogram) {
        return false;
    }
    out = std::move(*histogram);
    return true;
}

void put_step(const stats::StepStats& step, pb::StepStats& out) {
    out.set_requests(step.requests);
    out.set_failures(step.failures);
    out.set_interrupted(step.interrupted);
    out.set_bytes_sent(step.bytes_sent);
    out.set_bytes_received(step.bytes_received);
    for (const auto& [status, count] : step.status) {
        (*out.mutable_status())[status] = count;
    }
    put(
        step.response_time,
        [](void* o) { return static_cast<pb::StepStats*>(o)->mutable_response_time(); }, &out);
    put(
        step.service_time,
        [](void* o) { return static_cast<pb::StepStats*>(o)->mutable_service_time(); }, &out);
}

bool take_step(const pb::StepStats& in, stats::StepStats& out) {
    out.requests = in.requests();
    out.failures = in.failures();
    out.interrupted = in.interrupted();
    out.bytes_sent = in.bytes_sent();
    out.bytes_received = in.bytes_received();
    for (const auto& [status, count] : in.status()) {
        out.status[status] = count;
    }
    return take(in.has_response_time(), in.response_time(), out.response_time) &&
           take(in.has_service_time(), in.service_time(), out.service_time);
}

bool take_phase(const pb::Phase& in, stats::Snapshot& out) {
    if (in.step_count() > kMaxSteps) {
        return false;
    }
    stats::Phase phase;
    phase.id = in.id();
    phase.steps.resize(in.step_count());
    for (const pb::StepStats& step : in.steps()) {
        if (step.step() >= in.step_count() || !take_step(step, phase.steps[step.step()])) {
            return false;
        }
    }
    if (!out.phases.empty() && out.phases.back().id >= phase.id) {
        return false;
    }
    out.phases.push_back(std::move(phase));
    return true;
}

bool take_named(const pb::NamedStats& in, stats::Snapshot& out) {
    const std::uint32_t step = in.stats().step();
    if (step >= kMaxSteps) {
        return false;
    }
    stats::NameKey key{stats::StepId{static_cast<std::int32_t>(step)}, in.name()};
    return take_step(in.stats(), out.named[std::move(key)]);
}

bool take_error(const pb::ErrorStats& in, stats::Snapshot& out) {
    if (in.outcome() >= static_cast<std::uint32_t>(stats::kOutcomeCount)) {
        return false;
    }
    stats::ErrorKey key;
    key.outcome = static_cast<stats::Outcome>(in.outcome());
    key.step = stats::StepId{in.step()};
    key.message = in.message();
    stats::ErrorStats& error = out.errors[key];
    error.count = in.count();
    error.first = base::Duration(in.first_ns());
    error.last = base::Duration(in.last_ns());
    for (const pb::PartFailures& failures : in.parts()) {
        if (failures.part() == 0 ||
            (!error.parts.empty() && error.parts.back().part >= failures.part())) {
            return false;
        }
        error.parts.push_back({failures.part(), failures.count()});
    }
    return take(in.has_time(), in.time(), error.time);
}

void put(const stats::Health& health, pb::Health& out) {
    out.set_thread_seconds(health.thread_seconds);
    out.set_busy_thread_seconds(health.busy_thread_seconds);
    out.set_loop_busy_percent(health.loop_busy_percent);
    out.set_thread_cpu_percent(health.thread_cpu_percent);
    out.set_loop_lag_us(health.loop_lag_us);
    out.set_sockets(health.sockets);
    out.set_time_wait(health.time_wait);
    out.set_ephemeral_ports(health.ephemeral_ports);
    out.set_descriptors(health.descriptors);
    out.set_descriptor_limit(health.descriptor_limit);
    out.set_seconds(health.seconds);
    out.set_network_seconds(health.network_seconds);
    for (const double percent : health.cpu_percents) {
        out.add_cpu_percents(percent);
    }
    out.set_ports_in_use(health.ports_in_use);
    out.set_queued_bytes(health.queued_bytes);
    out.set_user_us(health.user_us);
    out.set_occupied_us(health.occupied_us);
    out.set_without_row(health.without_row);
    out.set_never_due(health.never_due);
    out.set_users_peak(health.users_peak);
    out.set_cpu_us(health.cpu_us);
    out.set_function_cpu_us(health.function_cpu_us);
    out.set_connects(health.connects);
    out.set_connect_min_us(health.connect_min_us);
    out.set_host_deaths(health.host_deaths);
    out.set_local_connections(health.local_connections);
}

stats::Health take(const pb::Health& in) {
    stats::Health health;
    health.thread_seconds = in.thread_seconds();
    health.busy_thread_seconds = in.busy_thread_seconds();
    health.loop_busy_percent = in.loop_busy_percent();
    health.thread_cpu_percent = in.thread_cpu_percent();
    health.loop_lag_us = in.loop_lag_us();
    health.sockets = in.sockets();
    health.time_wait = in.time_wait();
    health.ephemeral_ports = in.ephemeral_ports();
    health.descriptors = in.descriptors();
    health.descriptor_limit = in.descriptor_limit();
    health.seconds = in.seconds();
    health.network_seconds = in.network_seconds();
    const auto threads = std::min(in.cpu_percents().size(), kMaxThreads);
    health.cpu_percents.assign(in.cpu_percents().begin(), in.cpu_percents().begin() + threads);
    health.ports_in_use = in.ports_in_use();
    health.queued_bytes = in.queued_bytes();
    health.user_us = in.user_us();
    health.occupied_us = in.occupied_us();
    health.without_row = in.without_row();
    health.never_due = in.never_due();
    health.users_peak = in.users_peak();
    health.cpu_us = in.cpu_us();
    health.function_cpu_us = in.function_cpu_us();
    health.connects = in.connects();
    health.connect_min_us = in.connect_min_us();
    health.host_deaths = in.host_deaths();
    health.local_connections = in.local_connections();
    return health;
}

}  // namespace

void to_proto(const stats::Snapshot& snapshot, pb::Snapshot& out) {
    for (const stats::Phase& phase : snapshot.phases) {
        pb::Phase& phase_out = *out.add_phases();
        phase_out.set_id(phase.id);
        phase_out.set_step_count(static_cast<std::uint32_t>(phase.steps.size()));
        for (std::size_t i = 0; i < phase.steps.size(); ++i) {
            if (!phase.steps[i].is_empty()) {
                pb::StepStats& step = *phase_out.add_steps();
                step.set_step(static_cast<std::uint32_t>(i));
                put_step(phase.steps[i], step);
            }
        }
    }
    for (const auto& [key, error] : snapshot.errors) {
        pb::ErrorStats& error_out = *out.add_errors();
        error_out.set_outcome(static_cast<std::uint32_t>(key.outcome));
        error_out.set_step(key.step.value);
        error_out.set_message(key.message);
        error_out.set_count(error.count);
        error_out.set_first_ns(error.first.count());
        error_out.set_last_ns(error.last.count());
        for (const stats::PartFailures& failures : error.parts) {
            pb::PartFailures& failures_out = *error_out.add_parts();
            failures_out.set_part(failures.part);
            failures_out.set_count(failures.count);
        }
        put(
            error.time, [](void* o) { return static_cast<pb::ErrorStats*>(o)->mutable_time(); },
            &error_out);
    }
    for (const auto& [key, stats] : snapshot.named) {
        pb::NamedStats& named = *out.add_named();
        named.set_name(key.name);
        named.mutable_stats()->set_step(static_cast<std::uint32_t>(key.step.value));
        put_step(stats, *named.mutable_stats());
    }
    out.set_iterations_started(snapshot.iterations.started);
    out.set_iterations_finished(snapshot.iterations.finished);
    out.set_iterations_failed(snapshot.iterations.failed);
    out.set_iterations_dropped(snapshot.iterations.dropped);
    out.set_iterations_interrupted(snapshot.iterations.interrupted);
    out.set_transactions_passed(snapshot.transactions.passed);
    out.set_transactions_failed(snapshot.transactions.failed);
    out.set_connections_opened(snapshot.connections.opened);
    out.set_connections_reused(snapshot.connections.reused);
    out.set_connections_failed(snapshot.connections.failed);
    out.set_exchanges(snapshot.connections.exchanges);
    put(
        snapshot.lateness,
        [](void* o) { return static_cast<pb::Snapshot*>(o)->mutable_lateness(); }, &out);
    if (!(snapshot.health == stats::Health{})) {
        put(snapshot.health, *out.mutable_health());
    }
}

bool from_proto(const pb::Snapshot& in, stats::Snapshot& out) {
    if (in.phases_size() > kMaxPhases) {
        return false;
    }
    for (const pb::Phase& phase : in.phases()) {
        if (!take_phase(phase, out)) {
            return false;
        }
    }
    for (const pb::ErrorStats& error : in.errors()) {
        if (!take_error(error, out)) {
            return false;
        }
    }
    for (const pb::NamedStats& named : in.named()) {
        if (!take_named(named, out)) {
            return false;
        }
    }
    out.iterations = {in.iterations_started(), in.iterations_finished(), in.iterations_failed(),
                      in.iterations_dropped(), in.iterations_interrupted()};
    out.transactions = {in.transactions_passed(), in.transactions_failed()};
    out.connections = {in.connections_opened(), in.connections_reused(), in.connections_failed(),
                       in.exchanges()};
    out.health = take(in.health());
    return take(in.has_lateness(), in.lateness(), out.lateness);
}

}  // namespace boom::wire
