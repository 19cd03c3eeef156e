#include "tls_server.hpp"

#include <stdexcept>
#include <utility>

namespace boom::test {

TlsServer::TlsServer(net::EventLoop& loop, net::TlsContext::Protocol protocol)
    : loop_(loop),
      identity_(net::make_self_signed_identity()),
      context_(net::TlsContext::for_server(identity_, protocol)) {
    port_ = loop_.listen({"127.0.0.1", 0}, net::EventLoop::PortSharing::Exclusive, *this);
    if (port_ <= 0 || context_.context == nullptr) {
        throw std::runtime_error("no TLS server: " + context_.error);
    }
}

void TlsServer::answer_with(std::string text, Then then) {
    text_ = std::move(text);
    then_ = then;
}

net::StreamListener* TlsServer::on_accepted(net::StreamId stream,
                                            const net::AcceptListener::Peer& /*peer*/) noexcept {
    ++connections_;
    clients_.emplace(stream.value, Client{net::TlsStream(*context_.context), {}});
    return this;
}

void TlsServer::on_data(net::StreamId stream, std::string_view bytes) noexcept {
    const auto found = clients_.find(stream.value);
    if (found == clients_.end()) {
        return;
    }
    Client& client = found->second;
    std::string wire;
    static_cast<void>(client.tls.receive(bytes, client.received, wire));
    if (!client.is_known && client.tls.phase() == net::TlsStream::Phase::Open) {
        client.is_known = true;
        resumed_ += client.tls.is_resumed() ? 1 : 0;
        if (client.tls.has_chosen_http2()) {
            client.dialect = std::make_unique<Http2Dialect>();
        }
    }
    const bool is_asked =
        client.dialect == nullptr ? take_http1(client, wire) : take_http2(client, wire);
    if (is_asked && then_ == Then::End) {
        client.tls.end(wire);
    }
    if (!wire.empty()) {
        loop_.send(stream, wire);
    }
    if (is_asked && then_ != Then::KeepOpen) {
        clients_.erase(found);
        loop_.close(stream, net::EventLoop::CloseMode::AfterSending);
    }
}

bool TlsServer::take_http1(Client& client, std::string& wire) {
    if (client.received.find("\r\n\r\n") == std::string::npos) {
        return false;
    }
    ++requests_;
    client.received.clear();
    static_cast<void>(client.tls.send(text_, wire));
    return true;
}

bool TlsServer::take_http2(Client& client, std::string& wire) {
    static_cast<void>(client.dialect->receive(client.received));
    client.received.clear();
    const auto asked = client.dialect->take_requests();
    for (const Http2Dialect::Request& request : asked) {
        ++requests_;
        client.dialect->answer(request.stream, text_);
    }
    static_cast<void>(client.tls.send(client.dialect->take_output(), wire));
    return !asked.empty();
}

void TlsServer::on_closed(net::StreamId stream, int /*error*/) noexcept {
    clients_.erase(stream.value);
}

}  // namespace boom::test
