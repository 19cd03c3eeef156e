#include "user/script_calls.hpp"

#include <algorithm>
#include <utility>

namespace boom::user {

ScriptCalls::~ScriptCalls() {
    for (const auto& host : hosts_) {
        end(*host);
    }
}

void ScriptCalls::begin(std::uint64_t user, const PendingCalls* calls, const plan::Script* script) {
    user_ = user;
    calls_ = calls;
    script_ = script;
    next_ = 0;
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
    Host* host = script_ != nullptr ? host_of(*script_, context.error) : nullptr;
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
        ++restarts_;
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
