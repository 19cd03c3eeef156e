#pragma once
// A request as the target's endpoints see it. A value; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::target {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;
    std::string path;   // decoded, without query
    std::string query;  // as sent
    Fields headers;     // names as sent
    Fields trailers;
    std::string body;
    bool keeps_alive = true;

    // Case-insensitive; empty when absent. The first one counts.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    // Value of a query parameter, decoded; empty optional when absent.
    [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
    // As a whole number that is not negative; `fallback` when absent, empty when it is none.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name,
                                                     std::int64_t fallback) const;
    [[nodiscard]] Fields parameters() const;
    // The counters' own paths, "/__…": neither counted nor disturbed.
    [[nodiscard]] bool is_control() const { return path.compare(0, 3, "/__") == 0; }
};

// "a=1&b=2", decoded.
[[nodiscard]] Fields parse_form(std::string_view text);

}  // namespace boom::target
