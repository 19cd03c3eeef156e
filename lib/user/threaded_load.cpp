#include "user/threaded_load.hpp"

#include "base/process_usage.hpp"
#include "load/split.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace boom::user {

std::vector<ThreadShare> split_share(const Share& share, int threads) {
    const std::vector<std::int64_t> mine = load::ordinals_of(share.users, share.index);
    const std::int64_t fleet =
        std::accumulate(share.users.begin(), share.users.end(), std::int64_t{0});
    const std::vector<std::int64_t> equal(static_cast<std::size_t>(threads), 1);
    const std::vector<std::int64_t> parts =
        load::split(static_cast<std::int64_t>(mine.size()), equal);
    const std::vector<std::int32_t> owners = load::stripe(parts);
    std::vector<ThreadShare> result(static_cast<std::size_t>(threads));
    for (std::size_t i = 0; i < mine.size(); ++i) {
        result[static_cast<std::size_t>(owners[i])].ordinals.push_back(mine[i]);
    }
    for (std::size_t t = 0; t < result.size(); ++t) {
        ThreadShare& part = result[t];
        part.spawn_rate = share.spawn_rate;
        part.fleet_users = fleet;
        if (!share.max_rps) {
            continue;
        }
        load::Pacer::Share pacer;
        if (fleet > 0) {
            pacer.requests_per_second = static_cast<double>(*share.max_rps) *
                                        static_cast<double>(part.ordinals.size()) /
                                        static_cast<double>(fleet);
        }
        // The golden ratio spreads any number of phases evenly, without knowing how many there are.
        const double position =
            static_cast<double>(share.index * result.size() + t + 1) * 0.6180339887498949;
        pacer.phase = position - std::floor(position);
        part.pacer = pacer;
    }
    return result;
}

ThreadedLoad::ThreadedLoad(LoadSpec spec) {
    const std::int64_t wanted =
        spec.profile.threads > 0 ? spec.profile.threads : base::usable_cores();
    const std::int64_t users = spec.share.users[spec.share.index];
    const int count = static_cast<int>(std::clamp<std::int64_t>(users, 1, wanted));
    const auto rows = std::make_shared<RowSupply>(*spec.plan, spec.share);
    board_ = std::make_shared<RendezvousBoard>(*spec.plan);
    board_->expect(users);
    for (ThreadShare& part : split_share(spec.share, count)) {
        const std::uint64_t seed = spec.seed + spec.share.index * 1024 + generators_.size();
        generators_.push_back(std::make_unique<Generator>(spec.plan, spec.profile, seed,
                                                          std::move(part), rows, board_));
    }
    is_finished_.resize(generators_.size(), false);
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
            second.delta.snapshot.add(delta->snapshot);
            next_second_[t] = delta->second + 1;
            last_users_[t] = delta->users;
            is_finished_[t] = is_finished_[t] || delta->is_last;
        }
    }
}

std::optional<LoadDelta> ThreadedLoad::poll() {
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
    return delta;
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
