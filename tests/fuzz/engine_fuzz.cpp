// What the http1 engine takes for an answer, libcurl takes for the same one: status, headers and
// body. (The other way round it need not be: libcurl is more lenient.) The input is what a server
// on loopback says; the first byte chooses the method.

#include "base/assert.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace boom;

class Server final : public net::AcceptListener, public net::StreamListener {
public:
    explicit Server(net::EventLoop& loop)
        : loop_(loop),
          port(loop.listen({"127.0.0.1", 0}, net::EventLoop::PortSharing::Exclusive, *this)) {}

    net::StreamListener* on_accepted(net::StreamId, const Peer&) noexcept override { return this; }
    void on_data(net::StreamId stream, std::string_view) noexcept override {
        if (!text.empty()) {
            loop_.send(stream, text);
        }
        loop_.close(stream, net::EventLoop::CloseMode::AfterSending);
    }
    void on_closed(net::StreamId, int) noexcept override {}

private:
    net::EventLoop& loop_;

public:
    int port;
    std::string text;
};

class Done final : public net::ExchangeListener {
public:
    void on_done(net::Exchange&) noexcept override { is_done = true; }
    bool is_done = false;
};

struct World {
    std::unique_ptr<net::EventLoop> loop = net::EventLoop::create(net::IoKind::Epoll);
    Server server{*loop};
    std::unique_ptr<net::HttpEngine> ours = net::make_http1_engine(*loop);
    std::unique_ptr<net::HttpEngine> curl = net::make_curl_engine(*loop);
    net::ConnectionOptions options;

    void perform(net::HttpEngine& engine, net::Exchange& exchange, const std::string& method) {
        Done done;
        exchange.request.method = method;
        exchange.request.url = "http://127.0.0.1:" + std::to_string(server.port) + "/";
        exchange.options = &options;
        exchange.listener = &done;
        exchange.body = net::Exchange::Body::Keep;
        engine.start(exchange);
        const auto limit = loop->refresh_now() + std::chrono::seconds(10);
        while (!done.is_done && loop->now() < limit) {
            loop->run_once(limit);
        }
        BOOM_ASSERT(done.is_done);
    }
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World world;
    if (size == 0) {
        return 0;
    }
    // The one place where bytes become characters.
    world.server.text.assign(static_cast<const char*>(static_cast<const void*>(data + 1)),
                             size - 1);
    const std::string method = data[0] % 2 == 0 ? "GET" : "HEAD";
    net::Exchange ours;
    world.perform(*world.ours, ours, method);
    if (ours.response.error != net::TransportError::None) {
        return 0;
    }
    net::Exchange curl;
    world.perform(*world.curl, curl, method);
    BOOM_ASSERT(curl.response.error == net::TransportError::None);
    BOOM_ASSERT(curl.response.status == ours.response.status);
    BOOM_ASSERT(curl.response.body == ours.response.body);
    BOOM_ASSERT(curl.response.headers.size() == ours.response.headers.size());
    for (std::size_t index = 0; index < ours.response.headers.size(); ++index) {
        BOOM_ASSERT(curl.response.headers[index].name == ours.response.headers[index].name);
    }
    return 0;
}
