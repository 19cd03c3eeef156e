#pragma once
// The master: knows the workers, splits a run over them, follows it, adds up what comes back. Runs
// without a thread of its own: step() is called by a shell, or by a simulation. One thread.

#include "base/clock.hpp"
#include "base/refusals.hpp"
#include "base/rng.hpp"
#include "cluster/diary.hpp"
#include "cluster/link.hpp"
#include "cluster/message_limiter.hpp"
#include "cluster/open_seconds.hpp"
#include "cluster/run.hpp"
#include "cluster/run_journal.hpp"
#include "cluster/state.hpp"
#include "cluster/worker.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boom::cluster {

enum class Admission { LoopbackOnly, Everybody };  // design D11

struct MasterOptions {
    std::string version;
    Admission admission = Admission::LoopbackOnly;
    std::uint64_t seed = 0;       // of run ids and of runs that ask for a random seed
    JournalFactory make_journal;  // none: a run ends with its master
    // Wall-clock time, which goes on when this process does not; empty: the system's.
    std::function<std::int64_t()> unix_ns;
    SharedBundle* shared = nullptr;  // with a worker in the same process
};

// An adjustment holds from this much later on everywhere, so that all workers have it by then and
// change at the same time of the run.
inline constexpr base::Duration kAdjustAfter = std::chrono::milliseconds(200);

struct MasterEvents {
    std::function<void(const std::string& text)> on_notice;  // for people
    std::function<void(const Run&)> on_run_start;            // the barrier is open
    // Once per second of the run: what was done in it, a little later; the last may be shorter.
    std::function<void(const Run&, const stats::Snapshot& delta, double interval_s)> on_interval;
    std::function<void(const Run&)> on_run_end;
};

// A worker as the master knows it.
struct Peer {
    PeerId link;               // its connection
    bool is_connected = true;  // false: of a run that was taken up again, and not yet here
    std::string address;       // as the socket sees it
    wire::Hello hello;
    State state = State::Ready;
    base::TimePoint last_heard{};
    wire::Heartbeat last;
    // Of its last interval.
    struct Rates {
        double requests = 0, bytes_sent = 0, bytes_received = 0;  // per second
    } rates;
    stats::Health health;
    std::int64_t lateness_p99_us = 0;
    stats::Waiting waiting;
    MessageLimiter messages;  // that it wants people to read
    Diary diary;

    // Its part in the run as an index of the run's tallies; none: it carries nothing and owes
    // nothing.
    std::optional<std::size_t> part;
    bool has_finished = false;  // its users had nothing left to do: it does not join again
    bool has_left = false;      // said goodbye: only a new hello counts
    std::int64_t clock_ahead_ms = 0;
    bool is_taken_out = false;  // by command: takes no part until it is brought back

    // Heard of lately, and has not said goodbye.
    [[nodiscard]] bool is_present() const {
        return state != State::Missing && state != State::Quitting;
    }
};

class Master {
public:
    Master(MasterOptions options, Link& link, const base::Clock& clock, MasterEvents events);

    // Handles what has arrived and what is due. Returns when it wants to be called again.
    base::TimePoint step();

    // Commands. Empty = done; else why not, in the reference's words where it has any.
    [[nodiscard]] std::string start(RunRequest request);
    // Why no run can be started now, or empty.
    [[nodiscard]] std::string why_not_now() const;
    // A run whose teardown is due is over when its shell says so: until then the journal stays.
    void close_run();
    // Takes a run up again whose master was killed: instead of the first start(). `request` is
    // compiled from what the journal has. Empty = done.
    [[nodiscard]] std::string resume(RunRequest request, UnfinishedRun unfinished);
    [[nodiscard]] std::string rebalance(const Adjustment& adjustment);
    [[nodiscard]] std::string stop(user::StopMode mode);
    void quit();
    // Takes one worker out of the run, and of those that follow, until it is brought back. It
    // delivers what it has done; its share goes to the others.
    [[nodiscard]] std::string take_out(const std::string& worker);
    [[nodiscard]] std::string bring_back(const std::string& worker);
    [[nodiscard]] Peer* find_worker(const std::string& id);  // null: nobody of that id joined

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Peer>>& peers() const { return peers_; }
    [[nodiscard]] int available_workers() const;  // neither missing nor quitting
    [[nodiscard]] std::int64_t current_users() const;
    [[nodiscard]] std::int64_t target_users() const;
    [[nodiscard]] std::int64_t target_users(const Peer& peer) const;
    // What the run waits for at this moment, with deadlines, one sentence each.
    [[nodiscard]] std::vector<std::string> waits() const;
    // The run that is on, else the last one; null before the first.
    [[nodiscard]] const Run* run() const { return run_ ? &*run_ : nullptr; }
    [[nodiscard]] base::Duration elapsed() const;  // of the run, since the barrier
    // Every worker has acknowledged its present share.
    [[nodiscard]] bool is_settled() const;
    // Strangers and malformed messages.
    [[nodiscard]] const base::Refusals& refusals() const { return refusals_; }

private:
    // Messages (master_messages.cpp).
    void receive();
    void refuse(const std::string& address, const std::string& reason);
    void handle(Peer* peer, const Link::Received& received, wire::Message message);
    void on_hello(const Link::Received& received, const wire::Hello& hello);
    void on(Peer& peer, const wire::BundleRequest& m);
    void on(Peer& peer, const wire::Ready& m);
    void on(Peer& peer, const wire::Refused& m);
    void on(Peer& peer, wire::Interval& m);
    void on(Peer& peer, const wire::Final& m);
    void on(Peer& peer, const wire::Heartbeat& m);
    void on(Peer& peer, const wire::Gathering& m);
    void on(Peer& peer, const wire::Log& m);
    void on(Peer& peer, const wire::Bye& m);
    void on(Peer& peer, const wire::RowsReturn& m);
    template <typename T>
    void on(Peer&, const T&) {}  // messages that only a worker understands
    void tell(Peer& peer, const std::string& text);
    [[nodiscard]] Peer* find(const PeerId& link);

