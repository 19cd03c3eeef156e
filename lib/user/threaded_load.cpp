#include "user/threaded_load.hpp"

#include "base/process_usage.hpp"
#include "load/schedule.hpp"
#include "load/split.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace boom::user {

namespace {

// Of the segments sent in a second, those that were sent again; a few may be anything.
constexpr double kLossOfABadNetwork = 0.02;
constexpr double kFewSegments = 100;

// A share that says no more than users and their rate.
std::vector<StreamShare> streams_of(const Share& share) {
    if (!share.streams.empty()) {
        return share.streams;
    }
    StreamShare stream;
    const auto fleet = std::accumulate(share.users.begin(), share.users.end(), std::int64_t{0});
    stream.target = load::Curve(
        load::change_users(0, static_cast<double>(fleet), share.spawn_rate, share.from));
    stream.users = share.users;
    return {stream};
}

void add_stream(std::vector<ThreadShare>& threads, const Share& share, const StreamShare& whole) {
    const std::vector<std::int64_t> mine = load::ordinals_of(whole.users, share.index);
    const auto fleet = std::accumulate(whole.users.begin(), whole.users.end(), std::int64_t{0});
    const std::vector<std::int64_t> equal(threads.size(), 1);
    const std::vector<std::int64_t> parts =
        load::split(static_cast<std::int64_t>(mine.size()), equal);
    const std::vector<std::int32_t> owners = load::stripe(parts);
    const load::Striping worker(whole.users, share.index);
    for (std::size_t t = 0; t < threads.size(); ++t) {
        ThreadStream& part = threads[t].streams.emplace_back();
        part.target = whole.target;
        part.first_ordinal = whole.first_ordinal;
        part.stripe = load::Striping(parts, t).within(worker);
        part.catch_up_rate = share.spawn_rate *
                             static_cast<double>(std::max<std::int64_t>(parts[t], 1)) /
                             static_cast<double>(std::max<std::int64_t>(fleet, 1));
        threads[t].from = share.from;
    }
    for (std::size_t i = 0; i < mine.size(); ++i) {
        threads[static_cast<std::size_t>(owners[i])].streams.back().ordinals.push_back(mine[i]);
    }
}

}  // namespace

std::vector<ThreadShare> split_share(const Share& share, int threads) {
    std::vector<ThreadShare> result(static_cast<std::size_t>(threads));
    for (const StreamShare& stream : streams_of(share)) {
        add_stream(result, share, stream);
    }
    if (!share.ceiling) {
        return result;
    }
    std::vector<std::int64_t> weights;
    for (const ThreadShare& part : result) {
        weights.push_back(part.users());
    }
    const load::Striping worker(share.users, share.index);
    for (std::size_t t = 0; t < result.size(); ++t) {
        result[t].ceiling = {*share.ceiling, load::Striping(weights, t).within(worker)};
    }
    return result;
}

ThreadedLoad::ThreadedLoad(LoadSpec spec) {
    const std::int64_t wanted =
        spec.profile.threads > 0 ? spec.profile.threads : base::usable_cores();
    const std::int64_t users = spec.share.users[spec.share.index];
    const int count = static_cast<int>(std::clamp<std::int64_t>(users, 1, wanted));
    rows_ = std::make_shared<RowSupply>(*spec.plan, spec.share);
    board_ = std::make_shared<RendezvousBoard>(*spec.plan);
    board_->expect(users);
    samples_ = spec.samples;
    const auto counters = std::make_shared<FleetCounters>(spec.part);
    for (ThreadShare& part : split_share(spec.share, count)) {
        const std::uint64_t seed = spec.seed + spec.share.index * 1024 + generators_.size();
        const auto thread = static_cast<std::uint32_t>(generators_.size());
        generators_.push_back(std::make_unique<Generator>(
            spec.plan, spec.profile, GeneratorSeeds{seed, spec.seed}, std::move(part),
            GeneratorPlace{spec.part, thread, rows_, board_, counters}));
        generators_.back()->observe(spec.observer);
        if (spec.samples) {
            generators_.back()->log_samples(spec.samples->add());
        }
    }
    segments_ = base::read_segment_counts();
    is_finished_.resize(generators_.size(), false);
    to_give_.resize(generators_.size());
    next_second_.resize(generators_.size(), 0);
    last_users_.resize(generators_.size(), 0);
    for (const auto& generator : generators_) {
        threads_.emplace_back([target = generator.get()] { target->run(); });
    }
}

ThreadedLoad::~ThreadedLoad() {
    stop(StopMode::Force);
    for (std::thread& thread : threads_) {
        // A generator whose ring is full waits for us to take its deltas.
        while (!is_done()) {
            (void)poll();
            std::this_thread::yield();
        }
        thread.join();
    }
}

void ThreadedLoad::start(TimePoint at) {
    for (const auto& generator : generators_) {
        generator->post({GeneratorCommand::Kind::Start, at, {}});
    }
}

void ThreadedLoad::adjust(const Share& share) {
    board_->expect(share.users[share.index]);
    std::vector<ThreadShare> parts = split_share(share, static_cast<int>(generators_.size()));
    for (std::size_t t = 0; t < generators_.size(); ++t) {
        generators_[t]->post({GeneratorCommand::Kind::Adjust, {}, std::move(parts[t])});
    }
}

void ThreadedLoad::stop(StopMode mode) {
    const auto kind =
        mode == StopMode::Force ? GeneratorCommand::Kind::Force : GeneratorCommand::Kind::Stop;
    for (std::size_t t = 0; t < generators_.size(); ++t) {
        if (!is_finished_[t]) {
            generators_[t]->post({kind, {}, {}});
        }
    }
}

