#pragma once
// One thread of the target: its loop, its listening socket and its connections. Only stop() may be
// called by other threads.

#include "net/event_loop.hpp"
#include "net/tls_stream.hpp"
#include "net/web_socket_frames.hpp"
#include "target/answer.hpp"
#include "target/records.hpp"
#include "target/request_parser.hpp"
#include "target/stall.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace boom::target {

class Front final : public net::AcceptListener,
                    public net::StreamListener,
                    public net::TimerListener,
                    public net::WakeListener {
public:
    // What all fronts of a server share; `tls` is null for plain HTTP. They outlive the front.
    struct Shared {
        Records& records;
        Stall& stall;
        const net::TlsContext* tls = nullptr;
    };

    explicit Front(const Shared& shared);
    // The port, or 0 with errno set.
    [[nodiscard]] int listen(const net::EventLoop::Endpoint& at,
                             net::EventLoop::PortSharing sharing);
    void run();
    void stop();

    net::StreamListener* on_accepted(net::StreamId stream, const Peer& peer) noexcept override;
    void on_data(net::StreamId stream, std::string_view bytes) noexcept override;
    void on_sent(net::StreamId stream) noexcept override;
    void on_closed(net::StreamId stream, int error) noexcept override;
    void on_timer(std::uint64_t key) noexcept override;
    void on_wake() noexcept override {}

private:
    // An answer that waits for its time.
    struct Pending {
        Answer answer;
        std::string method;
        Afterwards afterwards = Afterwards::Keep;
        base::TimePoint arrived;
        bool is_control = false;
    };
    // An answer that goes out piece by piece.
    struct Script {
        std::vector<Piece> pieces;
        Answer::Then then = Answer::Then::Keep;
        std::size_t next = 0;
        bool has_paused = false;  // before the next piece
        bool is_control = false;
    };
    enum class Phase : std::uint8_t {
        Reading,
        Waiting,  // `pending` has its time to come
        Playing,  // `script` is going out
        Hanging,  // for ever
        Draining  // refused; what comes is thrown away until the peer has read why
    };
    struct Connection {
        RequestParser parser;
        std::string peer;
        std::size_t unread_bytes = 0;  // since the last request
        std::unique_ptr<net::TlsStream> tls;
        std::unique_ptr<net::WebSocketReader> web_socket;
        std::unique_ptr<Pending> pending;
        std::unique_ptr<Script> script;
        net::TimerId timer;
        Phase phase = Phase::Reading;
        bool is_paused = false;
    };

    [[nodiscard]] Connection* find(net::StreamId stream);
    void forget(net::StreamId stream);
    void take(net::StreamId stream, std::string_view plain);
    void take_encrypted(net::StreamId stream, Connection& connection, std::string_view bytes);
    // Answers what is complete, one request after the other.
    void serve(net::StreamId stream);
    void serve_request(net::StreamId stream, Connection& connection, Request request);
    void serve_web_socket(net::StreamId stream);
    void give(net::StreamId stream, Connection& connection, Pending pending);
    void open_web_socket(net::StreamId stream, Connection& connection, const Pending& pending);
    void refuse(net::StreamId stream, Connection& connection);
    void play(net::StreamId stream);
    void end_script(net::StreamId stream, Connection& connection);
    void wait_until(net::StreamId stream, Connection& connection, base::TimePoint due);
    void send(net::StreamId stream, Connection& connection, std::string_view bytes);
    void finish(net::StreamId stream);
    void tear_down(net::StreamId stream);

    Shared shared_;
    std::unique_ptr<net::EventLoop> loop_;
    std::unordered_map<std::uint64_t, Connection> connections_;
    std::size_t repeating_ = 0;  // scripts without an end
    std::string plain_;          // of one call, kept for their capacity
    std::string encrypted_;
    std::atomic<bool> is_stopping_{false};
};

}  // namespace boom::target
