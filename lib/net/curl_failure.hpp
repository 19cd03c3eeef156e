#pragma once
// Why a transfer of libcurl has no complete answer, in our terms. Pure; any thread.

#include "net/http.hpp"

#include <string>
#include <string_view>

namespace boom::net {

// What is known about a transfer that failed.
struct CurlFailure {
    int code = 0;                     // CURLcode
    int socket_error = 0;             // errno of socket(); 0 = it never failed
    int system_error = 0;             // the last errno that libcurl saw
    bool is_resolved = false;         // the host's address was known
    bool is_request_begun = false;    // there was a connection, ready for the request
    bool is_answer_begun = false;     // a first byte came
    bool is_retry_refused = false;    // we kept libcurl from sending the request a second time
    bool is_body_too_long = false;    // we ended it for its size
    bool is_header_too_long = false;  // likewise
    std::string_view details;         // libcurl's own text, for what the code leaves open
};

struct Failure {
    TransportError error = TransportError::None;
    std::string text;  // the same for every request that fails for the same reason
};

[[nodiscard]] Failure explain(const CurlFailure& failure, const ConnectionOptions& options);

}  // namespace boom::net
