#pragma once
// Drives many virtual users on one event loop. It owns its world: loop, engine, users, recorder,
// pacer. Everything runs in one thread, but post(), poll() and the gauges, which belong to the
// control thread.

#include "base/process_usage.hpp"
#include "base/spsc_ring.hpp"
#include "expr/function.hpp"
#include "expr/response.hpp"
#include "load/pacer.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"
#include "net/web_socket.hpp"
#include "stats/recorder.hpp"
#include "stats/sample_queue.hpp"
#include "user/delay_tolerance.hpp"
#include "user/load.hpp"
#include "user/rendezvous.hpp"
#include "user/response_judge.hpp"
#include "user/row_supply.hpp"
#include "user/stream.hpp"
#include "user/user_time.hpp"
#include "user/virtual_user.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boom::user {

struct GeneratorCommand {
    enum class Kind { Start, Adjust, Stop, Force };
    Kind kind = Kind::Stop;
    TimePoint at{};     // Start
    ThreadShare share;  // Adjust
};

struct GeneratorDelta {
    std::int64_t second = 0;
    stats::Snapshot snapshot;
    int users = 0;
    stats::Waiting waiting;
    bool is_last = false;
};

// What a generator shares with the others of its worker.
struct GeneratorPlace {
    std::uint32_t part = 1;    // of the run, over the fleet
    std::uint32_t thread = 0;  // of the worker
    std::shared_ptr<RowSupply> rows;
    std::shared_ptr<RendezvousBoard> board;
    std::shared_ptr<FleetCounters> counters;
};

struct GeneratorSeeds {
    std::uint64_t thread = 0;    // of everything random on this thread
    std::uint64_t arrivals = 0;  // the same on every thread of the fleet
};

