#include "user/script_calls.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace boom::user {

ScriptCalls::~ScriptCalls() {
    for (const auto& host : hosts_) {
        end(*host);
    }
    for (const auto& [user, timer] : sleeping_) {
        loop_.cancel_timer(timer);
    }
}

void ScriptCalls::load_libraries(const plan::Plan& plan) {
    for (const plan::CasePlan& test_case : plan.cases) {
        const plan::Script* script = test_case.script.get();
        if (script == nullptr || script->library == nullptr) {
            continue;
        }
        std::string error;
        auto library = script::NativeLibrary::load(*script->library, error);
        if (library == nullptr) {
            throw base::ConfigError(
                {{script->library_path, 0, 0}, error, {}, base::ExitCode::FunctionFailed});
        }
        libraries_[script->library.get()] = std::move(library);
    }
}

const script::NativeLibrary* ScriptCalls::library_of_script() const {
    if (script_ == nullptr || script_->library == nullptr) {
        return nullptr;
    }
    return libraries_.find(script_->library.get())->second.get();
}

std::optional<expr::Value> ScriptCalls::call(expr::CallContext& context, std::string_view function,
                                             std::span<const expr::Value> arguments) {
    if (calls_ != nullptr && next_ < calls_->answers.size()) {
        const script::Answer& answer = calls_->answers[next_++];
        context.has_called_user = true;
        if (!answer.value) {
            context.error = answer.error;
        }
        return answer.value;
    }
    const script::NativeLibrary* library = library_of_script();
    if (library != nullptr && library->has(function)) {
        return call_library(*library, context, function, arguments);
    }
    if (script_ == nullptr || script_->functions.find(function) == nullptr) {
        return sleep(context, arguments.front());
    }
    Host* host = host_of(*script_, context.error);
    if (host == nullptr) {
        return std::nullopt;
    }
    if (!host->problem.empty()) {
        context.error = host->problem;
        return std::nullopt;
    }
    host->waiting.emplace(++last_call_, user_);
    host->process->call(
        last_call_, function, arguments,
        context.is_hook ? script::PythonHost::Kind::Hook : script::PythonHost::Kind::Function);
    watch(*host);
    context.is_pending = true;
    context.error = "waits for a function";
    return std::nullopt;
}

std::optional<expr::Value> ScriptCalls::call_library(const script::NativeLibrary& library,
                                                     expr::CallContext& context,
                                                     std::string_view function,
                                                     std::span<const expr::Value> arguments) {
    const auto begin = std::chrono::steady_clock::now();
    auto value = library.call(context, function, arguments);
    used_.on_thread += std::chrono::steady_clock::now() - begin;
    // Only a function of debugtalk.py makes an evaluation begin again.
    if (!script_->path.empty()) {
        given_.push_back({0, value, value ? std::string() : context.error});
    }
    return value;
}

// The one built-in function that a user waits for.
std::optional<expr::Value> ScriptCalls::sleep(expr::CallContext& context,
                                              const expr::Value& seconds) {
    constexpr double kLongest = 86'400;
    const auto number = seconds.is_number() ? std::optional(seconds.number())
                        : seconds.kind() == expr::Value::Kind::Text
                            ? base::parse_real(seconds.as_text())
                            : std::nullopt;
    if (!number || !(*number >= 0) || *number > kLongest) {
        context.error = "sleep(): needs a number of seconds, not " + seconds.json();
        return std::nullopt;
    }
    sleeping_[user_] = loop_.start_timer(loop_.now() + base::from_seconds(*number), *this, user_);
    context.is_pending = true;
    context.error = "sleeps";
    return std::nullopt;
}

void ScriptCalls::on_timer(std::uint64_t user) noexcept {
    sleeping_.erase(user);
    answers_[user] = {0, expr::Value(), {}};
    resume_(user);
}

ScriptCalls::Used ScriptCalls::take_used() {
    for (const auto& host : hosts_) {
        if (host->process != nullptr) {
            const base::Duration now = host->process->cpu_time();
            used_.in_hosts += std::max(base::Duration::zero(), now - host->counted);
            host->counted = std::max(host->counted, now);
        }
    }
    return std::exchange(used_, {});
}

ScriptCalls::Host* ScriptCalls::host_of(const plan::Script& script, std::string& error) {
    auto found = std::find_if(hosts_.begin(), hosts_.end(), [&script](const auto& host) {
        return host->script->path == script.path;
    });
    if (found == hosts_.end()) {
        hosts_.push_back(std::make_unique<Host>());
        hosts_.back()->script = &script;
        found = std::prev(hosts_.end());
    }
    Host& host = **found;
    if (host.process == nullptr) {
        host.process = script::PythonHost::start({script.path, script.source}, error);
        if (host.process == nullptr) {
            return nullptr;
        }
        host.problem.clear();
        host.counted = {};
        watch(host);
    }
    return &host;
}

// The two ends are two descriptors: the one that is written to only while there is something.
void ScriptCalls::watch(Host& host) {
    loop_.watch(host.process->read_descriptor(), {true, false}, *this);
    loop_.watch(host.process->write_descriptor(), {false, host.process->has_to_write()}, *this);
}

void ScriptCalls::end(Host& host) {
    if (host.process != nullptr) {
        loop_.unwatch(host.process->read_descriptor());
        loop_.unwatch(host.process->write_descriptor());
        host.process.reset();
    }
}

void ScriptCalls::forget(std::uint64_t user) {
    answers_.erase(user);
    if (const auto found = sleeping_.find(user); found != sleeping_.end()) {
        loop_.cancel_timer(found->second);
        sleeping_.erase(found);
    }
    for (const auto& host : hosts_) {
        std::erase_if(host->waiting, [user](const auto& call) { return call.second == user; });
    }
}

script::Answer ScriptCalls::take_answer(std::uint64_t user) {
    script::Answer answer = std::move(answers_[user]);
    answers_.erase(user);
    return answer;
}

void ScriptCalls::on_ready(int descriptor, Readiness readiness) noexcept {
    const auto found = std::find_if(hosts_.begin(), hosts_.end(), [descriptor](const auto& host) {
        return host->process != nullptr && (host->process->read_descriptor() == descriptor ||
                                            host->process->write_descriptor() == descriptor);
    });
    if (found == hosts_.end()) {
        return;
    }
    Host& host = **found;
    if (readiness.writable && host.process->write_descriptor() == descriptor) {
        host.process->write_more();
        watch(host);
        return;
    }
    take_answers(host);
}

void ScriptCalls::take_answers(Host& host) {
    std::vector<std::uint64_t> resumed;
    for (script::Answer& answer : host.process->receive()) {
        if (answer.id == 0) {
            host.problem = answer.error;
            continue;
        }
        const auto call = host.waiting.find(answer.id);
        if (call != host.waiting.end()) {
            resumed.push_back(call->second);
            answers_[call->second] = std::move(answer);
            host.waiting.erase(call);
        }
    }
    if (!host.process->is_alive()) {
        end(host);
        ++deaths_;
        // Its callers fail; the next call starts another process.
        for (const auto& [call, user] : std::exchange(host.waiting, {})) {
            answers_[user] = {call, std::nullopt,
                              host.problem.empty() ? "the Python process ended" : host.problem};
            resumed.push_back(user);
        }
    }
    for (const std::uint64_t user : resumed) {
        if (answers_.contains(user)) {
            resume_(user);
        }
    }
}

}  // namespace boom::user
