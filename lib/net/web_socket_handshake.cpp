#include "net/web_socket_handshake.hpp"

#include "base/text.hpp"
#include "net/http1_head.hpp"
#include "net/web_socket_frames.hpp"

#include <algorithm>

namespace boom::net {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLineEnd = "\r\n";

// "ws://…" as the "http://…" that it begins as.
bool append_http_url(std::string& out, std::string_view url) {
    if (url.starts_with("ws:") || url.starts_with("wss:")) {
        out = "http";
        out += url.substr(2);
        return true;
    }
    out = url;
    return url.starts_with("http:") || url.starts_with("https:");
}

std::string random_key(base::Rng& rng) {
    std::string nonce;
    for (int i = 0; i < 16; ++i) {
        nonce += static_cast<char>(rng.below(256));
    }
    return base::encode_base64(nonce);
}

// The values of all lines of that name, as one list.
std::string joined_values(std::string_view block, std::string_view name) {
    std::string values;
    while (!block.empty()) {
        const std::size_t end = block.find('\n');
        const std::string_view line = block.substr(0, end);
        block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos &&
            base::equals_ignoring_case(line.substr(0, colon), name)) {
            values += values.empty() ? "" : ",";
            values += base::trim(line.substr(colon + 1));
        }
    }
    return values;
}

}  // namespace

std::string_view WebSocketHandshake::assign(const HttpRequest& request, base::Rng& rng) {
    head_.clear();
    fault_ = {};
    http_.method = "GET";
    if (!append_http_url(http_.url, request.url)) {
        return "the URL is none of a websocket";
    }
    const std::string key = random_key(rng);
    accept_ = web_socket_accept(key);
    protocols_ = joined_values(request.headers, "Sec-WebSocket-Protocol");
    http_.headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
    http_.headers += "Sec-WebSocket-Key: " + key + "\r\n" + request.headers;
    return request_.assign(http_, ConnectionOptions::KeepAlive::On);
}

WebSocketHandshake::Progress WebSocketHandshake::feed(std::string_view bytes,
                                                      HttpResponse& response) {
    // The end may be cut in two.
    std::size_t scanned = head_.size() < kHeadEnd.size() ? 0 : head_.size() - kHeadEnd.size();
    head_ += bytes;
    while (true) {
        const std::size_t end = head_.find(kHeadEnd, scanned);
        if (std::min(end, head_.size()) > kMaxHead) {
            return fail(describe(Http1Fault::HeaderTooLong));
        }
        if (end == std::string::npos) {
            return Progress::More;
        }
        const std::size_t size = end + kHeadEnd.size();
        unused_bytes_ = head_.size() - size;
        const Progress progress =
            take_head(std::string_view(head_).substr(0, end + kLineEnd.size()), response);
        if (progress != Progress::More) {
            head_.clear();
            return progress;
        }
        // An interim answer; the one that counts follows.
        head_.erase(0, size);
        scanned = 0;
    }
}

WebSocketHandshake::Progress WebSocketHandshake::take_head(std::string_view head,
                                                           HttpResponse& response) {
    const std::size_t line_end = head.find(kLineEnd);
    const auto status_line = parse_status_line(head.substr(0, line_end));
    if (!status_line) {
        return fail(
            describe(head.starts_with("HTTP/1.") ? Http1Fault::StatusLine : Http1Fault::NotHttp));
    }
    response.status = status_line->status;
    response.protocol = status_line->minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
    response.header_block.assign(head.substr(line_end + kLineEnd.size()));
    Http1Framing framing;
    const Http1Fault fault = parse_header_lines(response.header_block, response.headers, framing);
    if (fault != Http1Fault::None) {
        return fail(describe(fault));
    }
    const bool is_interim = response.status / 100 == 1 && response.status != 101;
    return is_interim ? Progress::More : judge(response);
}

WebSocketHandshake::Progress WebSocketHandshake::judge(const HttpResponse& response) {
    if (response.status >= 400) {
        return Progress::Refused;
    }
    if (response.status != 101) {
        return fail("the server did not switch to websocket");
    }
    if (response.protocol != "HTTP/1.1" || !list_has(response.header("Upgrade"), "websocket") ||
        !list_has(response.header("Connection"), "Upgrade")) {
        return fail("the answer lacks 'Upgrade: websocket' or 'Connection: Upgrade'");
    }
    if (response.header("Sec-WebSocket-Accept") != accept_) {
        return fail("wrong Sec-WebSocket-Accept");
    }
    for (const Header& header : response.headers) {
        if (base::equals_ignoring_case(header.name, "Sec-WebSocket-Extensions") &&
            !header.value.empty()) {
            return fail("an extension that was not asked for");
        }
        if (base::equals_ignoring_case(header.name, "Sec-WebSocket-Protocol") &&
            !has_offered(header.value)) {
            return fail("a Sec-WebSocket-Protocol that was not offered");
        }
    }
    return Progress::Open;
}

// Subprotocols are told apart by case.
bool WebSocketHandshake::has_offered(std::string_view protocol) const {
    const auto offered = base::split_text(protocols_, ',');
    return std::any_of(offered.begin(), offered.end(),
                       [protocol](std::string_view one) { return base::trim(one) == protocol; });
}

WebSocketHandshake::Progress WebSocketHandshake::fail(std::string_view fault) {
    fault_ = fault;
    return Progress::Failed;
}

}  // namespace boom::net