class Generator final : public net::TimerListener,
                        public net::ExchangeListener,
                        public net::WakeListener {
public:
    Generator(std::shared_ptr<const plan::Plan> plan, const load::Profile& profile,
              GeneratorSeeds seeds, ThreadShare share, GeneratorPlace place);
    ~Generator() override;
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    // The thread's main: returns after the last user is gone and the last delta is delivered.
    void run();

    // Before run(): null is nobody.
    void observe(ExchangeObserver* observer) { observer_ = observer; }

    void log_samples(stats::SampleQueue& queue) { samples_ = &queue; }

    // Control thread.
    void post(GeneratorCommand command);
    [[nodiscard]] std::optional<GeneratorDelta> poll() { return deltas_.pop(); }
    [[nodiscard]] SharedVariables& shared() { return shared_; }  // take() and give()
    void wake() { loop_->wake(); }
    [[nodiscard]] int users() const { return active_gauge_.load(std::memory_order_relaxed); }
    // The most since the last call, however short they were there.
    [[nodiscard]] int take_peak_users() {
        return std::max(peak_gauge_.exchange(users(), std::memory_order_relaxed), users());
    }
    // The users that are wanted now are there, and every adjustment is in force.
    [[nodiscard]] bool is_all_spawned() const {
        return all_spawned_.load(std::memory_order_relaxed) &&
               adjustments_done_.load(std::memory_order_acquire) >= adjustments_posted_;
    }

    void on_timer(std::uint64_t key) noexcept override;
    void on_done(net::Exchange& exchange) noexcept override;
    void prefetch(const net::Exchange& exchange, int step) const noexcept override;
    void on_wake() noexcept override;

private:
    // Timer keys: a user's index, or one of these.
    static constexpr std::uint64_t kSwitchTimer = ~std::uint64_t{0};
    static constexpr std::uint64_t kIntervalTimer = kSwitchTimer - 1;
    static constexpr std::uint64_t kRunTimer = kSwitchTimer - 2;
    static constexpr std::uint64_t kForceTimer = kSwitchTimer - 3;
    // One for each stream from here on.
    static constexpr std::uint64_t kFirstStreamTimer = kSwitchTimer - 1'000'000;

    // Life of the run (generator.cpp).
    void handle(GeneratorCommand command);
    void begin(TimePoint at);
    void stop_gracefully();
    void say_goodbye();
    void force_stop();
    void publish();
    void observe();
    [[nodiscard]] stats::Waiting waiting_users(const stats::Snapshot& delta) const;
    [[nodiscard]] bool has_ended() const;
    [[nodiscard]] Duration since_start() const { return loop_->now() - started_; }

    // Load over time (generator_streams.cpp).
    void begin_streams();
    void adjust(ThreadShare share);
    void switch_share();
    void use_share();
    void use_ceiling();
    void reconcile(Stream& stream);
    void on_stream_timer(std::size_t index);
    void spawn_due_users(Stream& stream, TimePoint until);
    void release_due_arrivals(Stream& stream, TimePoint until);
    void release_arrival(Stream& stream, TimePoint due);
    void drop_due_arrivals(Stream& stream);
    [[nodiscard]] TimePoint until_end(TimePoint until) const;
    void arm(Stream& stream);
    void rest(VirtualUser& user);
    void note_spawned();
    [[nodiscard]] bool is_more_to_come() const;
    [[nodiscard]] TimePoint at(Duration run_time) const { return started_ + run_time; }

    // Users (generator_users.cpp).
    VirtualUser& activate(Stream& stream, std::int64_t ordinal);
    bool prepare_case(VirtualUser& user);
    void begin_iteration(VirtualUser& user);
    void call_for(VirtualUser& user);
    bool waits_for_call(VirtualUser& user, CallStage stage);
    void resume(VirtualUser& user);
    void abandon_call(VirtualUser& user);
    void enter_case(VirtualUser& user);
    void build_and_send(VirtualUser& user);
    void finish_exchange(VirtualUser& user);
    void start_iteration(VirtualUser& user);
    void note_without_row(const VirtualUser& user);
    void finish_section(VirtualUser& user, const Action& action);
    [[nodiscard]] bool start_teardown(VirtualUser& user);
    void fail_step(VirtualUser& user, std::int32_t step, std::string_view message);
    void gather(VirtualUser& user, std::int32_t point);
    void let_go_on(VirtualUser& user);
    void wake_gathered();
    void fail_iteration(VirtualUser& user, std::string_view message);
    void next_iteration(VirtualUser& user);
    void drive(VirtualUser& user, Event event);
    void finish_iteration(VirtualUser& user, const Action& action);
    void tell_users();
    void leave(VirtualUser& user);
    void leave_for_good(VirtualUser& user);
    void sleep_until(VirtualUser& user, UserState state, TimePoint until);
    void enter(VirtualUser& user, UserState state);

    // Exchanges (generator_exchange.cpp).
    void request_send(VirtualUser& user, std::int32_t request);
    void take_slot(VirtualUser& user);
    void ask_for_slots_again();
    void follow_phase(VirtualUser& user);
    [[nodiscard]] stats::PhaseId phase_at(TimePoint time) const;
    void send_now(VirtualUser& user);
    void take_exchange(VirtualUser& user);
    void give_back_exchange(VirtualUser& user);
    void start_exchange(VirtualUser& user);
    bool redirect(VirtualUser& user, const plan::RequestStep& step);
    void step_done(VirtualUser& user, stats::Outcome outcome, std::string_view message);
    void interrupt(VirtualUser& user);
    [[nodiscard]] std::string_view value_name_of(const VirtualUser& user);
    void log_sample(const VirtualUser& user, const stats::Sample& sample);
    void take_answer(VirtualUser& user, net::Exchange& exchange);
    void store_cookies(VirtualUser& user, const net::Exchange& exchange);
    void count_hop(const net::HttpResponse& response, VirtualUser& user);
    void note_measured(Duration time);

    [[nodiscard]] const plan::CasePlan& case_of(const VirtualUser& user) const {
        return plan_->cases[static_cast<std::size_t>(user.case_index)];
    }
    [[nodiscard]] const plan::RequestStep& step_of(const VirtualUser& user) const {
        return case_of(user).requests[static_cast<std::size_t>(user.request)];
    }
    [[nodiscard]] net::HttpEngine& engine_of(const VirtualUser& user) {
        return step_of(user).web_socket ? *web_sockets_ : *engine_;
    }
    // A teardown goes on during a stop; only its end or force ends it.
    [[nodiscard]] bool may_go_on(const VirtualUser& user) const {
        return user.section == Section::Teardown && !is_forced_;
    }
    [[nodiscard]] AfterFailure after_failure() const {
        return profile_.on_failure == load::OnFailure::Continue ? AfterFailure::GoOn
                                                                : AfterFailure::EndIteration;
    }

    std::shared_ptr<const plan::Plan> plan_;
    ExchangeObserver* observer_ = nullptr;
    stats::SampleQueue* samples_ = nullptr;  // null: no log of single requests
    std::shared_ptr<RowSupply> rows_;
    std::shared_ptr<RendezvousBoard> board_;
    load::Profile profile_;
    stats::Catalog catalog_;
    // Connection options by case, then by request and source address: they outlive every exchange
    // that points to them.
    std::vector<std::vector<net::ConnectionOptions>> options_;
    std::int64_t total_weight_ = 0;  // of all cases
    base::Rng rng_;
    std::uint64_t arrival_seed_ = 0;
    expr::CallContext context_;
    std::string value_name_;  // of the step that ends
    base::Rng pass_rng_{0};   // as the evaluation in hand found it
    std::unique_ptr<ScriptCalls> calls_;
    SharedVariables shared_;
    JudgeBuffers buffers_;  // of the answer in hand
    stats::Recorder recorder_;
    std::size_t sources_;  // local addresses that users take turns with
    std::unique_ptr<net::EventLoop> loop_;
    std::unique_ptr<net::HttpEngine> engine_;
    std::unique_ptr<net::WebSocketEngine> web_sockets_;  // null: no case has any
    std::optional<load::Pacer> pacer_;

    const load::Schedule schedule_;
    ThreadShare share_;
    std::deque<ThreadShare> coming_;  // adjustments that are not yet in force, in order
    net::TimerId switch_timer_;
    std::vector<Stream> streams_;
    std::deque<VirtualUser> users_;  // grows only: references stay valid
    std::vector<std::uint64_t> free_users_;
    // Of users that send nothing now: one that thinks costs little more than its connection. Last
    // in, first out: the next request is likely to be the one that the exchange has sent before.
    std::vector<std::unique_ptr<net::Exchange>> spare_exchanges_;
    int active_ = 0;
    int idle_ = 0;           // of the active ones
    int left_for_good_ = 0;  // loops done, or given up

    // The user whose answer is in hand: its next iteration begins when that is dealt with, while
    // all that it needs is in the caches. Once only, and not from the depth of the stack.
    const VirtualUser* answered_ = nullptr;
    bool begins_next_ = false;

    bool has_begun_ = false;
    bool is_stopping_ = false;
    bool is_forced_ = false;
    std::vector<std::uint64_t> gathered_;  // users at a rendezvous
    TimePoint started_{};
    std::int64_t second_ = 0;
    net::HttpEngine::ConnectionCounts counted_{};
    // Self-observation since the last delta.
    TimePoint observed_at_{};
    std::optional<base::ThreadMeter> meter_;  // made by the thread itself
    base::ThreadUsage used_;
    Duration busy_{};  // spent outside of waiting
    Duration longest_turn_{};
    UserTime user_time_;
    DelayTolerance delay_tolerance_;
    std::optional<GeneratorDelta> undelivered_;  // the ring was full
    bool is_last_delivered_ = false;

    base::SpscRing<GeneratorCommand, 64> commands_;
    base::SpscRing<GeneratorDelta, 64> deltas_;
    std::atomic<int> active_gauge_{0};
    std::atomic<int> peak_gauge_{0};
    std::atomic<bool> all_spawned_{false};
    std::uint64_t adjustments_posted_ = 0;  // control thread
    std::atomic<std::uint64_t> adjustments_done_{0};
};

}  // namespace boom::user
