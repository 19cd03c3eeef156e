#include "web/policy.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace boom::web {
namespace {

std::string hash_source(std::string_view text) {
    const std::string hex = base::sha256_hex(text);
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned value = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
        bytes += static_cast<char>(static_cast<unsigned char>(value));
    }
    return fmt::format(" 'sha256-{}'", base::encode_base64(bytes));
}

// The hashes of all elements with this tag.
std::string hashes_of(std::string_view html, std::string_view tag) {
    const std::string opening = fmt::format("<{}", tag);
    const std::string closing = fmt::format("</{}>", tag);
    std::string hashes;
    std::size_t place = html.find(opening);
    while (place != std::string_view::npos) {
        const std::size_t begin = html.find('>', place);
        const std::size_t end = html.find(closing, begin);
        if (begin == std::string_view::npos || end == std::string_view::npos) {
            break;
        }
        // What names a type is data, and does not run.
        if (html.substr(place, begin - place).find("application/json") == std::string_view::npos) {
            hashes += hash_source(html.substr(begin + 1, end - begin - 1));
        }
        place = html.find(opening, end);
    }
    return hashes.empty() ? " 'none'" : hashes;
}

}  // namespace

std::string policy_by_hash(std::string_view html) {
    return fmt::format(
        "default-src 'none'; script-src{}; style-src{}; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        hashes_of(html, "script"), hashes_of(html, "style"));
}

}  // namespace boom::web
