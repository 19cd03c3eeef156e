// How a transfer sets up its handle: what never changes once, the rest when it changed.
#include "net/curl_library.hpp"
#include "net/curl_transfer.hpp"

#include <curl/curl.h>

#include <algorithm>

namespace boom::net {
namespace {

// libcurl gives up connections after two idle minutes; a user's think time may be longer.
constexpr long kMaxIdleSeconds = 24L * 3600;

long milliseconds(Duration duration) {
    // 0 would mean libcurl's own default.
    return static_cast<long>(std::max<std::int64_t>(base::to_ms(duration), 1));
}

const char* text_or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

// RFC 9110 8.6: these say that they have no body by a length of 0.
bool has_content(const HttpRequest& request) {
    return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
           request.method == "PATCH";
}

bool is_plain_http2(const Exchange& exchange) {
    return exchange.options->version == ConnectionOptions::Version::Http2 &&
           exchange.request.url.starts_with("http:");
}

// Without TLS there is nothing to negotiate HTTP/2 with.
long http_version(const Exchange& exchange) {
    if (exchange.options->version == ConnectionOptions::Version::Http1) {
        return CURL_HTTP_VERSION_1_1;
    }
    return is_plain_http2(exchange) ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_2TLS;
}

}  // namespace

template <typename T>
void CurlTransfer::set(int option, T value) {
    const CURLcode code = curl_easy_setopt(easy_, static_cast<CURLoption>(option), value);
    is_accepted_ = is_accepted_ && code == CURLE_OK;
}

void CurlTransfer::set_constant_options() {
    const auto open_socket = [](void* self, curlsocktype /*purpose*/,
                                curl_sockaddr* address) -> curl_socket_t {
        return on_open_socket(self, address);
    };
    set(CURLOPT_OPENSOCKETFUNCTION, static_cast<curl_opensocket_callback>(open_socket));
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(CURLOPT_CLOSESOCKETFUNCTION, &CurlTransfer::on_close_socket);
    set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(sockets_));
    set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_PREREQFUNCTION, &CurlTransfer::on_request);
    set(CURLOPT_PREREQDATA, static_cast<void*>(this));
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, error_text_.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_NOPROGRESS, 1L);
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP09_ALLOWED, 0L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
    // Cancelling must not wait for a thread that resolves a name.
    set(CURLOPT_QUICK_EXIT, 1L);
}

bool CurlTransfer::prepare(Exchange& exchange) {
    begin_flight(exchange);
    const HttpRequest& request = exchange.request;
    is_accepted_ = !is_plain_http2(exchange) || can_curl_keep_plain_http2();
    refusal_ = is_accepted_ ? "the request cannot be made: an option of it is refused"
                            : "HTTP/2 without TLS needs libcurl 8.0 or newer";
    const bool has_new_options = applied_options_ != exchange.options;
    if (has_new_options) {
        set_connection_options(*exchange.options);
    }
    set_headers(request, has_new_options);
    applied_options_ = exchange.options;
    if (has_new_options || applied_url_ != request.url) {
        set(CURLOPT_URL, request.url.c_str());
        set(CURLOPT_HTTP_VERSION, http_version(exchange));
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

void CurlTransfer::set_connection_options(const ConnectionOptions& options) {
    using Options = ConnectionOptions;
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options.connect_timeout));
    set(CURLOPT_TIMEOUT_MS, milliseconds(options.timeout));
    const long is_single_use = options.keep_alive == Options::KeepAlive::Off ? 1L : 0L;
    set(CURLOPT_FORBID_REUSE, is_single_use);
    set(CURLOPT_FRESH_CONNECT, is_single_use);
    // Empty, not null: that would let the environment's proxies in.
    set(CURLOPT_PROXY, options.proxy.c_str());
    set(CURLOPT_NOPROXY, "");
    const std::string source =
        options.source_address.empty() ? std::string() : "host!" + options.source_address;
    set(CURLOPT_INTERFACE, text_or_null(source));
    set_tls_options(options);
    set_resolve(options);
}

void CurlTransfer::set_tls_options(const ConnectionOptions& options) {
    const bool is_verified = options.verify == ConnectionOptions::Verify::Peer;
    set(CURLOPT_SSL_VERIFYPEER, is_verified ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, is_verified ? 2L : 0L);
    set(CURLOPT_SSLCERT, text_or_null(options.certificate_file));
    set(CURLOPT_SSLKEY, text_or_null(options.key_file));
    if (!options.ca_file.empty()) {
        set(CURLOPT_CAINFO, options.ca_file.c_str());
    }
}

void CurlTransfer::set_resolve(const ConnectionOptions& options) {
    curl_slist* list = nullptr;
    for (const std::string& entry : options.resolve) {
        list = curl_slist_append(list, entry.c_str());
    }
    set(CURLOPT_RESOLVE, list);
    curl_slist_free_all(resolve_);
    resolve_ = list;
}

void CurlTransfer::set_headers(const HttpRequest& request, bool has_new_options) {
    if (!has_new_options && applied_headers_ == request.headers &&
        applied_body_ == exchange_->body) {
        return;
    }
    applied_headers_ = request.headers;
    applied_body_ = exchange_->body;
    const bool is_kept = applied_body_ == Exchange::Body::Keep;
    headers_.assign(applied_headers_,
                    is_kept ? CurlHeaders::Decoding::Libcurl : CurlHeaders::Decoding::Nobody,
                    exchange_->options->keep_alive);
    set(CURLOPT_HTTPHEADER, headers_.list());
    set(CURLOPT_ACCEPT_ENCODING, text_or_null(headers_.accept_encoding()));
    set(CURLOPT_HTTP_CONTENT_DECODING, is_kept ? 1L : 0L);
}

void CurlTransfer::set_method(const HttpRequest& request) {
    const bool is_head = request.method == "HEAD";
    const Shape shape = is_head ? Shape::Head : has_content(request) ? Shape::Post : Shape::Get;
    if (shape != shape_ || applied_method_ != request.method) {
        shape_ = shape;
        applied_method_ = request.method;
        const bool is_shapes_own =
            is_head || request.method == (shape == Shape::Get ? "GET" : "POST");
        if (shape == Shape::Head) {
            set(CURLOPT_NOBODY, 1L);
        } else {
            set(shape == Shape::Post ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
        }
        set(CURLOPT_CUSTOMREQUEST, is_shapes_own ? nullptr : request.method.c_str());
    }
    if (shape == Shape::Post) {
        // libcurl keeps the pointer, and the body's buffer may have moved.
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
}

}  // namespace boom::net
