#include "net/http.hpp"

#include "base/text.hpp"

namespace boom::net {

void unfold_headers(std::string& block) {
    for (std::size_t end = block.find('\n'); end != std::string::npos;
         end = block.find('\n', end + 1)) {
        const char next = end + 1 < block.size() ? block[end + 1] : '\0';
        if (next == ' ' || next == '\t') {
            block[end] = ' ';
            if (end > 0 && block[end - 1] == '\r') {
                block[end - 1] = ' ';
            }
        }
    }
}

void HttpResponse::begin(TimePoint now) {
    error = TransportError::None;
    error_text.clear();
    status = 0;
    protocol = {};
    may_set_cookies = true;
    body.clear();
    bytes_sent = 0;
    bytes_received = 0;
    is_connection_reused = false;
    was_sent = false;
    phases = {};
    sent_at = now;
    first_byte_at = {};
    done_at = {};
}

void HttpResponse::clear_headers() {
    headers.clear();
    header_block.clear();
}

std::string_view HttpResponse::header(std::string_view name) const {
    for (const Header& header : headers) {
        if (base::equals_ignoring_case(header.name, name)) {
            return header.value;
        }
    }
    return {};
}

void split_headers(std::string& block, std::vector<Header>& headers) {
    headers.clear();
    unfold_headers(block);
    std::string_view rest = block;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && colon > 0) {
            headers.push_back(
                {base::trim(line.substr(0, colon)), base::trim(line.substr(colon + 1))});
        }
    }
}

}  // namespace boom::net
