#include "net/curl_transfer.hpp"

#include "base/assert.hpp"
#include "net/curl_failure.hpp"
#include "net/event_loop.hpp"
#include "net/socket_fate.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace boom::net {
namespace {

// A server that never ends its header must not fill the memory.
constexpr std::size_t kMaxHeaderBytes = std::size_t{1} << 20;
// The shortest "METHOD / HTTP/1.1" line around method and target, and the empty line.
constexpr std::int64_t kRequestLineBytes = 12;
constexpr std::int64_t kHostLineBytes = 8;
constexpr std::int64_t kEmptyLineBytes = 2;

std::string_view protocol_text(long version) {
    switch (version) {
        case CURL_HTTP_VERSION_1_0:
            return "HTTP/1.0";
        case CURL_HTTP_VERSION_1_1:
            return "HTTP/1.1";
        case CURL_HTTP_VERSION_2_0:
            return "HTTP/2.0";
        default:
            return {};
    }
}

}  // namespace

CurlTransfer::CurlTransfer(EventLoop& loop) : loop_(loop), easy_(curl_easy_init()) {
    static_assert(kErrorText >= CURL_ERROR_SIZE);
    BOOM_ASSERT(easy_ != nullptr);
    set_constant_options();
    // These four have C's types, which the class's own declarations must not need.
    const auto open = [](void* self, curlsocktype purpose, curl_sockaddr* address) -> int {
        return on_open_socket(self, static_cast<int>(purpose), address);
    };
    set(CURLOPT_OPENSOCKETFUNCTION, static_cast<curl_opensocket_callback>(open));
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_PREREQFUNCTION, &CurlTransfer::on_request);
    set(CURLOPT_PREREQDATA, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, error_text_.data());
    BOOM_ASSERT(is_accepted_);
}

CurlTransfer::~CurlTransfer() {
    // An exchange must outlive its flight.
    BOOM_ASSERT(flight == kNotInFlight);
    curl_easy_cleanup(easy_);
    curl_slist_free_all(resolve_);
}

bool CurlTransfer::prepare(Exchange& exchange) {
    BOOM_ASSERT(exchange.options != nullptr);
    exchange_ = &exchange;
    is_accepted_ = true;
    attempts_ = 0;
    unread_bytes_ = 0;
    attempt_begin_ = 0;
    fate_ = Fate::Kept;
    socket_error_ = 0;
    is_retry_refused_ = false;
    is_body_too_long_ = false;
    is_header_too_long_ = false;
    is_header_complete_ = true;
    descriptor = -1;
    error_text_.front() = '\0';
    reset_response();

    const HttpRequest& request = exchange.request;
    const bool has_new_options = applied_options_ != exchange.options;
    if (has_new_options) {
        set_connection_options(*exchange.options);
    }
    set_headers(request, has_new_options);
    applied_options_ = exchange.options;
    if (applied_url_ != request.url) {
        set(CURLOPT_URL, request.url.c_str());
        applied_url_ = request.url;
    }
    set_method(request);
    if (!is_accepted_) {
        // Everything is set anew the next time.
        applied_options_ = nullptr;
        applied_url_.clear();
        shape_ = Shape::None;
    }
    return is_accepted_;
}

void CurlTransfer::reset_response() {
    HttpResponse& response = exchange_->response;
    response.error = TransportError::None;
    response.error_text.clear();
    response.status = 0;
    response.protocol = {};
    response.headers.clear();
    response.header_block.clear();
    response.body.clear();
    response.bytes_sent = 0;
    response.bytes_received = 0;
    response.is_connection_reused = false;
    response.was_sent = false;
    response.sent_at = loop_.now();
    response.first_byte_at = {};
    response.done_at = {};
}

int CurlTransfer::on_open_socket(void* self, int /*purpose*/, void* address) noexcept {
    const auto& wanted = *static_cast<const curl_sockaddr*>(address);
    const int socket = ::socket(wanted.family, wanted.socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                                wanted.protocol);
    if (socket < 0) {
        static_cast<CurlTransfer*>(self)->socket_error_ = errno;
        return CURL_SOCKET_BAD;
    }
    return socket;
}

int CurlTransfer::on_request(void* self, char* /*remote*/, char* /*local*/, int /*remote_port*/,
                             int /*local_port*/) noexcept {
    return static_cast<CurlTransfer*>(self)->may_send() ? CURL_PREREQFUNC_OK
                                                        : CURL_PREREQFUNC_ABORT;
}

// libcurl sends a request again, unasked, when a kept connection ends before an answer. The server
// may have seen the first one: then the exchange is over, or its side would count two for our one.
bool CurlTransfer::may_send() {
    const long sent = request_bytes();
    if (attempts_ > 0) {
        const bool is_nothing_written = sent == attempt_begin_;
        // HTTP/2 refuses single streams, unprocessed, on connections that live on.
        const bool is_refused_stream =
            fate_ == Fate::Kept &&
            exchange_->options->version == ConnectionOptions::Version::Http2;
        if (!is_nothing_written && !is_refused_stream && fate_ != Fate::ClosedUnread) {
            is_retry_refused_ = true;
            return false;
        }
        unread_bytes_ = sent;
    }
    ++attempts_;
    attempt_begin_ = sent;
    fate_ = Fate::Kept;
    return true;
}

