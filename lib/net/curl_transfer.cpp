#include "net/curl_transfer.hpp"

#include "base/assert.hpp"
#include "net/curl_failure.hpp"
#include "net/event_loop.hpp"
#include "net/socket.hpp"
#include "net/socket_fate.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

namespace boom::net {
namespace {

// A server that never ends its header must not fill the memory.
constexpr std::size_t kMaxHeaderBytes = std::size_t{256} << 10;
// libcurl sends a shorter body together with the head.
constexpr std::size_t kMaxJoinedBody = std::size_t{64} << 10;
// What a head has at least besides method, authority, target and given lines.
constexpr std::string_view kHeadFrame = "  HTTP/1.1\r\nHost: \r\nContent-Length: 0\r\n\r\n";

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

CurlTransfer::CurlTransfer(EventLoop& loop, CurlSocketOwner& sockets)
    : loop_(loop), sockets_(&sockets), easy_(curl_easy_init()) {
    static_assert(kErrorText >= CURL_ERROR_SIZE);
    BOOM_ASSERT(easy_ != nullptr);
    set_constant_options();
    BOOM_ASSERT(is_accepted_);
}

CurlTransfer::~CurlTransfer() {
    // An exchange must outlive its flight.
    BOOM_ASSERT(flight == kNotInFlight);
    if (sockets_ != nullptr) {
        CurlSocketOwner& engine = *sockets_;
        leave();
        engine.on_gone(*this);
    }
    curl_easy_cleanup(easy_);
    curl_slist_free_all(resolve_);
}

void CurlTransfer::leave() {
    leave_pool();
    sockets_ = nullptr;
}

void CurlTransfer::enter_pool(std::uint64_t owner) {
    if (pool_ != nullptr && pool_owner_ == owner) {
        return;
    }
    leave_pool();
    pool_ = sockets_->pool_of(owner);
    pool_owner_ = owner;
    const CURLcode code = curl_easy_setopt(easy_, CURLOPT_SHARE, pool_->share());
    BOOM_ASSERT(code == CURLE_OK);
}

void CurlTransfer::leave_pool_of(std::uint64_t owner) {
    if (pool_ != nullptr && pool_owner_ == owner) {
        leave_pool();
    }
}

void CurlTransfer::leave_pool() {
    curl_easy_setopt(easy_, CURLOPT_SHARE, nullptr);
    pool_.reset();
}

void CurlTransfer::begin_flight(Exchange& exchange) {
    BOOM_ASSERT(exchange.options != nullptr);
    exchange_ = &exchange;
    enter_pool(exchange.connection_owner());
    attempts_ = 0;
    unread_bytes_ = 0;
    attempt_begin_ = 0;
    fate_ = Fate::Kept;
    connections_used_ = 0;
    is_reusing_ = false;
    socket_error_ = 0;
    is_retry_refused_ = false;
    is_body_too_long_ = false;
    is_header_too_long_ = false;
    is_header_complete_ = true;
    descriptor = -1;
    error_text_.front() = '\0';
    exchange.response.begin(loop_.now());
    exchange.response.clear_headers();
}

int CurlTransfer::on_open_socket(void* self, const void* address) noexcept {
    CurlTransfer& transfer = *static_cast<CurlTransfer*>(self);
    if (!transfer.may_try()) {
        return CURL_SOCKET_BAD;
    }
    const auto& wanted = *static_cast<const curl_sockaddr*>(address);
    const int socket =
        ::socket(wanted.family, wanted.socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, wanted.protocol);
    if (socket < 0) {
        transfer.socket_error_ = errno;
        return CURL_SOCKET_BAD;
    }
    search_ports_evenly(socket);
    transfer.sockets_->on_opened(socket);
    return socket;
}

int CurlTransfer::on_close_socket(void* sockets, int descriptor) noexcept {
    static_cast<CurlSocketOwner*>(sockets)->close_socket(descriptor);
    return 0;
}

int CurlTransfer::on_request(void* self, char* /*remote*/, char* /*local*/, int /*remote_port*/,
                             int /*local_port*/) noexcept {
    CurlTransfer& transfer = *static_cast<CurlTransfer*>(self);
    if (!transfer.may_try()) {
        return CURL_PREREQFUNC_ABORT;
    }
    transfer.begin_attempt();
    return CURL_PREREQFUNC_OK;
}

// libcurl sends a request again, unasked, when a kept connection ends before an answer. The server
// may have read the first one: then the exchange is over, or its side would count two for our one.
bool CurlTransfer::may_try() {
    const bool is_nothing_written = request_bytes() == attempt_begin_;
    // HTTP/2 refuses single streams, unread, on connections that live on.
    const bool is_refused_stream =
        fate_ == Fate::Kept && exchange_->options->version == ConnectionOptions::Version::Http2;
    is_retry_refused_ =
        attempts_ > 0 && !is_nothing_written && !is_refused_stream && fate_ != Fate::ClosedUnread;
    return !is_retry_refused_;
}

void CurlTransfer::begin_attempt() {
    const int connections = connections_opened();
    is_reusing_ = connections == connections_used_;
    connections_used_ = connections;
    attempt_begin_ = request_bytes();
    unread_bytes_ = attempt_begin_;
    fate_ = Fate::Kept;
    ++attempts_;
}

void CurlTransfer::on_closing(int closing) {
    if (attempts_ == 0 || exchange_->response.first_byte_at != TimePoint{} ||
        closing != descriptor) {
        return;
    }
    const long sent = request_bytes();
    // A reset tells nothing; an orderly end, which is no error to libcurl, says what had arrived.
    const bool is_orderly = error_text_.front() == '\0';
    if (is_orderly && is_surely_unread(closing, sent - attempt_begin_)) {
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

std::string_view CurlTransfer::peer_address() const {
    const char* address = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &address);
    return address == nullptr ? std::string_view() : address;
}

bool CurlTransfer::is_connecting_failed() const {
    const TransportError error = exchange_->response.error;
    return error != TransportError::None && error != TransportError::Cancelled && is_accepted_ &&
           !is_retry_refused_ && (attempts_ == 0 || connections_opened() > connections_used_);
}

// libcurl counts what left of a small body together with the head in both of its figures, and
// does not say how much that was. All of it, almost always; else the head's least size helps.
std::int64_t CurlTransfer::bytes_sent(std::int64_t request, std::int64_t upload) const {
    const HttpRequest& wanted = exchange_->request;
    if (upload == 0 || wanted.body.size() >= kMaxJoinedBody) {
        return request + upload;
    }
    const std::size_t scheme = wanted.url.find("://");
    const std::size_t authority = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t head = kHeadFrame.size() + wanted.method.size() + wanted.url.size() -
                             authority + wanted.headers.size();
    return std::max(request, static_cast<std::int64_t>(head) + upload);
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
    response.bytes_sent = bytes_sent(sent, body_bytes);
    response.bytes_received = header_bytes + downloaded;
    response.is_connection_reused = response.was_sent && is_reusing_;
}

// libcurl counts each of them from the start of the transfer; without TLS the last one is 0.
void CurlTransfer::read_phases() {
    curl_off_t resolved_us = 0;
    curl_off_t connected_us = 0;
    curl_off_t secured_us = 0;
    curl_easy_getinfo(easy_, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
    curl_easy_getinfo(easy_, CURLINFO_CONNECT_TIME_T, &connected_us);
    curl_easy_getinfo(easy_, CURLINFO_APPCONNECT_TIME_T, &secured_us);
    const auto between = [](curl_off_t from, curl_off_t to) {
        return Duration(std::chrono::microseconds(std::max<curl_off_t>(to - from, 0)));
    };
    HttpResponse::Phases& phases = exchange_->response.phases;
    phases.dns = between(0, resolved_us);
    phases.connect = between(resolved_us, connected_us);
    phases.tls = between(connected_us, secured_us);
}

void CurlTransfer::finish(int code) {
    HttpResponse& response = exchange_->response;
    response.done_at = loop_.refresh_now();
    if (!is_accepted_) {
        response.error = TransportError::Other;
        response.error_text = refusal_;
        return;
    }
    read_counters();
    if (attempts_ > 0 && !is_reusing_) {
        read_phases();
    }
    if (attempts_ > 0) {
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
    } else if (!is_header_complete_) {
        // libcurl takes a header that the end of the connection cut for a whole one.
        set_failure(CURLE_PARTIAL_FILE);
    } else if (exchange_->options->version == ConnectionOptions::Version::Http2 &&
               response.protocol != protocol_text(CURL_HTTP_VERSION_2_0)) {
        // What was asked for is not what would be measured.
        response.error = TransportError::BadResponse;
        response.error_text = "the server speaks no HTTP/2";
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
    failure.is_request_begun = attempts_ > 0;
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
