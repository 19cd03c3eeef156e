#pragma once
// A worker: takes its share of a run from the master, runs it, delivers every result. Runs without
// a thread of its own: step() is called by a shell, or by a simulation.

#include "base/clock.hpp"
#include "cluster/bundle_cache.hpp"
#include "cluster/link.hpp"
#include "cluster/message_limiter.hpp"
#include "cluster/state.hpp"
#include "user/load.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace boom::cluster {

inline constexpr base::Duration kHeartbeatInterval = std::chrono::seconds(1);
// Nothing heard for this long: the other side is missing (design D19).
inline constexpr base::Duration kMissingAfter = std::chrono::seconds(3);

inline constexpr base::Duration kForcedLeave = std::chrono::seconds(2);

enum class OnQuit { Leave, Stay };  // --ignore-quit

struct WorkerOptions {
    wire::Hello hello;  // what it says of itself
    OnQuit on_quit = OnQuit::Leave;
    // Code that a master sends (design D17).
    enum class Scripts { Run, Refuse } scripts = Scripts::Run;
    const SharedBundle* shared = nullptr;  // of a master in the same process
};

// What the shell around a worker may want to know; called from step().
struct WorkerEvents {
    std::function<void(const std::string& text)> on_notice;  // for people: connected, lost, …
    struct RunInfo {
        std::string run_id;
        std::shared_ptr<const plan::Plan> plan;
        load::Profile profile;
    };
    std::function<void(const RunInfo&)> on_prepared;  // before it says that it is ready
    std::function<void(const RunInfo&)> on_run_start;
    std::function<void(const stats::Snapshot& delta, int users, State state)> on_interval;
    std::function<void()> on_run_end;
    std::function<void(wire::Heartbeat&)> fill_usage;  // CPU and memory of the moment
};

using LoadFactory = std::function<std::unique_ptr<user::Load>(user::LoadSpec)>;

class Worker {
public:
    Worker(WorkerOptions options, Link& link, const base::Clock& clock, LoadFactory make_load,
           WorkerEvents events);
    ~Worker();

    // Handles what has arrived and what is due. Returns when it wants to be called again.
    base::TimePoint step();
    // A warning or an error for the people at the master; repetitions and floods are held back.
    enum class Severity { Warning = 2, Error = 3 };
    void report(Severity severity, const std::string& text);
    // A signal: the first time gracefully, the second time what is in flight is cut off; results
    // are delivered either way, but after the second not waited for longer than kForcedLeave.
    void leave(user::StopMode mode);
    // Something that went wrong here, for the notes of the run.
    void tell_master(const std::string& text);
    [[nodiscard]] bool has_left() const { return has_left_; }
    [[nodiscard]] bool is_connected() const { return is_welcome_; }
    // Turned away, by the master or by its token.
    [[nodiscard]] bool is_rejected() const { return is_rejected_ || has_told_refusal_; }
    [[nodiscard]] State state() const { return state_; }

private:
    // Of the connection (worker.cpp).
    void handle(wire::Message message);
    void on(wire::Welcome& m);
    void on(wire::Reject& m);
    void on(wire::Identify& m);
    void on(wire::Quit& m);
    void watch_master();
    void say_hello();
    void say_goodbye();
    void send_heartbeat();
    void send(const wire::Message& message);
    void notice(const std::string& text);

    // Of the run (worker_run.cpp).
    void on(wire::Prepare& m);
    void on(wire::BundlePart& m);
    void on(wire::Start& m);
    void on(wire::Adjust& m);
    void note_late_share(const wire::Share& share);
    void on(wire::Stop& m);
    void on(wire::Ack& m);
    void on(wire::Rows& m);
    template <typename T>
    void on(T&) {}  // messages that only a master understands
    void ask_for_bundle();
    void announce_silence();
    void compile_and_answer();
    void collect();
    void queue_interval();
    void resend_unacknowledged();
    void deliver_final();
    void end_run();
    void stop_load(user::StopMode mode);

    // Variables and rendezvous of the whole fleet (worker_shared.cpp, worker_rendezvous.cpp).
    void on(wire::Shared& m);
    void send_shared();
    void repeat_shared();
    [[nodiscard]] bool has_shared_to_send() const;
    void on(wire::Release& m);
    void send_gathering();

    // Unique rows (worker_rows.cpp).
    void take_leases(std::uint64_t first, const std::vector<load::RowRange>& leases);
    void give_rows_back();

    WorkerOptions options_;
    Link& link_;
    const base::Clock& clock_;
    LoadFactory make_load_;
    WorkerEvents events_;
    State state_ = State::Ready;

    bool is_welcome_ = false;
    bool is_rejected_ = false;
    bool has_told_refusal_ = false;
    bool has_told_quit_ = false;  // of this master, which is not waited for once all is delivered
    bool wants_to_leave_ = false;
    std::optional<base::TimePoint> leave_by_;  // after a second signal
    bool has_left_ = false;
    base::TimePoint last_hello_{};
    base::TimePoint last_heard_{};
    base::TimePoint last_heartbeat_{};

    // Deltas not yet acknowledged: at most this many messages; further ones are added to
    // `pending_`, which has no sequence number yet, so that nothing can be counted twice.
    static constexpr std::size_t kMaxUnacknowledged = 120;
    // Variables of the whole fleet that users here have set.
    struct SharedState {
        static constexpr std::size_t kMaxUnacknowledged = 64;
        using Key = std::pair<std::string, std::uint32_t>;  // name and thread
        std::map<Key, user::SharedVariable> waiting;        // the last of each, not sent yet
        std::deque<wire::Shared> unacknowledged;            // in their sequence
        // Sent, and not yet come back in the order of all: the thread holds on to its value.
        struct Sent {
            std::uint64_t sequence = 0;
            user::SharedVariable variable;
        };
        std::map<Key, Sent> sent;
        std::uint64_t last_sequence = 0;
        std::uint64_t last_order = 0;  // of those that the master gave
        base::TimePoint last_progress{};
    };
    struct Run {
        wire::PartId part;
        wire::Prepare prepare;
        wire::Share share;  // in force
        std::unique_ptr<user::Load> load;
        std::shared_ptr<const plan::Plan> plan;
        load::Profile profile;
        bool is_started = false;
        base::TimePoint started{};  // when the run was, by this clock
        bool is_stop_sent = false;
        std::uint64_t next_sequence = 1;
        std::deque<wire::Interval> unacknowledged;
        std::optional<wire::Interval> pending;
        wire::Final sums;
        base::TimePoint last_progress{};  // of acknowledgements
        base::TimePoint last_final{};
        bool is_final_acknowledged = false;
        std::uint64_t last_lease = 0;          // of unique rows
        std::uint64_t last_recall = 0;         // demand to give some back
        std::vector<load::RowRange> recalled;  // the answer, until the master has it for sure
        bool are_rows_back = false;            // no further lease is taken
        SharedState shared;
        user::Gatherings gatherings;  // as last said
        std::uint64_t gathering_number = 0;
        base::TimePoint last_gathering{};
    };
    std::optional<Run> run_;
    wire::PartId last_part_;  // that was started and is over: late commands for it are ignored
    std::uint64_t heartbeats_ = 0;
    BundleCache bundles_;
    base::TimePoint last_bundle_part_{};  // or when one was asked for
    bool is_compiling_ = false;
    MessageLimiter messages_;
};

}  // namespace boom::cluster
