#include "net/http2_request.hpp"

#include "base/text.hpp"
#include "net/http1_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace boom::net {
namespace {

// RFC 9113 section 8.2.2: of one connection, which HTTP/2 manages itself.
constexpr std::array<std::string_view, 6> kConnectionFields{
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"};

bool is_named(std::string_view name, std::string_view wanted) {
    return name.size() == wanted.size() && base::equals_ignoring_case(name, wanted);
}

bool is_of_connection(std::string_view name, std::string_view value) {
    if (is_named(name, "te")) {
        return !base::equals_ignoring_case(value, "trailers");
    }
    return std::any_of(kConnectionFields.begin(), kConnectionFields.end(),
                       [&](std::string_view field) { return is_named(name, field); });
}

// Calls `take(name, value)` for each line.
template <typename Function>
void for_each_line(std::string_view block, Function take) {
    while (!block.empty()) {
        const std::size_t end = block.find('\n');
        const std::string_view line = block.substr(0, end);
        block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && colon > 0) {
            take(line.substr(0, colon), base::trim(line.substr(colon + 1)));
        }
    }
}

}  // namespace

std::string_view Http2Request::assign(const HttpRequest& request) {
    if (request.constant != 0 && request.constant == constant_) {
        return {};
    }
    const std::string_view problem = take(request);
    is_valid_ = problem.empty();
    constant_ = is_valid_ ? request.constant : 0;
    return problem;
}

std::string_view Http2Request::take(const HttpRequest& request) {
    const RequestOrigin::Taken taken = origin_.take(request.url);
    if (taken == RequestOrigin::Taken::Invalid) {
        return kBadUrl;
    }
    const std::string_view target = origin_.target_of(request.url);
    if (taken == RequestOrigin::Taken::Known && is_same(request, target)) {
        return {};
    }
    if (!is_clean_target(target)) {
        return kBadUrl;
    }
    if (request.method.empty() ||
        !std::all_of(request.method.begin(), request.method.end(), is_token_character)) {
        return kBadMethod;
    }
    build(request, target);
    return {};
}

bool Http2Request::is_same(const HttpRequest& request, std::string_view target) const {
    return is_valid_ && target_ == target && method_ == request.method &&
           headers_ == request.headers && body_size_ == request.body.size();
}

std::string_view Http2Request::find_host(std::string_view block) const {
    std::string_view host = origin_.authority();
    for_each_line(block, [&](std::string_view name, std::string_view value) {
        if (is_named(name, "host")) {
            host = value;
        }
    });
    return host;
}

void Http2Request::build(const HttpRequest& request, std::string_view target) {
    method_ = request.method;
    target_ = target;
    headers_ = request.headers;
    body_size_ = request.body.size();
    has_body_ = body_size_ > 0 && method_ != "HEAD";
    has_length_ = false;
    has_authorization_ = false;
    accepts_encodings_ = false;
    expects_continue_ = false;
    text_.clear();
    places_.clear();
    add(":method", method_);
    add(":scheme", origin().scheme == Http1Origin::Scheme::Tls ? "https" : "http");
    add(":authority", find_host(headers_));
    add_path(target_);
    for_each_line(headers_,
                  [this](std::string_view name, std::string_view value) { add_line(name, value); });
    if (!has_authorization_ && !origin_.credentials().empty()) {
        add("authorization", origin_.credentials());
    }
    add_length(request);
    fields_.clear();
    const std::string_view text = text_;
    for (const Place& place : places_) {
        fields_.push_back({text.substr(place.name_begin, place.name_size),
                           text.substr(place.value_begin, place.value_size)});
    }
}

void Http2Request::add(std::string_view name, std::string_view value) {
    const std::size_t begin = text_.size();
    for (const char c : name) {
        text_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    text_ += value;
    places_.push_back({begin, name.size(), begin + name.size(), value.size()});
}

void Http2Request::add_path(std::string_view target) {
    add(":path", target);
    if (target.empty() || target.front() != '/') {
        Place& place = places_.back();
        text_.insert(place.value_begin, 1, '/');
        ++place.value_size;
    }
}

void Http2Request::add_line(std::string_view name, std::string_view value) {
    if (is_of_connection(name, value)) {
        return;
    }
    if (is_named(name, "content-length")) {
        has_length_ = true;
    } else if (is_named(name, "authorization")) {
        has_authorization_ = true;
    } else if (is_named(name, "accept-encoding")) {
        accepts_encodings_ = !value.empty();
    } else if (is_named(name, "expect")) {
        expects_continue_ = is_named(value, "100-continue");
    }
    add(name, value);
}

void Http2Request::add_length(const HttpRequest& request) {
    if (has_length_ || method_ == "HEAD" || !sends_length(method_, request.body)) {
        return;
    }
    std::array<char, 24> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), request.body.size());
    add("content-length",
        std::string_view(digits.data(), static_cast<std::size_t>(end.ptr - digits.data())));
}

}  // namespace boom::net
