#include "net/curl_failure.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace boom::net {
namespace {

constexpr const char* kHeaderTooLong = "the header is too long";

struct Row {
    CURLcode code;
    TransportError error;
};
// Those that one code alone decides, with libcurl's constant text for it.
constexpr std::array kRows{
    Row{CURLE_PROXY, TransportError::ConnectFailed},
    Row{CURLE_SSL_CONNECT_ERROR, TransportError::Tls},
    Row{CURLE_SSL_CERTPROBLEM, TransportError::Tls},
    Row{CURLE_SSL_CIPHER, TransportError::Tls},
    Row{CURLE_SSL_CACERT_BADFILE, TransportError::Tls},
    Row{CURLE_SSL_CLIENTCERT, TransportError::Tls},
    Row{CURLE_SSL_ISSUER_ERROR, TransportError::Tls},
    Row{CURLE_SSL_CRL_BADFILE, TransportError::Tls},
    Row{CURLE_SSL_ENGINE_NOTFOUND, TransportError::Tls},
    Row{CURLE_SSL_ENGINE_SETFAILED, TransportError::Tls},
    Row{CURLE_SSL_ENGINE_INITFAILED, TransportError::Tls},
    Row{CURLE_USE_SSL_FAILED, TransportError::Tls},
    Row{CURLE_WEIRD_SERVER_REPLY, TransportError::BadResponse},
    Row{CURLE_BAD_CONTENT_ENCODING, TransportError::BadResponse},
    Row{CURLE_WRITE_ERROR, TransportError::BadResponse},
    Row{CURLE_HTTP2, TransportError::BadResponse},
    Row{CURLE_HTTP2_STREAM, TransportError::Reset},
};

std::string system_text(int error) {
    return base::to_lower(std::generic_category().message(error));
}

// Failures of this machine's own resources, wherever they showed.
bool explain_local(const CurlFailure& failure, Failure& result) {
    if (failure.socket_error == EMFILE || failure.socket_error == ENFILE) {
        result = {TransportError::LocalDescriptors, "no free file descriptor on this machine"};
        return true;
    }
    const bool is_connecting =
        failure.code == CURLE_COULDNT_CONNECT || failure.code == CURLE_INTERFACE_FAILED;
    // For a source address this error means that the address is not of this machine.
    const bool is_out_of_ports =
        failure.system_error == EADDRINUSE ||
        (failure.system_error == EADDRNOTAVAIL && failure.code == CURLE_COULDNT_CONNECT);
    if (is_connecting && is_out_of_ports) {
        result = {TransportError::LocalPorts, "no free local port on this machine"};
        return true;
    }
    return false;
}

Failure explain_connecting(const CurlFailure& failure) {
    const int error = failure.socket_error != 0 ? failure.socket_error : failure.system_error;
    switch (error) {
        case ECONNREFUSED:
            return {TransportError::ConnectRefused, "connection refused"};
        case ETIMEDOUT:
            return {TransportError::ConnectTimeout, "connection timed out"};
        case 0:
            return {TransportError::ConnectFailed, "cannot connect"};
        default:
            return {TransportError::ConnectFailed, "cannot connect: " + system_text(error)};
    }
}

Failure explain_timeout(const CurlFailure& failure, const ConnectionOptions& options) {
    if (failure.is_request_begun) {
        return {
            TransportError::ResponseTimeout,
            fmt::format("no {} within {}", failure.is_answer_begun ? "complete answer" : "answer",
                        base::format_duration(options.timeout))};
    }
    const std::string limit =
        base::format_duration(std::min(options.connect_timeout, options.timeout));
    if (!failure.is_resolved) {
        return {TransportError::Dns, "the host name was not resolved within " + limit};
    }
    return {TransportError::ConnectTimeout, "no connection within " + limit};
}

Failure explain_broken(const CurlFailure& failure) {
    if (!failure.is_request_begun) {
        return {TransportError::ConnectFailed, "the connection ended before it was ready"};
    }
    if (failure.details.find("chunked-encoding") != std::string_view::npos) {
        return {TransportError::BadResponse, "broken chunked encoding"};
    }
    if (failure.details.find("Too large response headers") != std::string_view::npos) {
        return {TransportError::BadResponse, kHeaderTooLong};
    }
    if (failure.is_answer_begun) {
        return {TransportError::Reset, "connection closed before the end of the answer"};
    }
    return {TransportError::Reset, "connection closed before an answer"};
}

bool is_broken(const CurlFailure& failure) {
    return failure.is_retry_refused || failure.code == CURLE_GOT_NOTHING ||
           failure.code == CURLE_SEND_ERROR || failure.code == CURLE_RECV_ERROR ||
           failure.code == CURLE_PARTIAL_FILE;
}

}  // namespace

Failure explain(const CurlFailure& failure, const ConnectionOptions& options) {
    Failure local;
    if (explain_local(failure, local)) {
        return local;
    }
    if (failure.is_body_too_long) {
        return {TransportError::BadResponse,
                fmt::format("the body is longer than {} bytes", options.max_body_bytes)};
    }
    if (failure.is_header_too_long) {
        return {TransportError::BadResponse, kHeaderTooLong};
    }
    if (is_broken(failure)) {
        return explain_broken(failure);
    }
    const auto code = static_cast<CURLcode>(failure.code);
    if (code == CURLE_COULDNT_CONNECT) {
        return explain_connecting(failure);
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return explain_timeout(failure, options);
    }
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) {
        return {TransportError::Dns, "the host name cannot be resolved"};
    }
    if (code == CURLE_INTERFACE_FAILED) {
        return {TransportError::ConnectFailed,
                "the source address " + options.source_address + " cannot be used"};
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
        // Why the certificate is refused is in libcurl's text only; it names no address.
        return {TransportError::Tls,
                std::string(failure.details.empty() ? curl_easy_strerror(code) : failure.details)};
    }
    if (code == CURLE_UNSUPPORTED_PROTOCOL && failure.is_request_begun) {
        return {TransportError::BadResponse, "the answer is not HTTP/1 or later"};
    }
    const auto* row =
        std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.code == code; });
    const TransportError error = row == kRows.end() ? TransportError::Other : row->error;
    return {error, base::to_lower(curl_easy_strerror(code))};
}

}  // namespace boom::net
