#include "sim/simulation.hpp"

#include "user/row_supply.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace boom::sim {
namespace {

constexpr std::int64_t kRequestsPerUser = 10;  // per second
constexpr std::int64_t kRequestsPerFailure = 10;

class SimLink final : public cluster::Link {
public:
    SimLink(Network& network, std::string self) : network_(network), self_(std::move(self)) {}
    void send(const cluster::PeerId& peer, std::string bytes) override {
        network_.send(self_, peer.empty() ? "master" : peer, std::move(bytes));
    }
    std::optional<Received> receive() override { return network_.receive(self_); }
    void wait(Duration) override {}
    void wake() override {}

private:
    Network& network_;
    std::string self_;
};

}  // namespace

class ScriptedLoad final : public user::Load {
public:
    ScriptedLoad(user::LoadSpec spec, const base::Clock& clock,
                 std::shared_ptr<Simulation::Work> work, double slowness)
        : spec_(std::move(spec)),
          clock_(clock),
          work_(std::move(work)),
          stop_takes_(base::from_seconds(base::to_seconds(spec_.profile.stop_timeout) * slowness)),
          rows_(*spec_.plan, spec_.share),
          has_rows_(user::unique_rows(spec_.plan->cases[0].parameters) > 0),
          slots_(static_cast<std::size_t>(spec_.plan->cases[0].slot_count)) {}
    ~ScriptedLoad() override { work_->users = 0; }

    void start(base::TimePoint at) override {
        started_ = at;
        // One who joins late begins with the second of the run that is on.
        second_ = std::max<std::int64_t>(0, (clock_.now() - at) / std::chrono::seconds(1));
        work_->users = users();
    }
    void adjust(const user::Share& share) override {
        spec_.share = share;
        work_->users = users();
    }
    void stop(user::StopMode mode) override {
        const base::TimePoint end =
            clock_.now() + (mode == user::StopMode::Force ? Duration{} : stop_takes_);
        // Users that only wait for their last answer generate no load.
        work_->users = 0;
        stopped_ = stopped_ ? std::min(*stopped_, end) : end;
    }
    bool add_rows(const load::RowRange& rows) override { return rows_.add(rows); }
    std::vector<load::RowRange> give_back_rows(load::Fraction fraction) override {
        return rows_.give_back(fraction);
    }
    std::vector<std::int64_t> rows_taken() const override { return rows_.taken(); }
    int users() const override {
        return started_ && !is_done_ ? static_cast<int>(spec_.share.users[spec_.share.index]) : 0;
    }
    bool is_all_spawned() const override { return started_.has_value(); }
    bool is_done() const override { return is_done_; }

    std::optional<user::LoadDelta> poll() override {
        if (is_done_ || !started_) {
            is_done_ = is_done_ || stopped_.has_value();
            return std::nullopt;
        }
        const bool is_late =
            spec_.profile.run_time && clock_.now() >= *started_ + *spec_.profile.run_time;
        const bool has_looped =
            spec_.profile.loop_count && second_ * kRequestsPerUser >= *spec_.profile.loop_count;
        const bool is_over =
            (stopped_ && clock_.now() >= *stopped_) || is_late || has_looped || is_out_of_rows_;
        const bool is_due = clock_.now() >= *started_ + std::chrono::seconds(second_ + 1);
        if (!is_over && !is_due) {
            return std::nullopt;
        }
        user::LoadDelta delta;
        delta.second = second_++;
        delta.users = users();
        if (is_due && !has_looped && !is_out_of_rows_) {
            add_requests(delta.snapshot);
        }
        is_done_ = is_over;
        work_->users = stopped_ ? 0 : users();
        return delta;
    }

private:
    void add_requests(stats::Snapshot& snapshot) {
        const std::int64_t left = spec_.profile.loop_count.value_or(kRequestsPerUser * second_) -
                                  kRequestsPerUser * (second_ - 1);
        std::int64_t count = users() * std::min(kRequestsPerUser, left);
        if (has_rows_) {
            count = take_rows(count);
        }
        if (count <= 0) {
            return;
        }
        const stats::Catalog catalog = user::catalog_of(*spec_.plan);
        stats::StepStats& step =
            snapshot.at(stats::kMainPhase, stats::StepId{0}, catalog.steps.size());
        step.requests = count;
        step.response_time.record(5000, count);
        step.service_time.record(5000, count);
        fail(snapshot, step, count / kRequestsPerFailure);
        snapshot.connections.exchanges = count;
        snapshot.iterations.started = count;
        snapshot.iterations.finished = count;
        work_->done += count;
    }

