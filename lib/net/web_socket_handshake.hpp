#pragma once
// The opening handshake of a websocket (RFC 6455 section 4), the client's side: the request's bytes
// and a strict reading of the answer. One thread. Keeps at most one head (64 KB).

#include "base/rng.hpp"
#include "net/http.hpp"
#include "net/http1_request.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace boom::net {

class WebSocketHandshake {
public:
    static constexpr std::size_t kMaxHead = std::size_t{64} << 10;

    // Empty when all is well, else why there can be no request.
    [[nodiscard]] std::string_view assign(const HttpRequest& request, base::Rng& rng);
    [[nodiscard]] std::string_view bytes() const { return request_.bytes(); }
    [[nodiscard]] const Http1Origin& origin() const { return request_.origin(); }

    enum class Progress : std::uint8_t {
        More,
        Open,     // what follows are frames
        Refused,  // another status, of 400 and above
        Failed,   // no answer to a handshake: fault()
    };
    // Status, protocol and header go to `response`; with Open, unused_bytes() of the bytes are not
    // part of the answer.
    Progress feed(std::string_view bytes, HttpResponse& response);
    [[nodiscard]] std::size_t unused_bytes() const { return unused_bytes_; }
    [[nodiscard]] std::string_view fault() const { return fault_; }

private:
    Progress take_head(std::string_view head, HttpResponse& response);
    Progress judge(const HttpResponse& response);
    Progress fail(std::string_view fault);
    [[nodiscard]] bool has_offered(std::string_view protocol) const;

    Http1Request request_;
    HttpRequest http_;
    std::string accept_;     // the only right answer
    std::string protocols_;  // that were offered
    std::string head_;
    std::size_t unused_bytes_ = 0;
    std::string_view fault_;
};

}  // namespace boom::net
