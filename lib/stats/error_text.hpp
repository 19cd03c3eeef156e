#pragma once
// What makes failures of one kind have one text: ids, numbers and addresses become "#". Pure.

#include <array>
#include <cstddef>
#include <string_view>

namespace boom::stats {

inline constexpr std::size_t kMaxErrorText = 200;  // bytes

// The normalized text, held without allocating; what is longer than the limit is cut.
class NormalizedText {
public:
    // A word with a digit in it becomes "#"; what - . : or + join is one word.
    explicit NormalizedText(std::string_view text);
    [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }

private:
    std::array<char, kMaxErrorText> text_{};
    std::size_t size_ = 0;
};

}  // namespace boom::stats