void ThreadedLoad::collect() {
    for (std::size_t t = 0; t < generators_.size(); ++t) {
        while (auto delta = generators_[t]->poll()) {
            Second& second = seconds_[delta->second];
            second.delta.second = delta->second;
            // Each thread at its own place.
            std::vector<double>& cpu = delta->snapshot.health.cpu_percents;
            cpu.insert(cpu.begin(), cpu.empty() ? 0 : t, 0.0);
            second.delta.snapshot.add(delta->snapshot);
            next_second_[t] = delta->second + 1;
            last_users_[t] = delta->users;
            second.delta.waiting.add(delta->waiting);
            is_finished_[t] = is_finished_[t] || delta->is_last;
        }
    }
}

void ThreadedLoad::observe(stats::Health& health) {
    const base::MachineUsage machine = base::read_machine_usage();
    health.sockets = machine.sockets_in_use;
    health.time_wait = machine.sockets_time_wait;
    observe_ports();
    health.ports_in_use = ports_.in_use;
    health.ephemeral_ports = ports_.count();
    health.descriptors = base::read_process_usage().descriptors;
    health.descriptor_limit = base::raise_descriptor_limit();
    health.queued_bytes = base::read_queued_bytes();
    const base::SegmentCounts segments = base::read_segment_counts();
    const auto sent = static_cast<double>(segments.sent - segments_.sent);
    const auto sent_again = static_cast<double>(segments.sent_again - segments_.sent_again);
    segments_ = segments;
    health.seconds = 1;
    health.network_seconds =
        health.queued_bytes > 0 || sent_again > std::max(sent * kLossOfABadNetwork, kFewSegments)
            ? 1
            : 0;
}

// On a thread of its own: the control thread says that the worker lives, and that must not wait
// for the kernel to write a long table.
void ThreadedLoad::observe_ports() {
    constexpr auto kPatience = std::chrono::milliseconds(20);
    if (!port_reading_.valid()) {
        port_reading_ = std::async(std::launch::async, [this] {
            return port_meter_.read(std::chrono::steady_clock::now());
        });
    }
    if (port_reading_.wait_for(kPatience) == std::future_status::ready) {
        ports_ = port_reading_.get();
    }
}

// The order in which this thread sees what was set is the order in which everybody gets it.
void ThreadedLoad::exchange_shared() {
    for (const auto& generator : generators_) {
        // A generator that does not take what it is given makes those wait that give.
        while (std::all_of(to_give_.begin(), to_give_.end(),
                           [](const auto& queue) { return queue.size() < kMaxToGive; })) {
            auto variable = generator->shared().take();
            if (!variable) {
                break;
            }
            if (variable->reach == expr::SharedCalls::Reach::Fleet) {
                // Only the last one of a thread is of interest.
                auto key = std::pair(variable->name, variable->thread);
                to_fleet_.insert_or_assign(std::move(key), std::move(*variable));
            } else {
                give_shared(*variable);
            }
        }
    }
    for (std::size_t t = 0; t < generators_.size(); ++t) {
        bool has_given = false;
        if (is_finished_[t]) {
            to_give_[t].clear();
        }
        while (!to_give_[t].empty() && generators_[t]->shared().give(to_give_[t].front())) {
            to_give_[t].pop_front();
            has_given = true;
        }
        if (has_given) {
            generators_[t]->wake();
        }
    }
}

void ThreadedLoad::give_shared(const SharedVariable& variable) {
    for (std::deque<SharedVariable>& queue : to_give_) {
        queue.push_back(variable);
    }
}

std::optional<SharedVariable> ThreadedLoad::poll_shared() {
    exchange_shared();
    if (to_fleet_.empty()) {
        return std::nullopt;
    }
    return std::move(to_fleet_.extract(to_fleet_.begin()).mapped());
}

std::optional<LoadDelta> ThreadedLoad::poll() {
    users_peak_ = std::max(users_peak_, take_peak_users());
    exchange_shared();
    collect();
    if (seconds_.empty()) {
        return std::nullopt;
    }
    const auto first = seconds_.begin();
    for (std::size_t t = 0; t < generators_.size(); ++t) {
        if (!is_finished_[t] && next_second_[t] <= first->first) {
            return std::nullopt;  // that thread has still to speak about this second
        }
    }
    LoadDelta delta = std::move(first->second.delta);
    delta.users = std::accumulate(last_users_.begin(), last_users_.end(), 0);
    seconds_.erase(first);
    delta.snapshot.health.users_peak = std::max(std::exchange(users_peak_, 0), delta.users);
    observe(delta.snapshot.health);
    return delta;
}

int ThreadedLoad::take_peak_users() {
    int sum = 0;
    for (const auto& generator : generators_) {
        sum += generator->take_peak_users();
    }
    return sum;
}

int ThreadedLoad::users() const {
    int sum = 0;
    for (const auto& generator : generators_) {
        sum += generator->users();
    }
    return sum;
}

bool ThreadedLoad::is_all_spawned() const {
    return std::all_of(generators_.begin(), generators_.end(),
                       [](const auto& generator) { return generator->is_all_spawned(); });
}

bool ThreadedLoad::is_done() const {
    return seconds_.empty() &&
           std::all_of(is_finished_.begin(), is_finished_.end(), [](bool done) { return done; });
}

}  // namespace boom::user
