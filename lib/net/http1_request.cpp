#include "net/http1_request.hpp"

#include "base/text.hpp"
#include "net/http1_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace boom::net {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHost = "Host: ";
// A longer body is not copied behind its head: it takes more than one packet anyway.
constexpr std::size_t kMaxJoinedBody = std::size_t{16} * 1024;

void append_number(std::string& text, std::size_t number, int base) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    text.append(digits.data(), end.ptr);
}

bool is_named(std::string_view name, std::string_view wanted) {
    return name.size() == wanted.size() && base::equals_ignoring_case(name, wanted);
}

}  // namespace

std::string_view Http1Request::assign(const HttpRequest& request,
                                      ConnectionOptions::KeepAlive keep_alive) {
    switch (origin_.take(request.url)) {
        case RequestOrigin::Taken::Known:
            break;
        case RequestOrigin::Taken::New:
            bytes_.clear();
            break;
        case RequestOrigin::Taken::Invalid:
            bytes_.clear();
            return kBadUrl;
    }
    const std::string_view target = origin_.target_of(request.url);
    if (is_same(target, request, keep_alive)) {
        return {};
    }
    bytes_.clear();
    if (!is_clean_target(target)) {
        return kBadUrl;
    }
    if (request.method.empty() ||
        !std::all_of(request.method.begin(), request.method.end(), is_token_character)) {
        return kBadMethod;
    }
    keep_alive_ = keep_alive;
    is_head_ = request.method == "HEAD";
    read_headers(request.headers);
    build(target, request);
    return {};
}

bool Http1Request::is_same(std::string_view target, const HttpRequest& request,
                           ConnectionOptions::KeepAlive keep_alive) const {
    const std::string_view old = bytes_;
    if (old.empty() || is_body_apart_ || facts_.is_chunked || keep_alive != keep_alive_) {
        return false;
    }
    return old.substr(0, method_size_) == request.method &&
           old.substr(target_begin_, target_size_) == target &&
           old.substr(headers_begin_, headers_size_) == request.headers &&
           (is_head_ || old.substr(body_begin_) == request.body);
}

void Http1Request::read_headers(std::string_view block) {
    facts_ = Facts();
    while (!block.empty()) {
        const std::size_t end = block.find('\n');
        const std::string_view line = block.substr(0, end);
        block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            continue;
        }
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = base::trim(line.substr(colon + 1));
        if (is_named(name, "Host")) {
            facts_.has_host = true;
        } else if (is_named(name, "Content-Length")) {
            facts_.has_length = true;
        } else if (is_named(name, "Connection")) {
            facts_.has_connection = true;
            facts_.has_close = facts_.has_close || list_has(value, "close");
        } else if (is_named(name, "Authorization")) {
            facts_.has_authorization = true;
        } else if (is_named(name, "Accept-Encoding")) {
            facts_.has_accept_encoding = !value.empty();
        } else if (is_named(name, "Transfer-Encoding")) {
            facts_.is_chunked = list_has(value, "chunked");
        } else if (is_named(name, "Expect")) {
            facts_.expects_continue = is_named(value, "100-continue");
        }
    }
    if (keep_alive_ == ConnectionOptions::KeepAlive::Off && !facts_.has_connection) {
        facts_.has_close = true;
    }
}

void Http1Request::build(std::string_view target, const HttpRequest& request) {
    bytes_ = request.method;
    method_size_ = request.method.size();
    bytes_ += ' ';
    if (target.empty() || target.front() != '/') {
        bytes_ += '/';
    }
    target_begin_ = bytes_.size();
    target_size_ = target.size();
    bytes_ += target;
    bytes_ += " HTTP/1.1\r\n";
    if (!facts_.has_host) {
        bytes_ += kHost;
        bytes_ += origin_.authority();
        bytes_ += kLineEnd;
    }
    if (!facts_.has_authorization && !origin_.credentials().empty()) {
        bytes_ += "Authorization: ";
        bytes_ += origin_.credentials();
        bytes_ += kLineEnd;
    }
    headers_begin_ = bytes_.size();
    headers_size_ = request.headers.size();
    bytes_ += request.headers;
    if (!request.headers.empty() && request.headers.back() != '\n') {
        bytes_ += kLineEnd;
    }
    if (keep_alive_ == ConnectionOptions::KeepAlive::Off && !facts_.has_connection) {
        bytes_ += "Connection: close\r\n";
    }
    if (sends_length(request.method, request.body) && !is_head_ && !facts_.has_length &&
        !facts_.is_chunked) {
        bytes_ += "Content-Length: ";
        append_number(bytes_, request.body.size(), 10);
        bytes_ += kLineEnd;
    }
    bytes_ += kLineEnd;
    body_begin_ = bytes_.size();
    append_body(request);
}

void Http1Request::append_body(const HttpRequest& request) {
    apart_size_ = 0;
    is_body_apart_ = false;
    awaits_continue_ = false;
    if (is_head_) {
        return;
    }
    if (facts_.is_chunked) {
        if (!request.body.empty()) {
            append_number(bytes_, request.body.size(), 16);
            bytes_ += kLineEnd;
            bytes_ += request.body;
            bytes_ += kLineEnd;
        }
        bytes_ += "0\r\n\r\n";
        return;
    }
    awaits_continue_ = facts_.expects_continue && !request.body.empty();
    is_body_apart_ = awaits_continue_ || request.body.size() > kMaxJoinedBody;
    if (is_body_apart_) {
        apart_size_ = request.body.size();
    } else {
        bytes_ += request.body;
    }
}

}  // namespace boom::net