    // More texts than are kept as they are, so that some of them meet in one row.
    void fail(stats::Snapshot& snapshot, stats::StepStats& step, std::int64_t count) {
        constexpr std::int64_t kTexts = 30;
        if (count > 0) {
            const std::string text = "failure " + std::to_string(second_ % kTexts);
            const base::Duration at = std::chrono::seconds(second_);
            snapshot.error({stats::Outcome::CheckFailed, stats::StepId{0}, text})
                .add({.count = count, .first = at, .last = at});
            step.failures = count;
        }
    }

    // How many there were; no row left is the end, as with real users.
    std::int64_t take_rows(std::int64_t wanted) {
        for (std::int64_t i = 0; i < wanted; ++i) {
            if (stopped_ || rows_.take(0, slots_, rng_) != user::RowsLeft::Some) {
                is_out_of_rows_ = !stopped_;
                return i;
            }
            const plan::ParameterSource& source = spec_.plan->cases[0].parameters.sources[0];
            work_->rows.push_back(
                std::stoll(slots_[static_cast<std::size_t>(source.slots[0])].text()));
        }
        return wanted;
    }

    user::LoadSpec spec_;
    const base::Clock& clock_;
    std::shared_ptr<Simulation::Work> work_;
    Duration stop_takes_;
    std::optional<base::TimePoint> started_;
    std::optional<base::TimePoint> stopped_;
    std::int64_t second_ = 0;
    bool is_done_ = false;
    user::RowSupply rows_;
    bool has_rows_;
    bool is_out_of_rows_ = false;
    std::vector<expr::Value> slots_;
    base::Rng rng_{1};
};

void Network::send(const std::string& from, const std::string& to, std::string bytes) {
    if (cut_from.count(from) > 0 || cut_to.count(to) > 0 || rng_.unit() < faults.loss) {
        return;
    }
    if (drops && drops(wire::decode(bytes).value())) {
        return;
    }
    const int copies = rng_.unit() < faults.duplicate ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        const Duration extra = base::from_seconds(base::to_seconds(faults.jitter) * rng_.unit());
        messages_.push_back({clock_.now() + faults.delay + extra, from, to, bytes});
    }
}

std::optional<cluster::Link::Received> Network::receive(const std::string& at) {
    auto best = messages_.end();
    for (auto it = messages_.begin(); it != messages_.end(); ++it) {
        if (it->to == at && it->due <= clock_.now() &&
            (best == messages_.end() || it->due < best->due)) {
            best = it;
        }
    }
    if (best == messages_.end()) {
        return std::nullopt;
    }
    cluster::Link::Received received{best->from, std::move(best->bytes), "127.0.0.1"};
    messages_.erase(best);
    return received;
}

void Network::forget_messages_to(const std::string& end) {
    std::erase_if(messages_, [&](const Message& message) { return message.to == end; });
}

namespace {

class SimJournal final : public cluster::Journal {
public:
    explicit SimJournal(std::shared_ptr<Simulation::Records> records)
        : records_(std::move(records)) {}
    std::string append(std::string_view record) override {
        if (records_->is_full) {
            return "the disk is full";
        }
        records_->texts.emplace_back(record);
        return {};
    }
    void discard() override { records_->is_discarded = true; }

private:
    std::shared_ptr<Simulation::Records> records_;
};

}  // namespace

Simulation::Simulation(std::uint64_t seed) : network(clock, seed), rng_(seed + 1), seed_(seed) {
    clock.advance(std::chrono::hours(1));
    master_link_ = std::make_unique<SimLink>(network, "master");
    make_master();
}

void Simulation::make_master() {
    cluster::MasterEvents events;
    events.on_interval = [this](const cluster::Run& run, const stats::Snapshot& delta, double) {
        interval_sum += delta.total(stats::kMainPhase, run.catalog).requests;
    };
    events.on_run_end = [this](const cluster::Run&) { ended_at = clock.now(); };
    cluster::MasterOptions options;
    options.seed = seed_ + static_cast<std::uint64_t>(masters_++);
    options.unix_ns = [this] { return clock.now().time_since_epoch().count(); };
    options.make_journal = [this](const std::string&) {
        records = std::make_shared<Records>();
        return cluster::NewJournal{std::make_unique<SimJournal>(records), {}};
    };
    master_ = std::make_unique<cluster::Master>(options, *master_link_, clock, std::move(events));
}

void Simulation::kill_master() {
    master_.reset();
}

void Simulation::restart_master() {
    network.forget_messages_to("master");
    make_master();
    if (records == nullptr || records->is_discarded) {
        return;
    }
    interval_sum = 0;  // the first interval of a resumed run is all of before
    cluster::UnfinishedRun run;
    run.journal = std::make_unique<SimJournal>(records);
    std::size_t at = 0;
    run.header =
        std::get<wire::JournalHeader>(wire::decode_record(records->texts.at(at++)).value());
    // Appended records follow; only those of before are read.
    run.next = [texts = records->texts, at]() mutable -> std::optional<wire::JournalEntry> {
        while (at < texts.size()) {
            auto record = wire::decode_record(texts[at++]).value();
            if (auto* entry = std::get_if<wire::JournalEntry>(&record)) {
                return std::move(*entry);
            }
        }
        return std::nullopt;
    };
    const std::string complaint = master_->resume(request_, std::move(run));
    if (!complaint.empty()) {
        throw std::runtime_error(complaint);
    }
}

