#pragma once
// A virtual user: a program counter and a few slots walking a plan. Not a thread, not a coroutine.

#include "base/rng.hpp"
#include "expr/function.hpp"
#include "expr/value.hpp"
#include "net/cookie_jar.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"
#include "plan/plan.hpp"
#include "user/script_calls.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace boom::user {

using base::Duration;
using base::TimePoint;

enum class UserState : std::uint8_t {
    Pending,  // not yet started
    Ready,    // between two ops
    Waiting,  // for a send slot of the ceiling
    Sending,  // an exchange is in flight
    Thinking,
    Gathering,  // at a rendezvous
    Idle,       // open model: waits for an arrival
    Calling,    // a function of debugtalk.py
    Stranded,   // closed model: after an iteration that found no way to any server
    Gone,       // finished all it had to do
};

// A misspelt name fails in a microsecond: without a rest a user would do nothing else.
inline constexpr Duration kStrandedFor = std::chrono::milliseconds(100);

// To a server: found by one request at least, or by none that tried.
enum class Way : std::uint8_t { Untried, None, Found };

// Which of a case's lists of steps is walked.
enum class Section : std::uint8_t { Setup, Main, Teardown };

struct OpenTransaction {
    std::int32_t step = 0;
    TimePoint started{};
    bool is_open = true;
};

struct VirtualUser {
    std::int64_t ordinal = 0;    // over the whole fleet
    std::uint64_t index = 0;     // in its generator
    std::int64_t iteration = 0;  // iterations begun, minus one while in one
    UserState state = UserState::Pending;
    bool has_failed = false;              // a step of this iteration failed
    bool transaction_has_failed = false;  // a step since the last transaction end failed
    Way way = Way::Untried;               // of the requests of this iteration
    bool is_surplus = false;              // leaves at the end of its iteration
    bool is_first_step = false;           // of an arrival: it was due when the arrival was
    bool is_due_set = false;              // of the request in hand: no slot moves it
    std::int8_t redirects = 0;
    Section section = Section::Main;
    std::int32_t stream = 0;
    std::int32_t phase = 0;      // of the results of the iteration in hand
    std::int32_t torn_down = 0;  // cases whose teardown is over, or was not needed
    std::uint32_t ticket = 0;    // of the rendezvous in hand
    std::int32_t case_index = 0;
    std::int32_t pc = 0;  // index of the next op
    std::int32_t request = -1;
    TimePoint arrival_due{};  // open model: of the iteration
    TimePoint due{};          // of the request in hand
    TimePoint sent_at{};      // its first hop
    TimePoint iteration_started{};
    std::int64_t bytes_sent = 0, bytes_received = 0;  // of the request in hand, every hop
    net::TimerId timer;
    std::vector<OpenTransaction> transactions;
    std::vector<std::vector<expr::Value>> slots;  // by case; filled when the case is first run
    net::CookieJar cookies;
    std::unique_ptr<net::Exchange> exchange;  // lent until the user waits for anything else
    std::unique_ptr<PendingCalls> calls;      // null: none in hand
    std::unique_ptr<UserCounters> counters;
};
static_assert(sizeof(VirtualUser) <= 512, "memory per idle user is a promise");

// What happened to the user, with the time of this turn.
struct Event {
    // Begin… starts the setup, the iteration or the teardown of user.case_index.
    enum class Kind {
        BeginSetup,
        BeginIteration,
        BeginTeardown,
        Continue,
        StepPassed,
        StepFailed,
        Stop
    };
    Kind kind = Kind::Continue;
    TimePoint now{};
};

// What is to be done for it next.
struct Action {
    // Fail: a condition, a count of loops or a variable could not be evaluated.
    // SectionDone: the end of a setup or teardown.
    // Again: an evaluation is over that called functions of users; call again with Continue.
    enum class Kind { Send, Sleep, Transaction, Gather, Fail, Again, SectionDone, IterationDone };
    Kind kind = Kind::IterationDone;
    std::int32_t request = 0;     // Send: index in the case's requests; Gather: in its rendezvous;
                                  // Fail: in the list of ops that is walked
    Duration sleep{};             // Sleep
    std::int32_t step = 0;        // Transaction, Fail: its row; -1: none
    Duration duration{};          // Transaction
    bool is_passed = true;        // Transaction, IterationDone
    bool is_interrupted = false;  // IterationDone: steps were left
};

// The interpreter: pure but for the user and the context, which has the generator of random think
// times and says what went wrong after a Fail. Call again with Event::Continue after Transaction,
// after a Sleep's or a Gather's end; with StepPassed/StepFailed after a Send or a Fail.
// `fail_fast`: a failed step ends the iteration (as the reference), else the next op follows.
enum class AfterFailure { EndIteration, GoOn };
[[nodiscard]] Action advance(VirtualUser& user, const plan::CasePlan& plan, Event event,
                             AfterFailure after_failure, expr::CallContext& context);

// How long a think time lasts this time.
[[nodiscard]] Duration draw(const plan::ThinkTime& think_time, base::Rng& rng);

}  // namespace boom::user
