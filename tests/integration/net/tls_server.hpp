#pragma once
// A server over TLS on the loop of the test itself: answers each request head with one given text.
// Speaks HTTP/2 to who asks for it, unless told not to. The loop's thread.

#include "http2_dialect.hpp"
#include "net/event_loop.hpp"
#include "net/tls_stream.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace boom::test {

class TlsServer final : public net::AcceptListener, public net::StreamListener {
public:
    enum class Then { KeepOpen, End, CutOff };

    explicit TlsServer(net::EventLoop& loop, net::TlsContext::Protocol protocol);

    [[nodiscard]] const std::string& certificate() const { return identity_.certificate; }
    [[nodiscard]] int port() const { return port_; }
    void answer_with(std::string text, Then then);
    [[nodiscard]] int connections() const { return connections_; }
    [[nodiscard]] int resumed() const { return resumed_; }
    [[nodiscard]] int requests() const { return requests_; }

    net::StreamListener* on_accepted(net::StreamId stream,
                                     const net::AcceptListener::Peer& peer) noexcept override;
    void on_data(net::StreamId stream, std::string_view bytes) noexcept override;
    void on_closed(net::StreamId stream, int error) noexcept override;

private:
    struct Client {
        net::TlsStream tls;
        std::string received;
        bool is_known = false;
        std::unique_ptr<Http2Dialect> dialect = nullptr;
    };
    [[nodiscard]] bool take_http1(Client& client, std::string& wire);
    [[nodiscard]] bool take_http2(Client& client, std::string& wire);

    net::EventLoop& loop_;
    net::TlsIdentity identity_;
    net::TlsContext::Made context_;
    int port_ = 0;
    std::string text_;
    Then then_ = Then::KeepOpen;
    int connections_ = 0;
    int resumed_ = 0;
    int requests_ = 0;
    std::map<std::uint64_t, Client> clients_;
};

}  // namespace boom::test
