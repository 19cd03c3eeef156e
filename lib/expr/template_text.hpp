#pragma once
// Finding names, calls and arguments in the text of a template. Private to this module.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::expr {

// A part of the text of a template, with its place in the whole.
struct Excerpt {
    std::string_view text;
    std::size_t offset = 0;

    [[nodiscard]] Excerpt sub(std::size_t from, std::size_t count = std::string_view::npos) const {
        return {text.substr(from, count), offset + from};
    }
    [[nodiscard]] Excerpt trimmed() const;
};

// What stands at a `$`.
struct Reference {
    enum class Kind { Dollar, Variable, Call };
    Kind kind = Kind::Dollar;
    std::string_view name;
    Excerpt arguments;     // of a call, without the parentheses
    std::size_t size = 0;  // of the whole reference, `$` included
};

// The length of the name that starts `text`; 0: none.
[[nodiscard]] std::size_t name_length(std::string_view text);
// REQUIRES: `text` starts with `$`. Empty: this `$` is plain text.
[[nodiscard]] std::optional<Reference> read_reference(Excerpt text);
// `name(arguments)` and nothing else.
[[nodiscard]] std::optional<Reference> read_bare_call(Excerpt text);
// Whether anything in the text is a variable or a call, defined or not.
[[nodiscard]] bool has_reference(std::string_view text);
// At the separators outside of quotes and brackets. One empty part for an empty text.
[[nodiscard]] std::vector<Excerpt> split_arguments(Excerpt text, char separator);
// The inside of 'text' or "text" with its escapes resolved. Empty: not quoted from end to end.
[[nodiscard]] std::optional<std::string> unquote(std::string_view text);

}  // namespace boom::expr
