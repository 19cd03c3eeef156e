#pragma once
// A whole cluster in one thread of simulated time: a network that delays, drops, duplicates and
// reorders, workers with a scripted load, a master. Nothing waits; ten minutes pass in
// milliseconds.

#include "base/clock.hpp"
#include "base/rng.hpp"
#include "cluster/master.hpp"
#include "cluster/worker.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace boom::sim {

using base::Duration;

struct Faults {
    double loss = 0;       // share of messages that vanish
    double duplicate = 0;  // share that arrives twice
    Duration delay = std::chrono::milliseconds(1);
    Duration jitter{};  // on top, so that messages overtake each other
};

class Network {
public:
    Network(base::ManualClock& clock, std::uint64_t seed) : clock_(clock), rng_(seed) {}
    void send(const std::string& from, const std::string& to, std::string bytes);
    [[nodiscard]] std::optional<cluster::Link::Received> receive(const std::string& at);
    Faults faults;
    std::set<std::string> cut_from;  // ends whose own messages vanish
    std::set<std::string> cut_to;    // ends that nothing reaches
    void forget_messages_to(const std::string& end);
    std::function<bool(const wire::Message&)> drops;  // those that never arrive; none: empty

private:
    struct Message {
        base::TimePoint due;
        std::string from, to, bytes;
    };
    base::ManualClock& clock_;
    base::Rng rng_;
    std::vector<Message> messages_;
};

// Every user does 10 requests a second, of 5 ms each; it knows what it has done. A graceful stop
// takes as long as its seed says, up to the stop timeout.
class ScriptedLoad;

class Simulation {
public:
    explicit Simulation(std::uint64_t seed);
    ~Simulation();

    std::size_t add_worker(std::optional<std::int64_t> max_users = std::nullopt,
                           cluster::OnQuit on_quit = cluster::OnQuit::Leave);
    void kill_worker(std::size_t worker);   // it does nothing any more
    void drain_worker(std::size_t worker);  // a first SIGTERM
    // SIGKILL. Messages to it are lost until restart_master().
    void kill_master();
    // Takes up the run from the journal, or begins without one.
    void restart_master();
    [[nodiscard]] bool is_master_alive() const { return master_ != nullptr; }
    // The run's journal; the last records may be gone after a power failure.
    struct Records {
        std::vector<std::string> texts;
        bool is_discarded = false;
        bool is_full = false;  // nothing can be written any more
    };
    std::shared_ptr<Records> records;
    void freeze_worker(std::size_t worker, bool is_frozen);
    // With unique rows: every user takes one a tenth of a second.
    [[nodiscard]] std::string start(load::Profile profile, std::int64_t unique_rows = 0);
    // Advances step by step.
    void run_for(Duration duration);
    // Until the run is over; fails after `limit`.
    [[nodiscard]] bool run_until_end(Duration limit);

    [[nodiscard]] cluster::Master& master() { return *master_; }
    [[nodiscard]] cluster::Worker& worker(std::size_t i) { return *workers_[i].worker; }
    [[nodiscard]] std::size_t worker_count() const { return workers_.size(); }
    [[nodiscard]] bool is_alive(std::size_t worker) const;
    // Users that generate load at this moment.
    [[nodiscard]] std::int64_t users(std::size_t worker) const;
    // What the master has of this worker, over all its parts.
    [[nodiscard]] std::int64_t requests_reported(std::size_t worker) const;
    // What the loads really did.
    [[nodiscard]] std::int64_t requests_done(std::size_t worker) const;
    [[nodiscard]] std::int64_t requests_done() const;
    // Unique rows that workers took, one by one.
    [[nodiscard]] const std::vector<std::int64_t>& rows_taken(std::size_t worker) const {
        return workers_[worker].work->rows;
    }
    // What the master reports.
    [[nodiscard]] std::int64_t requests_reported() const;

    base::ManualClock clock;
    Network network;
    std::int64_t interval_sum = 0;  // of the deltas given to on_interval
    base::TimePoint ended_at{};     // when the master said that the run is over
    Duration step = std::chrono::milliseconds(10);
    bool has_slow_stops = false;
    cluster::LoadFactory make_load;      // instead of the scripted one
    std::optional<plan::Bundle> bundle;  // instead of one request

private:
    friend class ScriptedLoad;
    struct Work {
        std::int64_t done = 0;
        int users = 0;
        std::vector<std::int64_t> rows;  // unique ones, in their order
    };
    struct WorkerBox {
        std::unique_ptr<cluster::Link> link;
        std::unique_ptr<cluster::Worker> worker;
        std::shared_ptr<Work> work;
        bool is_dead = false;
        bool is_frozen = false;
    };
    void make_master();
    std::unique_ptr<cluster::Link> master_link_;
    std::unique_ptr<cluster::Master> master_;
    std::vector<WorkerBox> workers_;
    base::Rng rng_;
    std::uint64_t seed_;
    int masters_ = 0;
    cluster::RunRequest request_;  // of the last start
};

// So many users for so long.
[[nodiscard]] load::Profile profile(std::int64_t users, Duration run_time);

}  // namespace boom::sim
