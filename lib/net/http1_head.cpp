#include "net/http1_head.hpp"

#include "base/text.hpp"

#include <array>
#include <limits>

namespace boom::net {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::size_t kStatusBegin = kVersion.size() + 2;
constexpr std::size_t kStatusEnd = kStatusBegin + 3;

constexpr std::array<bool, 256> make_token_characters() {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    for (std::size_t c = 0; c < table.size(); ++c) {
        const std::size_t lower = c | 0x20;
        table[c] = table[c] || (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z' && c < 128);
    }
    return table;
}
constexpr std::array<bool, 256> kTokenCharacters = make_token_characters();

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_token(std::string_view text) {
    for (const char c : text) {
        if (!is_token_character(c)) {
            return false;
        }
    }
    return !text.empty();
}

// -1 when it is no plain decimal number.
std::int64_t parse_length(std::string_view text) {
    std::int64_t value = 0;
    for (const char c : text) {
        if (!is_digit(c) || value > (std::numeric_limits<std::int64_t>::max() - 9) / 10) {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    return text.empty() ? -1 : value;
}

Http1Fault read_framing(const Header& header, Http1Framing& framing) {
    // By length first: nearly every header is dismissed by one comparison.
    switch (header.name.size()) {
        case std::string_view("Connection").size():
            static_assert(std::string_view("Connection").size() ==
                          std::string_view("Set-Cookie").size());
            framing.has_set_cookie =
                framing.has_set_cookie || base::equals_ignoring_case(header.name, "Set-Cookie");
            if (base::equals_ignoring_case(header.name, "Connection")) {
                framing.has_close = framing.has_close || list_has(header.value, "close");
                framing.has_keep_alive =
                    framing.has_keep_alive || list_has(header.value, "keep-alive");
            }
            return Http1Fault::None;
        case std::string_view("Content-Length").size():
            if (base::equals_ignoring_case(header.name, "Content-Length")) {
                const std::int64_t length = parse_length(header.value);
                if (length < 0 ||
                    (framing.content_length >= 0 && framing.content_length != length)) {
                    return Http1Fault::ContentLength;
                }
                framing.content_length = length;
            }
            return Http1Fault::None;
        case std::string_view("Transfer-Encoding").size():
            if (base::equals_ignoring_case(header.name, "Transfer-Encoding")) {
                if (framing.is_chunked || !base::equals_ignoring_case(header.value, "chunked")) {
                    return Http1Fault::TransferEncoding;
                }
                framing.is_chunked = true;
            }
            return Http1Fault::None;
        default:
            return Http1Fault::None;
    }
}

bool has_folded_line(std::string_view block) {
    for (std::size_t end = block.find('\n'); end != std::string_view::npos;
         end = block.find('\n', end + 1)) {
        if (end + 1 < block.size() && is_blank(block[end + 1])) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string_view describe(Http1Fault fault) {
    switch (fault) {
        case Http1Fault::None:
            return "";
        case Http1Fault::NotHttp:
            return "the answer is not HTTP/1 or later";
        case Http1Fault::StatusLine:
            return "broken status line";
        case Http1Fault::HeaderTooLong:
            return "the header is too long";
        case Http1Fault::HeaderLine:
            return "broken header line";
        case Http1Fault::ContentLength:
            return "broken Content-Length";
        case Http1Fault::TransferEncoding:
            return "unknown Transfer-Encoding";
        case Http1Fault::LengthConflict:
            return "both Content-Length and Transfer-Encoding";
        case Http1Fault::Chunked:
            return "broken chunked encoding";
        case Http1Fault::TooManyInterim:
            return "too many interim answers";
        case Http1Fault::UnaskedUpgrade:
            return "switching protocols unasked";
        case Http1Fault::BodyRefused:
            return "the body is refused";
    }
    return "";
}

bool is_token_character(char c) {
    return kTokenCharacters[static_cast<unsigned char>(c)];
}

bool list_has(std::string_view list, std::string_view member) {
    while (true) {
        const std::size_t comma = list.find(',');
        if (base::equals_ignoring_case(trim_blanks(list.substr(0, comma)), member)) {
            return true;
        }
        if (comma == std::string_view::npos) {
            return false;
        }
        list.remove_prefix(comma + 1);
    }
}

std::optional<Http1StatusLine> parse_status_line(std::string_view line) {
    if (line.size() < kStatusEnd || line.substr(0, kVersion.size()) != kVersion) {
        return std::nullopt;
    }
    const char minor = line[kVersion.size()];
    if ((minor != '0' && minor != '1') || line[kVersion.size() + 1] != ' ') {
        return std::nullopt;
    }
    const std::string_view digits = line.substr(kStatusBegin, 3);
    if (digits[0] == '0' || !is_digit(digits[0]) || !is_digit(digits[1]) || !is_digit(digits[2])) {
        return std::nullopt;
    }
    // The space is missing in front of an empty reason only.
    if (line.size() > kStatusEnd && line[kStatusEnd] != ' ') {
        return std::nullopt;
    }
    for (const char c : line.substr(kStatusEnd)) {
        if (c == '\0' || c == '\r') {
            return std::nullopt;
        }
    }
    return Http1StatusLine{(digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0'),
                           minor - '0'};
}

Http1Fault parse_header_lines(std::string& block, std::vector<Header>& headers,
                              Http1Framing& framing) {
    headers.clear();
    if (!block.empty() && is_blank(block.front())) {
        return Http1Fault::HeaderLine;
    }
    if (block.find('\0') != std::string::npos) {
        return Http1Fault::HeaderLine;
    }
    if (has_folded_line(block)) {
        unfold_headers(block);
    }
    std::string_view rest = block;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || line.find('\r') != std::string_view::npos ||
            !is_token(line.substr(0, colon))) {
            return Http1Fault::HeaderLine;
        }
        headers.push_back({line.substr(0, colon), trim_blanks(line.substr(colon + 1))});
        const Http1Fault fault = read_framing(headers.back(), framing);
        if (fault != Http1Fault::None) {
            return fault;
        }
    }
    return Http1Fault::None;
}

}  // namespace boom::net
