#include "net/curl_failure.hpp"

#include <catch2/catch.hpp>
#include <curl/curl.h>

#include <cerrno>
#include <string>

namespace boom::net {
namespace {

struct Row {
    CurlFailure failure;
    TransportError error;
    std::string text;
};

CurlFailure connecting(CURLcode code, int system_error, int socket_error = 0) {
    CurlFailure failure;
    failure.code = code;
    failure.system_error = system_error;
    failure.socket_error = socket_error;
    failure.is_resolved = true;
    return failure;
}

enum class Answer { None, Begun };
CurlFailure answering(CURLcode code, Answer answer = Answer::None, std::string_view details = {}) {
    CurlFailure failure = connecting(code, 0);
    failure.is_request_begun = true;
    failure.is_answer_begun = answer == Answer::Begun;
    failure.details = details;
    return failure;
}

ConnectionOptions options() {
    ConnectionOptions result;
    result.connect_timeout = std::chrono::seconds(3);
    result.timeout = std::chrono::seconds(30);
    result.source_address = "192.0.2.1";
    result.max_body_bytes = 1000;
    return result;
}

TEST_CASE("CurlFailure: failures of connecting are told apart by the system's error", "[net]") {
    const Row row = GENERATE(values<Row>({
        {connecting(CURLE_COULDNT_CONNECT, ECONNREFUSED), TransportError::ConnectRefused,
         "connection refused"},
        {connecting(CURLE_COULDNT_CONNECT, ETIMEDOUT), TransportError::ConnectTimeout,
         "connection timed out"},
        {connecting(CURLE_COULDNT_CONNECT, EHOSTUNREACH), TransportError::ConnectFailed,
         "cannot connect: no route to host"},
        {connecting(CURLE_COULDNT_CONNECT, 0), TransportError::ConnectFailed, "cannot connect"},
        {connecting(CURLE_COULDNT_CONNECT, EADDRNOTAVAIL), TransportError::LocalPorts,
         "no free local port on this machine"},
        {connecting(CURLE_COULDNT_CONNECT, EADDRINUSE), TransportError::LocalPorts,
         "no free local port on this machine"},
        {connecting(CURLE_INTERFACE_FAILED, EADDRINUSE), TransportError::LocalPorts,
         "no free local port on this machine"},
        {connecting(CURLE_INTERFACE_FAILED, EADDRNOTAVAIL), TransportError::ConnectFailed,
         "the source address 192.0.2.1 cannot be used"},
        {connecting(CURLE_COULDNT_CONNECT, 0, EMFILE), TransportError::LocalDescriptors,
         "no free file descriptor on this machine"},
        {connecting(CURLE_COULDNT_CONNECT, 0, ENFILE), TransportError::LocalDescriptors,
         "no free file descriptor on this machine"},
        {connecting(CURLE_COULDNT_RESOLVE_HOST, 0), TransportError::Dns,
         "the host name cannot be resolved"},
        {connecting(CURLE_OPERATION_TIMEDOUT, 0), TransportError::ConnectTimeout,
         "no connection within 3s"},
        {connecting(CURLE_RECV_ERROR, 0), TransportError::ConnectFailed,
         "the connection ended before it was ready"},
    }));
    const Failure reason = explain(row.failure, options());
    INFO(row.text);
    CHECK(reason.error == row.error);
    CHECK(reason.text == row.text);
}

TEST_CASE("CurlFailure: failures of answers are told apart by how far they came", "[net]") {
    const Row row = GENERATE(values<Row>({
        {answering(CURLE_OPERATION_TIMEDOUT), TransportError::ResponseTimeout,
         "no answer within 30s"},
        {answering(CURLE_OPERATION_TIMEDOUT, Answer::Begun), TransportError::ResponseTimeout,
         "no complete answer within 30s"},
        {answering(CURLE_GOT_NOTHING), TransportError::Reset, "connection closed before an answer"},
        {answering(CURLE_SEND_ERROR), TransportError::Reset, "connection closed before an answer"},
        {answering(CURLE_RECV_ERROR, Answer::Begun), TransportError::Reset,
         "connection closed before the end of the answer"},
        {answering(CURLE_PARTIAL_FILE, Answer::Begun), TransportError::Reset,
         "connection closed before the end of the answer"},
        {answering(CURLE_RECV_ERROR, Answer::Begun, "Malformed encoding in chunked-encoding"),
         TransportError::BadResponse, "broken chunked encoding"},
        {answering(CURLE_RECV_ERROR, Answer::Begun, "Too large response headers: 1 > 0"),
         TransportError::BadResponse, "the header is too long"},
        {answering(CURLE_UNSUPPORTED_PROTOCOL), TransportError::BadResponse,
         "the answer is not HTTP/1 or later"},
    }));
    const Failure reason = explain(row.failure, options());
    INFO(row.text);
    CHECK(reason.error == row.error);
    CHECK(reason.text == row.text);
}

TEST_CASE("CurlFailure: every reason has a text", "[net]") {
    const int code = GENERATE(range(1, static_cast<int>(CURL_LAST)));
    CurlFailure failure;
    failure.code = code;
    const Failure reason = explain(failure, options());
    INFO(code);
    CHECK(reason.error != TransportError::None);
    CHECK_FALSE(reason.text.empty());
}

TEST_CASE("CurlFailure: what we ended ourselves is named by our reason", "[net]") {
    CurlFailure failure = answering(CURLE_WRITE_ERROR, Answer::Begun);
    failure.is_body_too_long = true;
    CHECK(explain(failure, options()).text == "the body is longer than 1000 bytes");
    failure.is_body_too_long = false;
    failure.is_header_too_long = true;
    CHECK(explain(failure, options()).text == "the header is too long");
    failure = answering(CURLE_ABORTED_BY_CALLBACK);
    failure.is_retry_refused = true;
    CHECK(explain(failure, options()).error == TransportError::Reset);
    CHECK(explain(failure, options()).text == "connection closed before an answer");
}

TEST_CASE("CurlFailure: the reason of a refused certificate is libcurl's", "[net]") {
    CurlFailure failure = connecting(CURLE_PEER_FAILED_VERIFICATION, 0);
    failure.details = "SSL certificate problem: self-signed certificate";
    CHECK(explain(failure, options()).error == TransportError::Tls);
    CHECK(explain(failure, options()).text == failure.details);
}

TEST_CASE("CurlFailure: the shorter of two limits is the one that is named", "[net]") {
    ConnectionOptions limits = options();
    limits.timeout = std::chrono::milliseconds(500);
    CHECK(explain(connecting(CURLE_OPERATION_TIMEDOUT, 0), limits).text ==
          "no connection within 500ms");
    CurlFailure unresolved = connecting(CURLE_OPERATION_TIMEDOUT, 0);
    unresolved.is_resolved = false;
    CHECK(explain(unresolved, limits).error == TransportError::Dns);
}

}  // namespace
}  // namespace boom::net
