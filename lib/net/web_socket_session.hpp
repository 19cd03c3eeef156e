#pragma once
// One websocket of one user: the connection, what came and was not read yet, and the action in
// hand. The loop's thread.

#include "base/rng.hpp"
#include "net/http.hpp"
#include "net/http1_connection.hpp"
#include "net/web_socket.hpp"
#include "net/web_socket_frames.hpp"
#include "net/web_socket_handshake.hpp"
#include "net/web_socket_inbox.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace boom::net {

class WebSocketSession;

// The engine, as its sessions see it.
class WebSocketHome {
public:
    virtual ~WebSocketHome() = default;
    [[nodiscard]] virtual Http1Shared& shared() = 0;
    [[nodiscard]] virtual base::Rng& rng() = 0;
    [[nodiscard]] virtual HttpEngine::ConnectionCounts& mutable_counts() = 0;
    virtual void on_landed() = 0;
    // A session that said goodbye has come to its end: it may be destroyed from here.
    virtual void on_left(WebSocketSession& session) = 0;
};

class WebSocketSession final : public Http1User, public TimerListener {
public:
    WebSocketSession(WebSocketHome& home, std::int64_t max_message_bytes);
    ~WebSocketSession() override;
    WebSocketSession(const WebSocketSession&) = delete;
    WebSocketSession& operator=(const WebSocketSession&) = delete;

    // Connects first and does the exchange's action then. The profile outlives the session.
    void open(Exchange& exchange, Http1Profile& profile);
    // Instead of open(): the exchange fails.
    void refuse(Exchange& exchange, std::string_view why);
    // REQUIRES: open() was called, and no action is in hand.
    void act(Exchange& exchange);
    // Ends the action in hand, and the connection with it.
    void cancel();
    // Says goodbye; on_left() follows, maybe from inside.
    void leave();

    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] const Exchange* exchange() const { return exchange_; }
    // Nothing can be sent any more.
    [[nodiscard]] bool has_ended() const { return state_ == State::Ended; }
    // Neither is there anything to say about it: it never opened, or the user closed it.
    [[nodiscard]] bool is_useless() const {
        return has_ended() && exchange_ == nullptr && (was_closed_ || !was_open_);
    }
    bool is_kept = false;  // the engine's: it outlives the iteration

    void on_ready(Http1Connection& connection) noexcept override;
    void on_bytes(Http1Connection& connection, std::string_view bytes) noexcept override;
    void on_sent(Http1Connection& connection) noexcept override;
    void on_ended(Http1Connection& connection, Http1Failure failure) noexcept override;
    void on_timer(std::uint64_t key) noexcept override;

private:
    using Kind = WebSocketMessage::Kind;
    using Command = WebSocketCommand;
    enum class State : std::uint8_t { Connecting, Handshake, Open, Closing, Ended };

    void begin(Exchange& exchange);
    void do_action();
    void send_payload();
    void send_frame(Kind kind, std::string_view payload);
    [[nodiscard]] bool take_answer(std::string_view& bytes);
    void take_messages();
    void take_message(WebSocketMessage& message);
    void take_close(const WebSocketMessage& message);
    void deliver();
    void adjust_reading();
    void set_timer(TimePoint due);
    void time_out();
    void end_connection(Http1Connection::CloseMode mode);
    void fail(TransportError error, std::string_view text);
    void fail_closed();
    // The last thing that happens: the session may be destroyed from there.
    void finish_if_done();
    [[nodiscard]] const Command& command() const;
    [[nodiscard]] bool is_doing(Command::Kind kind) const;

    WebSocketHome& home_;
    Http1Shared& shared_;
    std::string url_;
    TlsSession no_session_;
    std::unique_ptr<WebSocketHandshake> handshake_;  // until it is open
    std::unique_ptr<Http1Connection> connection_;
    WebSocketReader reader_;
    WebSocketInbox inbox_;
    Exchange* exchange_ = nullptr;
    TimerId timer_;
    std::string frame_;          // of one call, kept for its capacity
    std::string ping_;           // payload of the ping in hand
    std::string goodbye_;        // why the peer closed, for people
    std::uint64_t pings_ = 0;    // that were numbered
    int end_code_ = 0;           // of the peer's Close; 0: there was none
    std::string end_reason_;     // likewise
    std::int64_t received_ = 0;  // bytes that belong to no action yet
    State state_ = State::Connecting;
    bool is_done_ = false;  // the action: it is reported last
    bool is_leaving_ = false;
    bool was_open_ = false;
    bool was_closed_ = false;  // by the user
    bool is_paused_ = false;
};

}  // namespace boom::net
