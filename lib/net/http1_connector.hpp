#pragma once
// Finds the addresses of a host and connects to the first that answers (Happy Eyeballs, RFC 8305).
// Gone once there is a connection. The loop's thread.

#include "net/event_loop.hpp"
#include "net/http.hpp"
#include "net/name_resolver.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace boom::net {

class Http1Connector final : public NameListener, public TimerListener {
public:
    class Owner {
    public:
        virtual ~Owner() = default;
        // No address answered; `error` is the last one's errno, 0 with `NoName`. Never from
        // inside start().
        enum class Reason { NoName, NoConnection };
        virtual void on_connecting_failed(Reason reason, int error) noexcept = 0;
    };
    struct Target {
        std::string host;
        int port = 0;
    };

    // The streams' events go to `streams`, who passes the first ones on.
    Http1Connector(EventLoop& loop, NameResolver& resolver, StreamListener& streams, Owner& owner);
    ~Http1Connector() override;
    Http1Connector(const Http1Connector&) = delete;
    Http1Connector& operator=(const Http1Connector&) = delete;

    void start(const Target& target, const ConnectionOptions& options);
    // That stream is the connection: all other attempts end. Returns its address.
    const std::string& choose(StreamId stream);
    // That attempt failed.
    void on_attempt_failed(StreamId stream, int error);
    [[nodiscard]] bool is_resolved() const { return resolved_at_ != TimePoint{}; }
    [[nodiscard]] TimePoint resolved_at() const { return resolved_at_; }

    void on_addresses(const std::vector<std::string>& addresses) noexcept override;
    void on_timer(std::uint64_t key) noexcept override;

private:
    void take_addresses(const std::vector<std::string>& addresses);
    void try_next();
    void set_timer(Duration after);

    struct Attempt {
        StreamId stream;
        std::size_t address = 0;
    };

    EventLoop& loop_;
    NameResolver& resolver_;
    StreamListener& streams_;
    Owner& owner_;
    const ConnectionOptions* options_ = nullptr;
    int port_ = 0;
    std::vector<std::string> addresses_;
    std::size_t next_ = 0;  // address to try
    std::vector<Attempt> attempts_;
    int last_error_ = 0;
    TimePoint resolved_at_{};
    TimerId timer_;
};

}  // namespace boom::net
