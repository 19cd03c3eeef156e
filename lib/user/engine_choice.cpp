#include "user/engine_choice.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace boom::user {
namespace {

template <typename Predicate>
bool any_step(const plan::Plan& plan, Predicate is_such) {
    return std::any_of(plan.cases.begin(), plan.cases.end(), [&](const plan::CasePlan& one) {
        return std::any_of(one.requests.begin(), one.requests.end(), is_such);
    });
}

net::IoKind kind_of(load::Io io) {
    switch (io) {
        case load::Io::Auto:
            break;
        case load::Io::Uring:
            return net::IoKind::Uring;
        case load::Io::Epoll:
            return net::IoKind::Epoll;
    }
    return net::IoKind::Auto;
}

}  // namespace

std::unique_ptr<net::EventLoop> make_loop(load::Io io) {
    auto loop = net::EventLoop::create(kind_of(io));
    if (loop == nullptr) {
        const bool is_forced = io == load::Io::Uring;
        throw base::ConfigError(base::Mistake{
            {is_forced ? "--io" : "--threads"},
            is_forced ? "this machine does not offer io_uring" : "no descriptor left for a loop",
            is_forced ? "use --io auto" : "raise the limit of open files (ulimit -n)"});
    }
    return loop;
}

std::unique_ptr<net::HttpEngine> make_engine(const plan::Plan& plan, const load::Profile& profile,
                                             net::EventLoop& loop) {
    if (profile.engine == load::Engine::Curl || !profile.proxy.empty()) {
        return net::make_curl_engine(loop);
    }
    const bool needs_http2 =
        any_step(plan, [](const plan::RequestStep& step) { return step.http2; });
    return needs_http2 ? net::make_http2_engine(loop) : net::make_http1_engine(loop);
}

std::unique_ptr<net::WebSocketEngine> make_web_sockets(const plan::Plan& plan, net::EventLoop& loop,
                                                       std::uint64_t seed) {
    const bool has_any =
        any_step(plan, [](const plan::RequestStep& step) { return step.web_socket.has_value(); });
    return has_any ? net::make_web_socket_engine(loop, seed) : nullptr;
}

}  // namespace boom::user
