#pragma once
// How messages travel between a master and its workers. A local run uses the loopback link: the
// same messages, the same code, no network.

#include "base/units.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boom::cluster {

// Names one connection; opaque. A worker knows one peer, its master: kMasterPeer.
using PeerId = std::string;
inline const PeerId kMasterPeer;

class Link {
public:
    virtual ~Link() = default;
    // Never blocks. What cannot be sent now is queued or, when the peer is gone, dropped: the
    // protocol above repeats what must arrive.
    virtual void send(const PeerId& peer, std::string bytes) = 0;
    struct Received {
        PeerId peer;
        std::string bytes;
        std::string address;  // of the peer as the socket sees it; empty = this process
    };
    [[nodiscard]] virtual std::optional<Received> receive() = 0;
    // Until something can be received, wake() was called or `timeout` has passed.
    virtual void wait(base::Duration timeout) = 0;
    // Any thread.
    virtual void wake() = 0;
    // Connections that failed their handshake so far: another secret, none, or no peer of ours.
    [[nodiscard]] virtual std::int64_t refused_connections() { return 0; }
};

// Two ends in one process; each end belongs to one thread.
struct LoopbackPair {
    std::unique_ptr<Link> master;
    std::unique_ptr<Link> worker;
};
[[nodiscard]] LoopbackPair make_loopback_links();

// ROUTER. Throws ConfigError{Refused} when the address cannot be bound, naming it. Port 0 picks.
struct BoundLink {
    std::unique_ptr<Link> link;
    int port = 0;
};
// With a token both ends are encrypted and prove that they know it (CURVE, design D11); whoever
// does not gets no message through. Without one nothing is protected.
[[nodiscard]] BoundLink bind_master_link(const std::string& host, int port,
                                         const std::string& token);
// DEALER: connects, and reconnects for ever. Never throws for a master that is not there.
[[nodiscard]] std::unique_ptr<Link> connect_worker_link(const std::string& host, int port,
                                                        const std::string& token);

}  // namespace boom::cluster
