#include "base/utf8.hpp"

#include <cstddef>
#include <optional>

namespace boom::base {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

// How many bytes follow the first of a character, and the least and greatest second byte; the
// table 3-7 of the Unicode standard. Empty for a byte that starts none.
struct Sequence {
    std::size_t more = 0;
    unsigned least = 0x80;
    unsigned greatest = 0xbf;
};
std::optional<Sequence> sequence_of(unsigned first) {
    if (first < 0x80) {
        return Sequence{};
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return Sequence{1};
    }
    if (first >= 0xe0 && first <= 0xef) {
        return Sequence{2, first == 0xe0 ? 0xa0U : 0x80U, first == 0xed ? 0x9fU : 0xbfU};
    }
    if (first >= 0xf0 && first <= 0xf4) {
        return Sequence{3, first == 0xf0 ? 0x90U : 0x80U, first == 0xf4 ? 0x8fU : 0xbfU};
    }
    return std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto sequence = sequence_of(byte_at(text, at));
        if (!sequence || sequence->more >= text.size() - at) {
            return false;
        }
        for (std::size_t i = 1; i <= sequence->more; ++i) {
            const unsigned byte = byte_at(text, at + i);
            const unsigned least = i == 1 ? sequence->least : 0x80;
            const unsigned greatest = i == 1 ? sequence->greatest : 0xbf;
            if (byte < least || byte > greatest) {
                return false;
            }
        }
        at += 1 + sequence->more;
    }
    return true;
}

}  // namespace boom::base
