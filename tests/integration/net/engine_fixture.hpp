#pragma once
// A loop, a scripted server and an engine on it: that of the environment variable
// BOOM_TEST_ENGINE (http1, http2 or curl), so that one suite runs over all.

#include "net/event_loop.hpp"
#include "net/http.hpp"
#include "scripted_server.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace boom::test {

class Completion final : public net::ExchangeListener {
public:
    void on_done(net::Exchange& /*exchange*/) noexcept override { ++count; }
    int count = 0;
};

[[nodiscard]] inline bool is_under_test(std::string_view engine) {
    const char* wanted = std::getenv("BOOM_TEST_ENGINE");
    return wanted != nullptr && engine == wanted;
}
[[nodiscard]] inline bool is_curl_under_test() {
    return is_under_test("curl");
}
// Over TLS or without, to servers that are known to speak it.
[[nodiscard]] inline bool is_http2_under_test() {
    return is_under_test("http2");
}

// The loop of the environment variable BOOM_IO (uring or epoll), else the best.
[[nodiscard]] inline std::unique_ptr<net::EventLoop> make_loop_under_test() {
    const char* wanted = std::getenv("BOOM_IO");
    const std::string_view io = wanted == nullptr ? "" : wanted;
    return net::EventLoop::create(io == "epoll"   ? net::IoKind::Epoll
                                  : io == "uring" ? net::IoKind::Uring
                                                  : net::IoKind::Auto);
}

[[nodiscard]] inline std::unique_ptr<net::HttpEngine> make_engine_under_test(net::EventLoop& loop) {
    return is_curl_under_test()    ? net::make_curl_engine(loop)
           : is_http2_under_test() ? net::make_http2_engine(loop)
                                   : net::make_http1_engine(loop);
}

class EngineFixture {
public:
    // Longer than anything here takes, so that a bug ends in a failed test and not in a hang.
    static constexpr std::chrono::seconds kPatience{20};

    EngineFixture()
        : loop(make_loop_under_test()), server(*loop), engine(make_engine_under_test(*loop)) {
        if (is_http2_under_test()) {
            // Tests of the text of HTTP/1.1 have the tag [text].
            options.version = net::ConnectionOptions::Version::Http2;
        }
    }

    // Turns of the loop until `is_over()`; false when it takes too long.
    template <typename Condition>
    bool run_until(Condition is_over) {
        const auto limit = loop->refresh_now() + kPatience;
        while (!is_over()) {
            if (loop->now() >= limit) {
                return false;
            }
            loop->run_once(limit);
        }
        return true;
    }

    void prepare(net::Exchange& exchange, const std::string& method, const std::string& url) {
        exchange.request.method = method;
        exchange.request.url = url;
        exchange.options = &options;
        exchange.listener = &done;
        exchange.body = net::Exchange::Body::Keep;
    }

    // One exchange from start to end.
    const net::HttpResponse& perform(net::Exchange& exchange) {
        const int before = done.count;
        engine->start(exchange);
        if (!run_until([&] { return done.count > before; })) {
            engine->cancel(exchange);
        }
        return exchange.response;
    }

    const net::HttpResponse& perform(net::Exchange& exchange, const std::string& method,
                                     const std::string& path) {
        prepare(exchange, method, server.url(path));
        return perform(exchange);
    }

    std::unique_ptr<net::EventLoop> loop;
    ScriptedServer server;
    std::unique_ptr<net::HttpEngine> engine;
    net::ConnectionOptions options;
    Completion done;
};

}  // namespace boom::test
