#include "net/curl_transfer.hpp"

#include "base/assert.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"

#include <sys/socket.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace boom::net {
namespace {

template <typename T>
void set(CURL* easy, CURLoption option, T value) {
    curl_easy_setopt(easy, option, value);
}

// libcurl owns neither our buffers nor our answers: failing options would be a bug of ours.
long ms(Duration d) { return static_cast<long>(std::max<std::int64_t>(base::to_ms(d), 1)); }

}  // namespace

CurlTransfer::CurlTransfer(Exchange& exchange) : exchange_(exchange), easy_(curl_easy_init()) {
    BOOM_ASSERT(easy_ != nullptr);
    set(easy_, CURLOPT_PRIVATE, static_cast<void*>(this));
    set(easy_, CURLOPT_NOSIGNAL, 1L);
    set(easy_, CURLOPT_NOPROGRESS, 1L);
    set(easy_, CURLOPT_HTTP09_ALLOWED, 0L);
    set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy_, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
    set(easy_, CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(easy_, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
    set(easy_, CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open_socket);
    set(easy_, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(easy_, CURLOPT_BUFFERSIZE, 16384L);  // per handle: users in mass
}

CurlTransfer::~CurlTransfer() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(header_lines_);
    curl_slist_free_all(resolve_lines_);
}

curl_socket_t CurlTransfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* a) noexcept {
    const int descriptor = ::socket(a->family, a->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                                    a->protocol);
    if (descriptor < 0) {
        static_cast<CurlTransfer*>(self)->socket_error_ = errno;
        return CURL_SOCKET_BAD;
    }
    return descriptor;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count,
                                    void* self) noexcept {
    std::string& block = static_cast<CurlTransfer*>(self)->exchange_.response.header_block;
    const std::string_view line(data, size * count);
    // A status line begins a new answer: what came before was a 1xx.
    if (line.substr(0, 5) == "HTTP/") {
        block.clear();
    }
    block += line;
    return line.size();
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count,
                                  void* self) noexcept {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    Exchange& exchange = transfer.exchange_;
    if (exchange.body == Exchange::Body::Discard) {
        return size * count;
    }
    const auto limit = static_cast<std::size_t>(exchange.options->max_body_bytes);
    if (exchange.response.body.size() + size * count > limit) {
        transfer.is_too_large_ = true;
        return 0;
    }
    exchange.response.body.append(data, size * count);
    return size * count;
}

void CurlTransfer::prepare() {
    HttpResponse& response = exchange_.response;
    response.error = TransportError::None;
    response.error_text.clear();
    response.status = 0;
    response.protocol = {};
    response.header_block.clear();
    response.headers.clear();
    response.body.clear();
    response.bytes_sent = 0;
    response.bytes_received = 0;
    response.is_connection_reused = false;
    response.was_sent = false;
    is_too_large_ = false;
    socket_error_ = 0;
    set(easy_, CURLOPT_URL, exchange_.request.url.c_str());
    if (applied_options_ != exchange_.options) {
        set_connection_options();
    }
    const bool keeps_body = exchange_.body == Exchange::Body::Keep;
    if (!has_applied_ || applied_headers_ != exchange_.request.headers ||
        applied_keeps_body_ != keeps_body || applied_options_ != exchange_.options) {
        applied_keeps_body_ = keeps_body;
        set_headers();
    }
    applied_options_ = exchange_.options;
    set_method_and_body();
    has_applied_ = true;
}

void CurlTransfer::set_connection_options() {
    const ConnectionOptions& o = *exchange_.options;
    set(easy_, CURLOPT_CONNECTTIMEOUT_MS, ms(o.connect_timeout));
    set(easy_, CURLOPT_TIMEOUT_MS, ms(o.timeout));
    const bool verifies = o.verify == ConnectionOptions::Verify::Peer;
    set(easy_, CURLOPT_SSL_VERIFYPEER, verifies ? 1L : 0L);
    set(easy_, CURLOPT_SSL_VERIFYHOST, verifies ? 2L : 0L);
    set(easy_, CURLOPT_FORBID_REUSE,
        o.keep_alive == ConnectionOptions::KeepAlive::Off ? 1L : 0L);
    set(easy_, CURLOPT_HTTP_VERSION,
        o.version == ConnectionOptions::Version::Http2
            ? static_cast<long>(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
            : static_cast<long>(CURL_HTTP_VERSION_1_1));
    const auto set_text = [&](CURLoption option, const std::string& text) {
        set(easy_, option, text.empty() ? nullptr : text.c_str());
    };
    if (!o.ca_file.empty()) {
        set(easy_, CURLOPT_CAINFO, o.ca_file.c_str());
    }
    set_text(CURLOPT_SSLCERT, o.certificate_file);
    set_text(CURLOPT_SSLKEY, o.key_file);
    // An empty text (not null) also keeps proxies of the environment out.
    set(easy_, CURLOPT_PROXY, o.proxy.c_str());
    set_text(CURLOPT_INTERFACE,
             o.source_address.empty() ? std::string() : "host!" + o.source_address);
    curl_slist_free_all(resolve_lines_);
    resolve_lines_ = nullptr;
    for (const std::string& line : o.resolve) {
        resolve_lines_ = curl_slist_append(resolve_lines_, line.c_str());
    }
    set(easy_, CURLOPT_RESOLVE, resolve_lines_);
}

void CurlTransfer::set_headers() {
    applied_headers_ = exchange_.request.headers;
    curl_slist_free_all(header_lines_);
    // Nothing that the case did not ask for goes out.
    header_lines_ = curl_slist_append(nullptr, "Expect:");
    bool has_accept = false;
    bool has_content_type = false;
    std::string encoding;
    for (std::string_view rest = applied_headers_; !rest.empty();) {
        const std::size_t end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
        const std::string_view name = line.substr(0, line.find(':'));
        const std::string_view value =
            name.size() < line.size() ? base::trim(line.substr(name.size() + 1)) : "";
        has_accept = has_accept || base::equals_ignoring_case(name, "Accept");
        has_content_type = has_content_type || base::equals_ignoring_case(name, "Content-Type");
        if (applied_keeps_body_ && base::equals_ignoring_case(name, "Accept-Encoding")) {
            encoding = value;  // libcurl sends it and decodes
            continue;
        }
        // A header without a value is written with a semicolon for libcurl.
        const std::string text =
            value.empty() ? std::string(name) + ";" : std::string(line);
        header_lines_ = curl_slist_append(header_lines_, text.c_str());
    }
    if (!has_accept) {
        header_lines_ = curl_slist_append(header_lines_, "Accept:");
    }
    if (!has_content_type) {
        header_lines_ = curl_slist_append(header_lines_, "Content-Type:");
    }
    if (exchange_.options->keep_alive == ConnectionOptions::KeepAlive::Off &&
        applied_headers_.find("Connection:") == std::string::npos) {
        header_lines_ = curl_slist_append(header_lines_, "Connection: close");
    }
    set(easy_, CURLOPT_ACCEPT_ENCODING, encoding.empty() ? nullptr : encoding.c_str());
    set(easy_, CURLOPT_HTTP_CONTENT_DECODING, applied_keeps_body_ ? 1L : 0L);
    set(easy_, CURLOPT_HTTPHEADER, header_lines_);
}

void CurlTransfer::set_method_and_body() {
    const HttpRequest& request = exchange_.request;
    const bool has_body =
        !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
        request.method == "PATCH";
    if (!has_applied_ || applied_method_ != request.method || has_applied_body_ != has_body) {
        applied_method_ = request.method;
        has_applied_body_ = has_body;
        set(easy_, CURLOPT_NOBODY, 0L);
        set(easy_, CURLOPT_CUSTOMREQUEST, static_cast<char*>(nullptr));
        if (request.method == "HEAD") {
            set(easy_, CURLOPT_NOBODY, 1L);
        } else {
            if (has_body) {
                set(easy_, CURLOPT_POST, 1L);
            } else {
                set(easy_, CURLOPT_HTTPGET, 1L);
            }
            set(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        }
    }
    if (has_body && request.method != "HEAD") {
        set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(easy_, CURLOPT_POSTFIELDS, request.body.c_str());
    }
}

bool CurlTransfer::opened_connection() const {
    long connects = 0;
    curl_easy_getinfo(easy_, CURLINFO_NUM_CONNECTS, &connects);
    return connects > 0;
}

void CurlTransfer::read_headers() {
    HttpResponse& response = exchange_.response;
    std::string_view rest = response.header_block;
    bool is_first = true;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        line = base::trim(line);
        const std::size_t colon = line.find(':');
        if (is_first) {
            is_first = false;
            const std::string_view text = line.substr(0, line.find(' '));
            response.protocol = text == "HTTP/2" ? "HTTP/2.0"
                                : text == "HTTP/1.0" ? "HTTP/1.0" : "HTTP/1.1";
        } else if (colon != std::string_view::npos) {
            response.headers.push_back(
                {base::trim(line.substr(0, colon)), base::trim(line.substr(colon + 1))});
        }
    }
}

void CurlTransfer::set_error(CURLcode code) {
    HttpResponse& response = exchange_.response;
    const ConnectionOptions& options = *exchange_.options;
    long os_error = 0;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &os_error);
    curl_off_t connected_us = 0;
    curl_easy_getinfo(easy_, CURLINFO_CONNECT_TIME_T, &connected_us);
    const bool is_connected = connected_us > 0 || !opened_connection();
    const auto fail = [&](TransportError error, std::string text) {
        response.error = error;
        response.error_text = std::move(text);
    };
    if (socket_error_ == EMFILE || socket_error_ == ENFILE) {
        return fail(TransportError::LocalDescriptors, "no free descriptor on this machine");
    }
    if (os_error == EADDRNOTAVAIL) {
        return fail(TransportError::LocalPorts, "no free local port on this machine");
    }
    if (is_too_large_) {
        return fail(TransportError::BadResponse, "the body is longer than the limit");
    }
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return fail(TransportError::Dns, "the host name cannot be resolved");
        case CURLE_COULDNT_CONNECT:
            return os_error == ECONNREFUSED
                       ? fail(TransportError::ConnectRefused, "connection refused")
                       : fail(TransportError::ConnectFailed, "cannot connect");
        case CURLE_OPERATION_TIMEDOUT:
            return response.was_sent || is_connected
                       ? fail(TransportError::ResponseTimeout,
                              fmt::format("no answer within {}",
                                          base::format_duration(options.timeout)))
                       : fail(TransportError::ConnectTimeout,
                              fmt::format("no connection within {}",
                                          base::format_duration(std::min(
                                              options.connect_timeout, options.timeout))));
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE:
            return fail(TransportError::Tls, curl_easy_strerror(code));
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_PARTIAL_FILE:
            return fail(TransportError::Reset,
                        "the connection was closed before the answer was complete");
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_BAD_CONTENT_ENCODING:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
            return fail(TransportError::BadResponse, curl_easy_strerror(code));
        default: return fail(TransportError::Other, curl_easy_strerror(code));
    }
}

void CurlTransfer::finish(CURLcode code, TimePoint now) {
    HttpResponse& response = exchange_.response;
    response.done_at = now;
    long request_bytes = 0;
    long header_bytes = 0;
    curl_off_t uploaded = 0;
    curl_off_t downloaded = 0;
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &request_bytes);
    curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    curl_easy_getinfo(easy_, CURLINFO_HEADER_SIZE, &header_bytes);
    curl_easy_getinfo(easy_, CURLINFO_SIZE_DOWNLOAD_T, &downloaded);
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response.was_sent = request_bytes > 0;
    // A small body travels with the head and is counted there.
    response.bytes_sent = request_bytes + (uploaded > request_bytes ? uploaded : 0);
    response.bytes_received = header_bytes + downloaded;
    response.status = static_cast<int>(status);
    response.is_connection_reused = response.was_sent && !opened_connection();
    curl_off_t first_byte_us = 0;
    curl_easy_getinfo(easy_, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    response.first_byte_at =
        response.sent_at + std::chrono::microseconds(first_byte_us);
    read_headers();
    if (code != CURLE_OK) {
        set_error(code);
    }
}

}  // namespace boom::net
