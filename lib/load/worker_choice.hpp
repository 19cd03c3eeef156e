#pragma once
// Which workers carry a load: all of them, some, or some by given parts.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::load {

// Either what was read, or what is wrong with the text.
template <typename Value>
using Parsed = std::variant<Value, std::string>;

struct WorkerChoice {
    enum class Kind { Auto, Only, Ratio } kind = Kind::Auto;
    struct Part {
        std::string worker;  // its id or its --name
        double ratio = 1;
        bool operator==(const Part&) const = default;
    };
    std::vector<Part> parts;
    bool operator==(const WorkerChoice&) const = default;

    [[nodiscard]] bool is_auto() const { return kind == Kind::Auto; }
};

// "auto", "only=w1,w2", "ratio=w1:0.7,w2:0.3". Ratios must sum to 1.
[[nodiscard]] Parsed<WorkerChoice> parse_worker_choice(std::string_view text);
[[nodiscard]] std::string format_worker_choice(const WorkerChoice& choice);

}  // namespace boom::load
