#include "net/curl_headers.hpp"

#include "base/text.hpp"

#include <curl/curl.h>

#include <array>

namespace boom::net {
namespace {

// libcurl takes "Name:" for "do not send" and "Name;" for a header without a value.
constexpr std::string_view kSuppressed = ":";
constexpr std::string_view kEmptyValue = ";";
constexpr std::array<std::string_view, 3> kUnasked{"Accept", "Content-Type", "Expect"};

}  // namespace

CurlHeaders::CurlHeaders() = default;
CurlHeaders::~CurlHeaders() = default;

void CurlHeaders::assign(std::string_view block, Decoding decoding,
                         ConnectionOptions::KeepAlive keep_alive) {
    text_.clear();
    begins_.clear();
    accept_encoding_.clear();
    while (!block.empty()) {
        const std::size_t end = block.find('\n');
        add_line(base::trim(block.substr(0, end)), decoding);
        block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
    }
    for (const std::string_view name : kUnasked) {
        if (!has(name)) {
            add(name, kSuppressed);
        }
    }
    if (keep_alive == ConnectionOptions::KeepAlive::Off && !has("Connection")) {
        add("Connection: close", {});
    }
    link();
}

curl_slist* CurlHeaders::list() {
    return nodes_.data();
}

void CurlHeaders::add_line(std::string_view line, Decoding decoding) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = base::trim(line.substr(colon + 1));
    if (value.empty()) {
        add(name, kEmptyValue);
    } else if (decoding == Decoding::Libcurl &&
               base::equals_ignoring_case(name, "Accept-Encoding")) {
        accept_encoding_ = value;
    } else {
        add(line, {});
    }
}

void CurlHeaders::add(std::string_view text, std::string_view end) {
    begins_.push_back(text_.size());
    text_ += text;
    text_ += end;
    text_ += '\0';
}

bool CurlHeaders::has(std::string_view name) const {
    for (const std::size_t begin : begins_) {
        const std::string_view line = text_.c_str() + begin;
        if (base::equals_ignoring_case(line.substr(0, line.find_first_of(":;")), name)) {
            return true;
        }
    }
    return false;
}

void CurlHeaders::link() {
    nodes_.resize(begins_.size());
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        nodes_[index].data = text_.data() + begins_[index];
        nodes_[index].next = index + 1 < nodes_.size() ? &nodes_[index + 1] : nullptr;
    }
}

}  // namespace boom::net
