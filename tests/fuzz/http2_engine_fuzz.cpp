// Whatever a server says in frames of HTTP/2, every exchange ends exactly once, and what it says of
// its answer holds. The server is on loopback; the input is a list of frames, or raw bytes. Three
// exchanges share the connection, and one of them may be cancelled meanwhile.

#include "base/assert.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace boom;

constexpr std::string_view kSettings("\0\0\0\4\0\0\0\0\0", 9);

// What the first connection of an input hears; later ones are closed at once, so that it ends.
class Server final : public net::AcceptListener, public net::StreamListener {
public:
    explicit Server(net::EventLoop& loop)
        : loop_(loop),
          port(loop.listen({"127.0.0.1", 0}, net::EventLoop::PortSharing::Exclusive, *this)) {}

    net::StreamListener* on_accepted(net::StreamId stream, const Peer&) noexcept override {
        if (is_used) {
            loop_.close(stream, net::EventLoop::CloseMode::AfterSending);
            return nullptr;
        }
        is_used = true;
        return this;
    }
    void on_data(net::StreamId stream, std::string_view) noexcept override {
        loop_.send(stream, std::string_view(text).substr(0, cut));
        if (cut == text.size()) {
            loop_.close(stream, net::EventLoop::CloseMode::AfterSending);
        }
        cut = text.size();
    }
    void on_closed(net::StreamId, int) noexcept override {}

private:
    net::EventLoop& loop_;

public:
    int port;
    bool is_used = false;
    std::string text;
    std::size_t cut = 0;  // the rest follows when the client has said more
};

class Done final : public net::ExchangeListener {
public:
    void on_done(net::Exchange& exchange) noexcept override {
        ++count;
        const net::HttpResponse& response = exchange.response;
        const bool is_answer = response.error == net::TransportError::None;
        BOOM_ASSERT(!is_answer || (response.status >= 200 && response.was_sent));
        BOOM_ASSERT(is_answer || !response.error_text.empty());
        const std::string_view block = response.header_block;
        for (const net::Header& header : response.headers) {
            BOOM_ASSERT(header.name.data() >= block.data());
            BOOM_ASSERT(header.value.data() + header.value.size() <= block.data() + block.size());
        }
    }
    int count = 0;
};

// Type, flags, stream and length of a frame are a byte each, the payload follows.
std::string frames_of(std::string_view input) {
    std::string text;
    while (input.size() >= 4) {
        const std::size_t size =
            std::min<std::size_t>(static_cast<unsigned char>(input[3]), input.size() - 4);
        text += std::string(2, '\0') + static_cast<char>(size);
        text += static_cast<char>(input[0] % 10);
        text += input[1];
        text += std::string(3, '\0') + static_cast<char>(input[2] % 8);
        text += input.substr(4, size);
        input.remove_prefix(4 + size);
    }
    return text;
}

struct World {
    std::unique_ptr<net::EventLoop> loop = net::EventLoop::create(net::IoKind::Epoll);
    Server server{*loop};
    net::ConnectionOptions options;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World world;
    if (size < 2) {
        return 0;
    }
    // The one place where bytes become characters.
    const std::string_view input(static_cast<const char*>(static_cast<const void*>(data + 2)),
                                 size - 2);
    const std::uint8_t choice = data[0];
    Server& server = world.server;
    server.text = (choice & 1) != 0 ? std::string(input) : frames_of(input);
    if ((choice & 2) == 0) {
        server.text.insert(0, kSettings);
    }
    server.cut = std::min<std::size_t>(data[1], server.text.size());
    server.is_used = false;
    world.options.version = net::ConnectionOptions::Version::Http2;
    world.options.connections = (choice & 4) != 0 ? net::ConnectionOptions::Connections::Shared
                                                  : net::ConnectionOptions::Connections::OfOwner;
    world.options.max_body_bytes = 100;

    const auto engine = net::make_http2_engine(*world.loop);
    constexpr std::array<std::string_view, 3> kMethods{"GET", "HEAD", "POST"};
    std::array<net::Exchange, kMethods.size()> exchanges;
    Done done;
    for (std::size_t index = 0; index < exchanges.size(); ++index) {
        net::Exchange& exchange = exchanges[index];
        exchange.request.method = kMethods[index];
        exchange.request.url = "http://127.0.0.1:" + std::to_string(server.port) + "/";
        exchange.request.headers = "Accept-Encoding: gzip\r\n";
        exchange.request.body = index == 2 ? std::string(100'000, 'b') : std::string();
        exchange.options = &world.options;
        exchange.listener = &done;
        exchange.body = net::Exchange::Body::Keep;
        engine->start(exchange);
    }
    const auto limit = world.loop->refresh_now() + std::chrono::seconds(10);
    int wanted = 3;
    for (int turn = 0; engine->in_flight() > 0 && world.loop->now() < limit; ++turn) {
        world.loop->run_once(limit);
        if (turn == 2 && (choice & 8) != 0) {
            const int before = engine->in_flight();
            engine->cancel(exchanges[choice % 3]);
            wanted -= before - engine->in_flight();
        }
    }
    BOOM_ASSERT(engine->in_flight() == 0);
    BOOM_ASSERT(done.count == wanted);
    return 0;
}
