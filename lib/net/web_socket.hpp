#pragma once
// WebSocket (RFC 6455) as exchanges: every action of a user is one exchange, whose answer is the
// handshake's, or the message that came. Connections stay between the actions of their user.

#include "net/http.hpp"

#include <cstdint>
#include <memory>

namespace boom::net {

// Pings are answered whenever they come; messages that nobody reads yet are kept, up to a limit
// from which on the peer is not read. forget() says goodbye. One per loop, in its thread.
class WebSocketEngine : public HttpEngine {
public:
    // What close_unused() leaves open.
    virtual void keep_open(std::uint64_t owner) = 0;
    // Says goodbye on all connections of the owner that were opened since keep_open().
    virtual void close_unused(std::uint64_t owner) = 0;
    // Connections whose peer has still to say goodbye, for a second at most.
    [[nodiscard]] virtual int leaving() const = 0;
};

class EventLoop;
// The seed is that of the masks.
[[nodiscard]] std::unique_ptr<WebSocketEngine> make_web_socket_engine(EventLoop& loop,
                                                                      std::uint64_t seed);

}  // namespace boom::net
