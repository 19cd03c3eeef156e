#include "net/web_socket.hpp"

#include "engine_fixture.hpp"
#include "net/web_socket_frames.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace boom::test {
namespace {

using namespace std::string_literals;
using net::TransportError;
using net::WebSocketCommand;
using net::WebSocketMessage;
using Kind = WebSocketMessage::Kind;
using Action = WebSocketCommand::Kind;

// Opens websockets and sends what a test says: one answer, of raw frames, to each message.
class FrameServer final : public net::AcceptListener, public net::StreamListener {
public:
    explicit FrameServer(net::EventLoop& loop) : loop_(loop) {
        port = loop.listen({"127.0.0.1", 0}, net::EventLoop::PortSharing::Exclusive, *this);
        REQUIRE(port > 0);
    }
    net::StreamListener* on_accepted(net::StreamId /*stream*/, const Peer&) noexcept override {
        return this;
    }
    void on_data(net::StreamId stream, std::string_view bytes) noexcept override {
        if (!is_open) {
            head += bytes;
            const std::size_t begin = head.find("Sec-WebSocket-Key: ") + 19;
            if (head.find("\r\n\r\n") != std::string::npos) {
                is_open = true;
                loop_.send(stream,
                           "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Accept: " +
                               net::web_socket_accept(head.substr(begin, 24)) + "\r\n\r\n" +
                               greeting);
            }
            return;
        }
        reader.feed(bytes);
        while (const WebSocketMessage* message = reader.next()) {
            received.push_back(*message);
            const bool is_message = message->kind == Kind::Text || message->kind == Kind::Binary;
            if (is_message && next < answers.size()) {
                send_in_pieces(stream, answers[next++]);
            } else if (message->kind == Kind::Close && closes) {
                loop_.send(stream, net::web_socket_frame(*message));
            }
        }
    }
    void on_closed(net::StreamId /*stream*/, int /*error*/) noexcept override { ++closed; }

    int port = 0;
    bool is_open = false;
    bool closes = true;
    std::string head, greeting;
    std::vector<std::string> answers;  // empty: the connection ends
    std::vector<WebSocketMessage> received;
    net::WebSocketReader reader{net::WebSocketReader::From::Client};
    std::size_t next = 0;
    int closed = 0;

private:
    void send_in_pieces(net::StreamId stream, const std::string& bytes) {
        if (bytes.empty()) {
            loop_.close(stream, net::EventLoop::CloseMode::AfterSending);
        }
        loop_.send(stream, bytes);
    }

    net::EventLoop& loop_;
};

class WebSocketFixture {
public:
    explicit WebSocketFixture(net::IoKind kind)
        : loop(net::EventLoop::create(kind)),
          server(*loop),
          engine(net::make_web_socket_engine(*loop, 1)) {
        exchange.request.url = "ws://127.0.0.1:" + std::to_string(server.port) + "/";
        exchange.listener = &done;
        exchange.options = &options;
    }
    const net::HttpResponse& perform(Action action, std::string payload = {}) {
        WebSocketCommand command;
        command.kind = action;
        command.payload = WebSocketCommand::Payload::Binary;
        command.max_message_bytes = max_message;
        command.close_code = 4001;
        options.web_socket = command;
        options.timeout = timeout;
        exchange.request.body = std::move(payload);
        const int before = done.count;
        engine->start(exchange);
        const auto limit = loop->refresh_now() + EngineFixture::kPatience;
        while (done.count == before && loop->now() < limit) {
            loop->run_once(limit);
        }
        REQUIRE(done.count == before + 1);
        return exchange.response;
    }

