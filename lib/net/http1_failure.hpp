#pragma once
// Failures of the http1 engine, in the words that the curl engine uses too. Pure; any thread.

#include "net/http.hpp"

#include <cstdint>
#include <string>

namespace boom::net {

// What ends an exchange without a complete answer.
struct Http1Failure {
    TransportError error = TransportError::None;
    std::string text;
};

// `error` is an errno value of socket() or connect().
[[nodiscard]] Http1Failure explain_no_connection(int error, const ConnectionOptions& options);

// The time for connecting is over; how far it came.
enum class ConnectProgress : std::uint8_t { Resolving, Connecting, Handshake };
[[nodiscard]] Http1Failure explain_slow_connection(ConnectProgress progress,
                                                   const ConnectionOptions& options);
// The time for the whole exchange is over.
enum class Answered : std::uint8_t { Not, Partly };
[[nodiscard]] Http1Failure explain_no_answer(Answered answered, const ConnectionOptions& options);
// The connection ended first.
[[nodiscard]] Http1Failure explain_lost_connection(Answered answered);

}  // namespace boom::net
