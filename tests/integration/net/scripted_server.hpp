#pragma once
// An HTTP server of a few lines on the loop of the test itself: answers by path, counts what came,
// and misbehaves on request. Speaks HTTP/2 to who begins so. The loop's thread.

#include "http2_dialect.hpp"
#include "net/event_loop.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boom::test {

class ScriptedServer final : public net::AcceptListener, public net::StreamListener {
public:
    // What happens after the text of an answer is sent.
    enum class Then { KeepOpen, Close, Reset };
    struct Answer {
        std::string text;  // raw, status line and all; may be empty
        Then then = Then::KeepOpen;
    };
    struct Request {
        std::string head;
        std::string body;
    };

    explicit ScriptedServer(net::EventLoop& loop);

    // The answer to a path; others get a 200 with an empty body. A "HEAD" gets the head alone.
    void script(const std::string& path, Answer answer) { answers_[path] = std::move(answer); }
    [[nodiscard]] std::string url(std::string_view path) const;
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] int connections() const { return connections_; }
    [[nodiscard]] int open_connections() const { return static_cast<int>(received_.size()); }
    [[nodiscard]] const std::vector<Request>& requests() const { return requests_; }
    [[nodiscard]] std::size_t bytes_received() const { return bytes_received_; }
    // Ends every connection, as a server does with idle ones.
    void close_connections();
    void forget_requests();

    net::StreamListener* on_accepted(net::StreamId stream, const Peer& peer) noexcept override;
    void on_data(net::StreamId stream, std::string_view bytes) noexcept override;
    void on_closed(net::StreamId stream, int error) noexcept override;

private:
    [[nodiscard]] bool take_request(net::StreamId stream);
    void take_http2(net::StreamId stream, std::string_view bytes);
    void answer(net::StreamId stream, const Request& request);
    [[nodiscard]] Answer answer_to(const Request& request) const;
    void end(net::StreamId stream, Then then);

    net::EventLoop& loop_;
    int port_;
    int connections_ = 0;
    std::size_t bytes_received_ = 0;
    std::map<std::string, Answer> answers_;
    std::map<std::uint64_t, std::string> received_;  // by stream: not yet a whole request
    std::map<std::uint64_t, std::unique_ptr<Http2Dialect>> dialects_;  // of those in HTTP/2
    std::vector<Request> requests_;
};

// "HTTP/1.1 200 OK" with the length of the body; `headers` are whole lines.
[[nodiscard]] std::string ok(std::string_view body, std::string_view headers = "");
// The value of a header line of a request head, "(none)" when absent.
[[nodiscard]] std::string header_of(const ScriptedServer::Request& request, std::string_view name);

}  // namespace boom::test
