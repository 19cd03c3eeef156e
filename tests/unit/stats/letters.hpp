#pragma once
// Numbers as texts without a digit: 0 is "a", 25 "z", 26 "ab".

#include <cstddef>
#include <string>

namespace boom::test {

inline std::string in_letters(std::size_t number) {
    constexpr std::size_t kLetters = 26;
    std::string text;
    do {
        text += static_cast<char>('a' + number % kLetters);
        number /= kLetters;
    } while (number > 0);
    return text;
}

}  // namespace boom::test