Simulation::~Simulation() = default;

std::size_t Simulation::add_worker(std::optional<std::int64_t> max_users, cluster::OnQuit on_quit) {
    const std::string name = "w" + std::to_string(workers_.size());
    WorkerBox box;
    box.link = std::make_unique<SimLink>(network, name);
    box.work = std::make_shared<Work>();
    cluster::WorkerOptions options;
    options.hello.id = name;
    options.hello.max_users = max_users;
    options.on_quit = on_quit;
    box.worker = std::make_unique<cluster::Worker>(
        options, *box.link, clock,
        [this, work = box.work](user::LoadSpec spec) -> std::unique_ptr<user::Load> {
            if (make_load) {
                return make_load(std::move(spec));
            }
            const double slowness = has_slow_stops ? rng_.unit() : 0;
            return std::make_unique<ScriptedLoad>(std::move(spec), clock, work, slowness);
        },
        cluster::WorkerEvents{});
    workers_.push_back(std::move(box));
    return workers_.size() - 1;
}

void Simulation::kill_worker(std::size_t worker) {
    workers_[worker].is_dead = true;
}
void Simulation::drain_worker(std::size_t worker) {
    workers_[worker].worker->leave(user::StopMode::Graceful);
}
void Simulation::freeze_worker(std::size_t worker, bool is_frozen) {
    workers_[worker].is_frozen = is_frozen;
}

std::string Simulation::start(load::Profile profile, std::int64_t unique_rows) {
    cluster::RunRequest request;
    request.bundle = bundle.value_or(plan::make_url_bundle({{"http://127.0.0.1:1/", "", ""}}));
    if (unique_rows > 0) {
        std::string rows;
        for (std::int64_t row = 0; row < unique_rows; ++row) {
            rows += (rows.empty() ? "" : ",") + std::to_string(row);
        }
        request.bundle.files[0] = {
            request.bundle.files[0].path,
            "config: {name: rows, base_url: 'http://127.0.0.1:1', parameters: {row: [" + rows +
                "]}, parameters_setting: {pick_order: unique}}\n"
                "teststeps: [{name: get, request: {method: GET, url: /$row}}]\n"};
    }
    request.profile = std::move(profile);
    request.plan =
        std::make_shared<const plan::Plan>(plan::compile(request.bundle, request.profile));
    request_ = request;
    return master_->start(std::move(request));
}

void Simulation::run_for(Duration duration) {
    for (Duration passed{}; passed < duration; passed += step) {
        clock.advance(step);
        if (master_ != nullptr) {
            master_->step();
        } else {
            network.forget_messages_to("master");
        }
        for (WorkerBox& box : workers_) {
            if (!box.is_dead && !box.is_frozen && !box.worker->has_left()) {
                box.worker->step();
            }
        }
    }
}

bool Simulation::run_until_end(Duration limit) {
    for (Duration passed{}; passed < limit; passed += step) {
        if (master_->run() != nullptr && master_->run()->end != cluster::RunEnd::None) {
            return true;
        }
        run_for(step);
    }
    return false;
}

std::int64_t Simulation::requests_done(std::size_t worker) const {
    return workers_[worker].work->done;
}

bool Simulation::is_alive(std::size_t worker) const {
    return !workers_[worker].is_dead && !workers_[worker].worker->has_left();
}

std::int64_t Simulation::users(std::size_t worker) const {
    return workers_[worker].is_dead || workers_[worker].is_frozen ? 0
                                                                  : workers_[worker].work->users;
}

std::int64_t Simulation::requests_reported(std::size_t worker) const {
    std::int64_t sum = 0;
    for (const cluster::WorkerTally& tally : master_->run()->tallies) {
        if (tally.id == "w" + std::to_string(worker)) {
            sum += tally.sums.requests;
        }
    }
    return sum;
}

std::int64_t Simulation::requests_done() const {
    std::int64_t sum = 0;
    for (const WorkerBox& box : workers_) {
        sum += box.work->done;
    }
    return sum;
}

std::int64_t Simulation::requests_reported() const {
    const cluster::Run& run = *master_->run();
    return run.totals.total(stats::kMainPhase, run.catalog).requests;
}

load::Profile profile(std::int64_t users, Duration run_time) {
    load::Profile result;
    result.spawn_count = users;
    result.run_time = run_time;
    return result;
}

}  // namespace boom::sim