    std::unique_ptr<net::EventLoop> loop;
    FrameServer server;
    std::unique_ptr<net::WebSocketEngine> engine;
    net::ConnectionOptions options;
    net::Exchange exchange;
    Completion done;
    std::int64_t max_message = 1 << 20;
    base::Duration timeout = EngineFixture::kPatience;
};

std::string text(const std::string& payload) {
    return net::web_socket_frame({Kind::Text, payload});
}

net::IoKind any_kind() {
    const net::IoKind kind = GENERATE(net::IoKind::Epoll, net::IoKind::Uring);
    return net::EventLoop::create(kind) != nullptr ? kind : net::IoKind::Epoll;
}

TEST_CASE("WebSocketEngine: a conversation over one connection", "[net]") {
    WebSocketFixture f(any_kind());
    f.server.greeting = text("hi") + net::web_socket_frame({Kind::Ping, "are you there"});
    f.server.answers = {"\x01\x02he"s + net::web_socket_frame({Kind::Ping, "p"}) + "\x80\x03llo"s,
                        text("a") + text("b"), text("c")};
    CHECK(f.perform(Action::Open).status == 101);
    CHECK(f.exchange.response.header("Upgrade") == "websocket");
    CHECK(f.perform(Action::Open).status == 101);  // open already
    CHECK(f.perform(Action::Read).body == "hi");
    CHECK(f.perform(Action::WriteAndRead, "x").body == "hello");
    CHECK(f.perform(Action::WriteAndRead, "y").body == "a");
    CHECK(f.perform(Action::WriteAndRead, "z").body == "b");  // oldest first
    CHECK(f.perform(Action::Read).body == "c");
    CHECK(f.exchange.response.bytes_received > 0);
    const net::HttpResponse& end = f.perform(Action::Close, "enough");
    CHECK(end.status == 4001);
    CHECK(end.body == "enough");
    const std::vector<WebSocketMessage> expected = {
        {Kind::Pong, "are you there"},
        {Kind::Binary, "x"},
        {Kind::Pong, "p"},
        {Kind::Binary, "y"},
        {Kind::Binary, "z"},
        {Kind::Close, net::close_payload(4001, "enough")}};
    CHECK(f.server.received == expected);
    CHECK(f.engine->counts().opened == 1);
    CHECK(f.engine->in_flight() == 0);
    CHECK(f.perform(Action::Read).error == TransportError::WebSocketClosed);
}

TEST_CASE("WebSocketEngine: what a server must not send ends the connection", "[net]") {
    const net::IoKind kind = any_kind();
    struct Hostile {
        std::string bytes;
        TransportError error;
        int code;  // that it is told
    };
    const auto hostile = GENERATE(values<Hostile>({
        {"\x81\x81\0\0\0\0x"s, TransportError::WebSocketProtocol, 1002},  // masked
        {"\xc1\x01x"s, TransportError::WebSocketProtocol, 1002},
        {"\x83\x01x"s, TransportError::WebSocketProtocol, 1002},
        {"\x80\x01x"s, TransportError::WebSocketProtocol, 1002},
        {"\x81\x02\xc3("s, TransportError::WebSocketProtocol, 1007},
        {"\x82\x7f\0\0\0\0\0\x10\0\x01"s, TransportError::WebSocketProtocol, 1009},
        {"\x88\x02\x10\x01"s, TransportError::WebSocketClosed, 4097},
        {"\x88\0"s, TransportError::WebSocketClosed, 1005},
        {"", TransportError::WebSocketClosed, 0},
    }));
    WebSocketFixture f(kind);
    f.server.answers = {hostile.bytes};
    REQUIRE(f.perform(Action::Open).error == TransportError::None);
    const net::HttpResponse& response = f.perform(Action::WriteAndRead, "x");
    CHECK(response.error == hostile.error);
    CHECK_FALSE(response.error_text.empty());
    CHECK(f.perform(Action::Write, "y").error == TransportError::WebSocketClosed);
    const auto limit = f.loop->refresh_now() + EngineFixture::kPatience;
    while (f.server.closed == 0 && f.loop->now() < limit && !hostile.bytes.empty()) {
        f.loop->run_once(limit);
    }
    if (hostile.code != 0) {
        REQUIRE(f.server.received.size() == 2);
        CHECK(net::read_close(f.server.received[1].payload).code == hostile.code);
    }
    // Another one can be opened.
    f.server.is_open = false;
    f.server.head.clear();
    CHECK(f.perform(Action::Open).error == TransportError::None);
}

TEST_CASE("WebSocketEngine: waits end", "[net]") {
    WebSocketFixture f(any_kind());
    f.server.closes = false;
    REQUIRE(f.perform(Action::Open).error == TransportError::None);
    f.timeout = std::chrono::milliseconds(20);
    CHECK(f.perform(Action::Read).error == TransportError::ResponseTimeout);
    CHECK(f.perform(Action::Ping, "p").error == TransportError::ResponseTimeout);
    CHECK(f.perform(Action::Ping, std::string(126, 'p')).error == TransportError::Other);
    CHECK(f.perform(Action::WriteAndRead, "x").error == TransportError::ResponseTimeout);
    CHECK(f.perform(Action::Close).error == TransportError::ResponseTimeout);
    f.engine->forget(f.exchange.owner);
    CHECK(f.engine->leaving() == 0);
}

TEST_CASE("WebSocketEngine: unread messages are kept up to a limit, none is lost", "[net]") {
    WebSocketFixture f(any_kind());
    std::string many;
    constexpr int kMany = 40;
    const std::string load(100'000, 'x');
    for (int i = 0; i < kMany; ++i) {
        many += text(load + std::to_string(i));
    }
    f.server.answers = {many};
    REQUIRE(f.perform(Action::Open).error == TransportError::None);
    REQUIRE(f.perform(Action::Write, "go").error == TransportError::None);
    for (int i = 0; i < kMany; ++i) {
        REQUIRE(f.perform(Action::Read).body == load + std::to_string(i));
    }
}

TEST_CASE("WebSocketEngine: a cancelled action takes the connection with it", "[net]") {
    WebSocketFixture f(any_kind());
    REQUIRE(f.perform(Action::Open).error == TransportError::None);
    f.options.web_socket->kind = Action::Read;
    f.engine->start(f.exchange);
    CHECK(f.engine->in_flight() == 1);
    f.engine->cancel(f.exchange);
    CHECK(f.engine->in_flight() == 0);
    CHECK(f.exchange.response.error == TransportError::Cancelled);
    CHECK(f.done.count == 1);
    CHECK(f.perform(Action::Write, "x").error == TransportError::WebSocketClosed);
}

}  // namespace
}  // namespace boom::test
