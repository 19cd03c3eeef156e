#include "stats/error_text.hpp"

#include <algorithm>

namespace boom::stats {
namespace {

constexpr std::string_view kPlaceholder = "#";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Of a UUID, a number, an address or a time.
bool is_joint(char c) {
    return c == '-' || c == '.' || c == ':' || c == '+';
}

// How long the word is that begins `text`: letters, digits, and joints between them.
std::size_t word_length(std::string_view text) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_letter(text[i]) || is_digit(text[i])) {
            length = i + 1;
        } else if (!is_joint(text[i]) || length != i) {
            break;
        }
    }
    return length;
}

}  // namespace

NormalizedText::NormalizedText(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = std::max<std::size_t>(word_length(text.substr(i)), 1);
        std::string_view piece = text.substr(i, length);
        i += length;
        if (std::ranges::any_of(piece, is_digit)) {
            piece = kPlaceholder;
        }
        if (size_ + piece.size() > text_.size()) {
            break;
        }
        std::ranges::copy(piece, text_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += piece.size();
    }
}

}  // namespace boom::stats