void CurlTransfer::on_closing(int closing) {
    const bool is_answer_begun = !is_header_complete_ || !exchange_->response.header_block.empty();
    if (attempts_ == 0 || is_answer_begun || closing != descriptor) {
        return;
    }
    const long sent = request_bytes();
    if (is_surely_unread(closing, sent - attempt_begin_)) {
        fate_ = Fate::ClosedUnread;
        unread_bytes_ = sent;
    } else {
        fate_ = Fate::ClosedMaybeRead;
    }
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count,
                                    void* self) noexcept {
    const std::string_view line(data, size * count);
    return static_cast<CurlTransfer*>(self)->take_header_line(line) ? line.size() : 0;
}

bool CurlTransfer::take_header_line(std::string_view line) {
    HttpResponse& response = exchange_->response;
    std::string& block = response.header_block;
    if (is_header_complete_) {
        // A status line, again after a 1xx; anything else here is a trailer.
        if (line.substr(0, 5) == "HTTP/") {
            is_header_complete_ = false;
            block.clear();
            if (response.first_byte_at == TimePoint{}) {
                response.first_byte_at = loop_.refresh_now();
            }
        }
        return true;
    }
    if (line == "\r\n" || line == "\n") {
        is_header_complete_ = true;
        return true;
    }
    if (block.size() + line.size() > kMaxHeaderBytes) {
        is_header_too_long_ = true;
        return false;
    }
    block += line;
    return true;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count,
                                  void* self) noexcept {
    CurlTransfer& transfer = *static_cast<CurlTransfer*>(self);
    Exchange& exchange = *transfer.exchange_;
    const std::size_t bytes = size * count;
    if (exchange.body == Exchange::Body::Discard) {
        return bytes;
    }
    std::string& body = exchange.response.body;
    if (static_cast<std::int64_t>(body.size() + bytes) > exchange.options->max_body_bytes) {
        transfer.is_body_too_long_ = true;
        return bytes == 0 ? 1 : 0;  // anything but `bytes` ends the transfer
    }
    body.append(data, bytes);
    return bytes;
}

long CurlTransfer::request_bytes() const {
    long bytes = 0;
    curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes;
}

int CurlTransfer::connections_opened() const {
    long connections = 0;
    curl_easy_getinfo(easy_, CURLINFO_NUM_CONNECTS, &connections);
    return static_cast<int>(connections);
}

// The least that the head of the request can measure.
std::int64_t CurlTransfer::head_bytes() const {
    const HttpRequest& request = exchange_->request;
    const std::size_t scheme = request.url.find("://");
    const std::size_t authority = scheme == std::string::npos ? 0 : scheme + 3;
    return kRequestLineBytes + kHostLineBytes + kEmptyLineBytes +
           static_cast<std::int64_t>(request.method.size() + request.url.size() - authority +
                                     request.headers.size());
}

void CurlTransfer::read_counters() {
    HttpResponse& response = exchange_->response;
    long header_bytes = 0;
    curl_off_t body_bytes = 0;
    curl_off_t downloaded = 0;
    const long sent = request_bytes();
    curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &body_bytes);
    curl_easy_getinfo(easy_, CURLINFO_HEADER_SIZE, &header_bytes);
    curl_easy_getinfo(easy_, CURLINFO_SIZE_DOWNLOAD_T, &downloaded);
    response.was_sent = sent > unread_bytes_;
    // libcurl counts a body that left together with the head in both of its figures.
    response.bytes_sent = std::max(std::int64_t{sent}, body_bytes + (body_bytes > 0 ? head_bytes() : 0));
    response.bytes_received = header_bytes + downloaded;
    response.is_connection_reused = response.was_sent && connections_opened() == 0;
}

void CurlTransfer::finish(int code) {
    HttpResponse& response = exchange_->response;
    response.done_at = loop_.refresh_now();
    if (!is_accepted_) {
        response.error = TransportError::Other;
        response.error_text = "the request cannot be made: an option of it is refused";
        return;
    }
    read_counters();
    if (is_request_begun()) {
        long status = 0;
        long version = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
        response.status = static_cast<int>(status);
        response.protocol = protocol_text(version);
        split_headers(response.header_block, response.headers);
    }
    if (code != CURLE_OK) {
        set_failure(code);
    }
}

void CurlTransfer::finish_cancelled() {
    HttpResponse& response = exchange_->response;
    response.done_at = loop_.now();
    if (is_accepted_) {
        read_counters();
    }
    response.error = TransportError::Cancelled;
    response.error_text = "cancelled";
}

void CurlTransfer::set_failure(int code) {
    HttpResponse& response = exchange_->response;
    long system_error = 0;
    curl_off_t resolved_us = 0;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &system_error);
    curl_easy_getinfo(easy_, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
    CurlFailure failure;
    failure.code = code;
    failure.socket_error = socket_error_;
    failure.system_error = static_cast<int>(system_error);
    failure.is_resolved = resolved_us > 0;
    failure.is_request_begun = is_request_begun();
    failure.is_answer_begun = response.first_byte_at != TimePoint{};
    failure.is_retry_refused = is_retry_refused_;
    failure.is_body_too_long = is_body_too_long_;
    failure.is_header_too_long = is_header_too_long_;
    failure.details = error_text_.data();
    Failure reason = explain(failure, *exchange_->options);
    response.error = reason.error;
    response.error_text = std::move(reason.text);
}

}  // namespace boom::net
