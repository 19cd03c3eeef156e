#include "net/http1_failure.hpp"

#include "base/text.hpp"

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

}  // namespace boom::net
