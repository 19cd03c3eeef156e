#include "target/request_parser.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <charconv>

namespace boom::target {

std::string_view Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (base::equals_ignoring_case(key, name)) {
            return value;
        }
    }
    return {};
}

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> result;
    if (text.empty()) {
        return result;
    }
    for (const std::string_view part : base::split_text(text, '&')) {
        const std::size_t equals = part.find('=');
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
        result.emplace_back(base::percent_decode(part.substr(0, equals), base::PlusSign::Space),
                            base::percent_decode(value, base::PlusSign::Space));
    }
    return result;
}

std::vector<std::pair<std::string, std::string>> Request::parameters() const {
    return parse_form(query);
}

std::optional<std::string> Request::parameter(std::string_view name) const {
    for (auto& [key, value] : parameters()) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::optional<Request> RequestParser::next() {
    if (error_ != 0) {
        return std::nullopt;
    }
    if (!current_) {
        const std::size_t end = buffer_.find("\r\n\r\n", scanned_);
        if (end == std::string::npos) {
            scanned_ = buffer_.size() < 3 ? 0 : buffer_.size() - 3;
            if (buffer_.size() > kMaxHead) {
                error_ = 431;
            }
            return std::nullopt;
        }
        const std::string head = buffer_.substr(0, end + 2);
        buffer_.erase(0, end + 4);
        scanned_ = 0;
        if (head.size() > kMaxHead || !parse_head(head)) {
            error_ = error_ == 0 ? (head.size() > kMaxHead ? 431 : 400) : error_;
            return std::nullopt;
        }
    }
    const bool is_complete = is_chunked_ ? take_chunks() : take_body();
    if (!is_complete || error_ != 0) {
        return std::nullopt;
    }
    std::optional<Request> done = std::move(current_);
    current_.reset();
    return done;
}

bool RequestParser::parse_head(std::string_view head) {
    Request request;
    const std::size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last <= first + 1) {
        return false;
    }
    request.method = line.substr(0, first);
    const std::string_view version = line.substr(last + 1);
    std::string_view target = line.substr(first + 1, last - first - 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return false;
    }
    if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos) {
        const std::size_t slash = target.find('/', scheme + 3);  // the absolute form of proxies
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    const std::size_t question = target.find('?');
    request.path = base::percent_decode(target.substr(0, question), base::PlusSign::Literal);
    request.query = question == std::string_view::npos ? "" : target.substr(question + 1);
    std::string_view rest = head.substr(line_end + 2);
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        const std::string_view field = rest.substr(0, end);
        rest.remove_prefix(end + 2);
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            return false;
        }
        request.headers.emplace_back(field.substr(0, colon), base::trim(field.substr(colon + 1)));
    }
    const std::string_view connection = request.header("Connection");
    request.keeps_alive = version == "HTTP/1.1"
                              ? !base::equals_ignoring_case(connection, "close")
                              : base::equals_ignoring_case(connection, "keep-alive");
    is_chunked_ = base::equals_ignoring_case(request.header("Transfer-Encoding"), "chunked");
    body_left_ = 0;
    if (const std::string_view length = request.header("Content-Length");
        !length.empty() && !is_chunked_) {
        const auto size = base::parse_integer(length);
        if (!size || *size < 0) {
            return false;
        }
        body_left_ = static_cast<std::size_t>(*size);
        if (body_left_ > kMaxBody) {
            error_ = 413;
            return false;
        }
    }
    current_ = std::move(request);
    return true;
}

bool RequestParser::take_body() {
    const std::size_t size = std::min(body_left_, buffer_.size());
    current_->body.append(buffer_, 0, size);
    buffer_.erase(0, size);
    body_left_ -= size;
    return body_left_ == 0;
}

bool RequestParser::take_chunks() {
    while (true) {
        const std::size_t line_end = buffer_.find("\r\n");
        if (line_end == std::string::npos) {
            return false;
        }
        std::size_t size = 0;
        const auto [end, failed] =
            std::from_chars(buffer_.data(), buffer_.data() + line_end, size, 16);
        const bool is_number =
            failed == std::errc{} && (end == buffer_.data() + line_end || *end == ';');
        if (!is_number || current_->body.size() + size > kMaxBody) {
            error_ = is_number ? 413 : 400;
            return false;
        }
        const std::size_t needed = line_end + 2 + size + 2;
        if (buffer_.size() < needed) {
            return false;
        }
        current_->body.append(buffer_, line_end + 2, size);
        buffer_.erase(0, needed);
        if (size == 0) {
            return true;  // trailers are not supported: what follows is the next request
        }
    }
}

}  // namespace boom::target
