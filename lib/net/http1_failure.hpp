#pragma once
// Failures of the http1 engine, in the words that the curl engine uses too. Pure; any thread.

#include "net/http.hpp"

#include <string>

namespace boom::net {

// What ends an exchange without a complete answer.
struct Http1Failure {
    TransportError error = TransportError::None;
    std::string text;
};

// `error` is an errno value of socket() or connect().
[[nodiscard]] Http1Failure explain_no_connection(int error, const ConnectionOptions& options);

}  // namespace boom::net
