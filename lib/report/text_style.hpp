#pragma once
// How text is written for a terminal: colour, characters, width; and figures as people read them.
// Pure functions.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace boom::report {

struct TextStyle {
    enum class Color { Off, On } color = Color::Off;
    enum class Charset { Ascii, Utf8 } charset = Charset::Ascii;
    int width = 100;  // columns
    int height = 40;  // rows; of the live view
};

// What is known of where text goes.
struct TerminalFacts {
    bool is_terminal = false;
    std::string term;           // TERM
    std::string locale;         // the first that is set of LC_ALL, LC_CTYPE, LANG
    bool has_no_color = false;  // NO_COLOR is set and not empty, or --no-color
    int columns = 0, rows = 0;  // 0 = not known
};
// Pipes and files get no colour and the full width. TERM=dumb: no colour.
[[nodiscard]] TextStyle style_for(const TerminalFacts& facts);
// A view that is redrawn in place needs a terminal that can move its cursor.
[[nodiscard]] bool can_redraw(const TerminalFacts& facts);

// Text from outside, safe to print: control characters, broken UTF-8 and (in ASCII) everything
// else that the terminal cannot show become '?'.
[[nodiscard]] std::string clean_text(std::string_view text, const TextStyle& style);
// Columns on the terminal of a cleaned text: wide characters take two, combining ones none.
[[nodiscard]] std::size_t display_width(std::string_view text);
// Cleaned, and at most `width` columns, with an ellipsis when cut.
[[nodiscard]] std::string fit_text(std::string_view text, std::size_t width,
                                   const TextStyle& style);
enum class Align { Left, Right };
// Filled up with spaces to `width` columns.
[[nodiscard]] std::string pad_text(std::string_view text, std::size_t width, Align align);

enum class Ink { Bold, Good, Warning, Bad, Faint };
[[nodiscard]] std::string paint(std::string_view text, Ink ink, const TextStyle& style);

[[nodiscard]] std::string time_text(double us, const TextStyle& style);  // "12.3 ms"
[[nodiscard]] std::string bytes_text(double bytes);                      // "1.2 MB", powers of 1000
[[nodiscard]] std::string percent_text(double ratio);  // "1.4 %"; never 0 for some
[[nodiscard]] std::string rate_text(double per_second);
[[nodiscard]] std::string seconds_text(double seconds);  // "12.3 s", "4m05s", "2h03m"

}  // namespace boom::report
