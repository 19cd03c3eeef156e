#include "boom/explain_command.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "expr/value.hpp"
#include "generated/case_schema.hpp"
#include "load/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace boom::app {
namespace {

struct Explained {
    std::string place;  // "profile", "config", "request", …; empty: the top of a case
    std::string key;
    std::string text;

    [[nodiscard]] std::string path() const { return place.empty() ? key : place + "." + key; }
};

constexpr std::string_view kProfile = "profile";

void add_profile(std::vector<Explained>& rows) {
    const load::Profile defaults;
    for (const load::Field& field : load::profile_fields()) {
        const std::vector<std::string> values = field.print(defaults);
        std::string text = fmt::format("--{}: {}", field.key, field.help);
        if (!field.unit.empty()) {
            text += fmt::format(" ({})", field.unit);
        }
        text += fmt::format(". Default: {}",
                            values.empty() || values.front().empty() ? "none" : values.front());
        rows.push_back({std::string(kProfile), std::string(field.key), std::move(text)});
    }
}

void add_properties(const std::string& place, const expr::Value& schema,
                    std::vector<Explained>& rows) {
    const expr::Value* properties = schema.member("properties");
    if (properties == nullptr) {
        return;
    }
    for (const auto& [key, rule] : properties->as_map()) {
        const expr::Value* text = rule.member("description");
        rows.push_back({place, key, text != nullptr ? text->text() : std::string()});
        const expr::Value* choice = rule.member("enum");
        if (choice != nullptr && rows.back().text.find(':') == std::string::npos) {
            rows.back().text += " One of " + choice->json() + ".";
        }
        add_properties(rows.back().path(), rule, rows);
    }
}

std::vector<Explained> all_keys() {
    std::vector<Explained> rows;
    add_profile(rows);
    const expr::Value schema = expr::parse_json(kCaseSchema).value();
    add_properties("", schema, rows);
    for (const auto& [name, definition] : schema.member("definitions")->as_map()) {
        add_properties(name, definition, rows);
    }
    return rows;
}

void print(const Explained& row) {
    fmt::print("{:<34} {}\n", row.path(), row.text);
}

}  // namespace

int explain_command(int argc, char** argv) {
    // No options but this: a key may be given as the option that it is.
    const std::vector<std::string> wanted(argv + 1, argv + argc);
    if (!wanted.empty() && (wanted.front() == "--help" || wanted.front() == "-h")) {
        fmt::print(
            "boom explain [KEY…]: what a key of a profile or a test case means, such as "
            "spawn-count, config.timeout or timeout; all of them without KEY\n");
        return 0;
    }
    const std::vector<Explained> rows = all_keys();
    std::vector<base::Mistake> mistakes;
    for (const std::string& name : wanted) {
        const std::string key = name.starts_with("--") ? name.substr(2) : name;
        bool is_known = false;
        for (const Explained& row : rows) {
            if (row.key == key || row.path() == key) {
                print(row);
                is_known = true;
            }
        }
        if (!is_known) {
            std::vector<std::string_view> known;
            for (const Explained& row : rows) {
                known.push_back(row.key);
            }
            mistakes.push_back({{"explain"},
                                fmt::format("no key is called '{}'", name),
                                base::did_you_mean(key, known)});
        }
    }
    if (!mistakes.empty()) {
        throw base::ConfigError(std::move(mistakes));
    }
    if (wanted.empty()) {
        std::for_each(rows.begin(), rows.end(), print);
    }
    return 0;
}

}  // namespace boom::app
