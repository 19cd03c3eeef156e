#include "net/http1_failure.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace boom::net {

Http1Failure explain_no_connection(int error, const ConnectionOptions& options) {
    switch (error) {
        case EMFILE:
        case ENFILE:
            return {TransportError::LocalDescriptors, "no free file descriptor on this machine"};
        case EINVAL:
            if (!options.source_address.empty()) {
                return {TransportError::ConnectFailed,
                        "the source address " + options.source_address + " cannot be used"};
            }
            return {TransportError::ConnectFailed, "cannot connect: invalid argument"};
        case EADDRNOTAVAIL:
        case EADDRINUSE:
            return {TransportError::LocalPorts, "no free local port on this machine"};
        case ECONNREFUSED:
            return {TransportError::ConnectRefused, "connection refused"};
        case ETIMEDOUT:
            return {TransportError::ConnectTimeout, "connection timed out"};
        case 0:
            return {TransportError::ConnectFailed, "cannot connect"};
        default:
            return {TransportError::ConnectFailed,
                    "cannot connect: " + base::to_lower(std::generic_category().message(error))};
    }
}

Http1Failure explain_slow_connection(ConnectProgress progress, const ConnectionOptions& options) {
    const std::string limit =
        base::format_duration(std::min(options.connect_timeout, options.timeout));
    switch (progress) {
        case ConnectProgress::Resolving:
            return {TransportError::Dns, "the host name was not resolved within " + limit};
        case ConnectProgress::Handshake:
            return {TransportError::Tls, "no TLS handshake within " + limit};
        case ConnectProgress::Connecting:
            break;
    }
    return {TransportError::ConnectTimeout, "no connection within " + limit};
}

Http1Failure explain_no_answer(Answered answered, const ConnectionOptions& options) {
    return {
        TransportError::ResponseTimeout,
        fmt::format("no {} within {}", answered == Answered::Partly ? "complete answer" : "answer",
                    base::format_duration(options.timeout))};
}

Http1Failure explain_lost_connection(Answered answered) {
    return {TransportError::Reset, answered == Answered::Partly
                                       ? "connection closed before the end of the answer"
                                       : "connection closed before an answer"};
}

}  // namespace boom::net
