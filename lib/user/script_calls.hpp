#pragma once
// Calls of functions of users from one generator thread. Those of debugtalk.so run here and now;
// for those of debugtalk.py, and for sleep(), the user waits, the loop does not.
// An evaluation that comes to a call ends there as pending; when the answer is in it is done again
// from its start, and the calls that were answered give their results in the order of the calls.

#include "base/rng.hpp"
#include "expr/function.hpp"
#include "net/event_loop.hpp"
#include "plan/plan.hpp"
#include "script/native_library.hpp"
#include "script/python_host.hpp"
#include "user/shared_variables.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace boom::user {

// What of a user waits for an answer.
enum class CallStage : std::uint8_t { Prepare, Send, Judge, Advance };

// The calls of one evaluation.
struct PendingCalls {
    CallStage stage = CallStage::Prepare;
    std::vector<script::Answer> answers;  // in the order of the calls
    base::Rng rng{0};                     // as it was when the evaluation began
    SharedDraws draws;                    // of counters, and what was set
};

// One loop's thread. Hosts are started at the first call, and again when one has ended.
class ScriptCalls final : public expr::UserCalls,
                          public net::DescriptorListener,
                          public net::TimerListener {
public:
    // `resume` is called for a user whose answer is in.
    ScriptCalls(net::EventLoop& loop, std::function<void(std::uint64_t user)> resume)
        : loop_(loop), resume_(std::move(resume)) {}
    ~ScriptCalls() override;
    ScriptCalls(const ScriptCalls&) = delete;
    ScriptCalls& operator=(const ScriptCalls&) = delete;

    // Before any call, on any thread: loads the libraries. Throws ConfigError.
    void load_libraries(const plan::Plan& plan);

    // The evaluation that follows is of this user; `calls` may be null.
    void begin(std::uint64_t user, const PendingCalls* calls, const plan::Script* script) {
        user_ = user;
        calls_ = calls;
        script_ = script;
        next_ = 0;
        given_.clear();
    }
    std::optional<expr::Value> call(expr::CallContext& context, std::string_view function,
                                    std::span<const expr::Value> arguments) override;
    // What the evaluation in hand got without waiting, after the answers that it had: to be kept
    // when it ends as pending.
    [[nodiscard]] std::vector<script::Answer> take_given() { return std::move(given_); }
    // No answer for this user any more.
    void forget(std::uint64_t user);
    // The answer that a resumed user waited for. REQUIRES: called from `resume`.
    [[nodiscard]] script::Answer take_answer(std::uint64_t user);

    // Host processes that ended by themselves since the last call of this.
    [[nodiscard]] std::int64_t take_deaths() { return std::exchange(deaths_, 0); }
    // CPU time that functions of users have used since the last call of this: of debugtalk.so on
    // this thread, and of the processes that run debugtalk.py.
    struct Used {
        base::Duration on_thread{};
        base::Duration in_hosts{};
    };
    [[nodiscard]] Used take_used();

    void on_ready(int descriptor, Readiness readiness) noexcept override;
    void on_timer(std::uint64_t user) noexcept override;

private:
    struct Host {
        const plan::Script* script = nullptr;
        std::unique_ptr<script::PythonHost> process;
        std::string problem;                             // of loading: every call fails with it
        std::map<std::uint64_t, std::uint64_t> waiting;  // call → user
        base::Duration counted{};                        // of its CPU time
    };
    [[nodiscard]] const script::NativeLibrary* library_of_script() const;
    std::optional<expr::Value> call_library(const script::NativeLibrary& library,
                                            expr::CallContext& context, std::string_view function,
                                            std::span<const expr::Value> arguments);
    std::optional<expr::Value> sleep(expr::CallContext& context, const expr::Value& seconds);
    Host* host_of(const plan::Script& script, std::string& error);
    void watch(Host& host);
    void take_answers(Host& host);
    void end(Host& host);

    net::EventLoop& loop_;
    std::function<void(std::uint64_t)> resume_;
    std::vector<std::unique_ptr<Host>> hosts_;
    std::map<const std::string*, std::shared_ptr<const script::NativeLibrary>> libraries_;
    std::map<std::uint64_t, net::TimerId> sleeping_;   // by user
    std::map<std::uint64_t, script::Answer> answers_;  // by user, until it is resumed
    std::uint64_t last_call_ = 0;
    std::int64_t deaths_ = 0;
    Used used_;

    std::uint64_t user_ = 0;
    const PendingCalls* calls_ = nullptr;
    const plan::Script* script_ = nullptr;
    std::size_t next_ = 0;
    std::vector<script::Answer> given_;
};

}  // namespace boom::user