    [[nodiscard]] WorkerTally* part_of(const Peer& peer, const wire::PartId& part);
    void follow_heartbeat(Peer& peer, const wire::Heartbeat& m);

    // Variables of the whole fleet (master_shared.cpp).
    void on(Peer& peer, wire::Shared& m);
    void set_variable(Peer& peer, wire::Shared& m);
    void spread_variables();
    void tell_variables(const Peer& peer, const std::vector<wire::Shared>& variables);
    void follow_variables(WorkerTally& tally, std::uint64_t known);

    // The journal of the run (master_journal.cpp).
    void open_journal();
    void write_journal();
    void write_journal_when_due();
    void acknowledge(const Peer& peer, const wire::PartId& part, std::uint64_t sequence);
    void welcome_back(const WorkerTally& tally, std::size_t index);

    // Parts of the run (master_parts.cpp).
    [[nodiscard]] bool is_here(const Peer& peer) const;  // connected and not leaving
    [[nodiscard]] static RunLoad::Member member_of(const Peer& peer);
    [[nodiscard]] bool is_meant(const Peer& peer) const;
    [[nodiscard]] std::string check_choice(const std::vector<Peer*>& all) const;
    [[nodiscard]] static std::string check_descriptors(const std::vector<Peer*>& all,
                                                       const std::vector<wire::Share>& shares);
    void note_limits(const std::vector<Peer*>& all, const std::vector<wire::Share>& shares);
    static void note_clock(Peer& peer);
    [[nodiscard]] bool is_free(const Peer& peer) const;  // could take a part
    [[nodiscard]] WorkerTally* tally_of(const Peer& peer);
    [[nodiscard]] bool is_participant(const std::string& id);
    [[nodiscard]] std::vector<Peer*> peers_in(std::initializer_list<PartState> states);
    [[nodiscard]] std::string share_out(const std::vector<Peer*>& holders,
                                        std::vector<wire::Share>& shares);
    void prepare(Peer& peer, const wire::Share& share);
    void start_part(Peer& peer);
    void redistribute(const std::string& why, const std::string& worker);
    void lose(Peer& peer, const std::string& why);
    void drop(Peer& peer, const std::string& why);
    void let_go(Peer& peer, const std::string& why);
    void watch_workers();
    void release_leavers(wire::Share share);
    [[nodiscard]] bool may_stop(const Peer& peer) const;
    [[nodiscard]] bool has_no_started_part() const;
    void repeat_what_is_unanswered();

    // Newcomers (master_newcomers.cpp).
    void admit_newcomers();
    [[nodiscard]] std::optional<wire::Share> share_of_newcomer(Peer& newcomer);
    void bring_load(Peer& newcomer);
    [[nodiscard]] bool start_newcomers();

    // Unique rows (master_rows.cpp).
    [[nodiscard]] std::vector<std::int64_t> users_by_case(const wire::Share& share) const;
    void deal_rows(const Peer* starting);
    void send_rows(const Peer& peer);
    void recall_rows_for(Peer& newcomer);
    [[nodiscard]] bool is_recall_open();
    [[nodiscard]] bool is_worth_waiting(const Peer& newcomer);
    void recall_rows_of_leavers();
    void follow_rows();
    void name_vanished_rows();
    void tell_of_before(base::Duration age);

    // The run (master_run.cpp).
    void open_barrier();
    void follow_run();
    void follow_preparation();
    void follow_spawning();
    void announce_stages();
    void note_distances();
    void note_idle_time();
    void close_iterations();
    void end_when_over();
    void report_seconds();
    void report_second(OpenSeconds::Second& second);
    void end_run(RunEnd end);
    void begin_teardown();
    // Rendezvous of the whole fleet (master_rendezvous.cpp).
    void follow_rendezvous();
    void send_release(const Peer& peer);
    [[nodiscard]] bool is_due() const;
    [[nodiscard]] std::string silence_text() const;
    [[nodiscard]] std::string loss_text() const;
    [[nodiscard]] bool is_run_on() const { return run_ && run_->end == RunEnd::None; }
    [[nodiscard]] std::optional<base::TimePoint> deadline() const;
    void event(std::string kind, std::string text, std::string worker = {});

    void send(const Peer& peer, const wire::Message& message);
    void notice(const std::string& text);
    void notice_of(Peer& peer, const std::string& text);  // and its diary
    static void write_down(Peer& peer, const std::string& text);

    MasterOptions options_;
    Link& link_;
    const base::Clock& clock_;
    MasterEvents events_;
    base::Rng rng_;
    State state_ = State::Ready;
    std::vector<std::unique_ptr<Peer>> peers_;  // in the order of joining
    base::Refusals refusals_;
    std::int64_t refusals_before_run_ = 0;
    std::int64_t handshakes_failed_ = 0;
    std::optional<Run> run_;
    OpenSeconds seconds_;  // not told by on_interval yet
    std::optional<RunJournal> journal_;
    base::TimePoint last_write_{};                    // of the journal
    std::map<std::uint32_t, PeerId> shared_senders_;  // by part: to be acknowledged
    base::TimePoint last_repetition_{};
    base::TimePoint last_live_{};  // when a part was live
    std::optional<base::TimePoint> idle_since_;
    base::TimePoint last_response_{};  // the barrier, or the last interval with requests
};

}  // namespace boom::cluster
