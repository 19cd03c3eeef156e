#pragma once
// How one attempt ended. A value on the hot path; its name is the error class of the report.

#include <cstdint>
#include <string_view>

namespace boom::stats {

enum class Outcome : std::uint8_t {
    Passed,
    // The server answered, and the answer was not what was asked for.
    BadStatus,      // status >= 400 and no check on the status
    CheckFailed,    // a validator
    ExtractFailed,  // an extraction or expression that could not be evaluated
    TooManyRedirects,
    // No (complete) answer: transport errors. Their time never enters the response times.
    DnsFailed,
    ConnectRefused,
    ConnectTimeout,
    ConnectFailed,  // unreachable and other reasons
    TlsFailed,
    ConnectionReset,  // closed or reset by the server before the answer was complete
    ResponseTimeout,
    BadResponse,         // not HTTP, wrong length, limits
    LocalPorts,          // our side: no free local port
    LocalDescriptors,    // our side: no free descriptor
    WebSocketHandshake,  // an answer that opens no websocket
    WebSocketClosed,     // by the server, or none was open
    WebSocketProtocol,   // broken frames
    OtherTransport,
    // Cut off by a stop: neither a request nor a failure.
    Interrupted,
};
inline constexpr int kOutcomeCount = 20;

// "status", "check", "extract", "redirects", "dns", "connect refused", "connect timeout",
// "connect", "tls", "reset", "response timeout", "bad response", "client: local ports exhausted",
// "client: descriptors exhausted", "websocket handshake", "websocket closed",
// "websocket protocol", "transport", "interrupted"; "passed" for Passed.
[[nodiscard]] std::string_view name(Outcome outcome);
[[nodiscard]] constexpr bool is_transport_error(Outcome o) {
    return o >= Outcome::DnsFailed && o <= Outcome::OtherTransport;
}
// There was nobody whom it could have asked: the name has no address, or the address no route. It
// costs next to no time. Not what this machine lacks: that count is the load that is missing.
[[nodiscard]] constexpr bool found_no_way(Outcome o) {
    return o == Outcome::DnsFailed || o == Outcome::ConnectFailed;
}

}  // namespace boom::stats
