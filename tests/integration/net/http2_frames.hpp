#pragma once
// Frames of HTTP/2 written by hand (RFC 9113), and a server on the loop of the test itself that
// hands each frame to the test. The loop's thread.

#include "net/event_loop.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace boom::test {

enum class FrameType : std::uint8_t {
    Data = 0,
    Headers = 1,
    ResetStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
};
enum FrameFlag : unsigned { kNoFlag = 0, kEndStream = 1, kAck = 1, kEndHeaders = 4 };

struct Frame {
    FrameType type = FrameType::Data;
    unsigned flags = kNoFlag;
    std::uint32_t stream = 0;
    std::string payload;
    net::StreamId connection = {};  // that it came on
};

[[nodiscard]] std::string encode(const Frame& frame);
[[nodiscard]] std::string number(std::uint32_t value);  // four bytes
[[nodiscard]] std::uint32_t number_in(std::string_view four_bytes);
// One of the six bytes of a setting and its value.
[[nodiscard]] std::string setting(unsigned id, std::uint32_t value);

// Header blocks: fields without compression, names as they are given.
[[nodiscard]] std::string literal(std::string_view name, std::string_view value);
[[nodiscard]] std::string status(std::string_view code);

// Answers that end their stream.
[[nodiscard]] std::string answer(std::uint32_t stream, std::string_view code = "200",
                                 std::string_view body = {});

class FrameServer final : public net::AcceptListener, public net::StreamListener {
public:
    explicit FrameServer(net::EventLoop& loop);

    // Sent to each connection at once.
    std::string greeting = encode({FrameType::Settings, kNoFlag, 0, {}});
    // Called with each frame that comes; the number counts connections from 1.
    std::function<void(const Frame&, int connection)> on_frame = [](const Frame&, int) {};

    void send(net::StreamId connection, std::string_view bytes) { loop_.send(connection, bytes); }
    void close(net::StreamId connection);
    [[nodiscard]] std::string url(std::string_view path = "/") const;
    [[nodiscard]] int connections() const { return connections_; }
    [[nodiscard]] int open_connections() const { return static_cast<int>(clients_.size()); }
    [[nodiscard]] const std::vector<Frame>& frames() const { return frames_; }
    [[nodiscard]] int count(FrameType type) const;

    net::StreamListener* on_accepted(net::StreamId stream, const Peer& peer) noexcept override;
    void on_data(net::StreamId stream, std::string_view bytes) noexcept override;
    void on_closed(net::StreamId stream, int error) noexcept override;

private:
    struct Client {
        int number = 0;
        bool is_greeted = false;  // its preface is there
        std::string bytes;
    };

    net::EventLoop& loop_;
    int port_;
    int connections_ = 0;
    std::map<std::uint64_t, Client> clients_;
    std::vector<Frame> frames_;
};

}  // namespace boom::test
