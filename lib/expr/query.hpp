#pragma once
// What a Query is compiled to. Private to this module.

#include "expr/json_path.hpp"
#include "expr/pattern.hpp"
#include "expr/response.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::expr {

struct Query::Compiled {
    enum class Kind {
        Text,  // text, a template
        Status,
        Proto,
        Elapsed,
        Header,
        Cookie,     // name
        Body,       // all of it
        BodyChain,  // steps, from the body on
        Path,       // over all members
        Regex,      // on the text of the body
        JsonPath,   // in the body
    };

    Kind kind = Kind::Text;
    std::string source;
    expr::Template text;
    std::string name;
    std::vector<JmesPath::Step> steps;
    std::optional<JmesPath> path;
    std::optional<Pattern> pattern;
    std::optional<expr::JsonPath> json_path;
    bool looks_at_status = false;
    bool looks_at_body = false;
    bool looks_at_headers = false;
};

// Quotes names that JMESPath cannot take as they are, as the reference does (hrp-boom A.5):
// hyphenated ones behind `headers.` and `cookies.`, and content-* and user-agent behind any dot.
[[nodiscard]] std::string quote_hyphenated_names(std::string_view text);

}  // namespace boom::expr
