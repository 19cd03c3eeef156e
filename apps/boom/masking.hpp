#pragma once
// Hides secrets in what a debug run prints: values of headers, JSON members, form fields and query
// parameters whose names say so, and from then on the same values wherever else they appear.

#include "load/profile.hpp"

#include <set>
#include <string>
#include <string_view>

namespace boom::app {

// The text of a setting for logs and reports: a secret in a header, a variable or a URL is hidden.
[[nodiscard]] std::string without_secrets(const load::Setting& setting);

class Masking {
public:
    // A header's value, after its name.
    [[nodiscard]] std::string header(std::string_view name, std::string_view value);
    // A URL, a body or a message.
    [[nodiscard]] std::string text(std::string_view text);

private:
    void learn(std::string_view secret);
    void learn_json(std::string_view text);
    void learn_form(std::string_view text);
    [[nodiscard]] std::string hidden(std::string text) const;

    // By length, the longest first: one secret may be a part of another.
    struct Longer {
        bool operator()(const std::string& a, const std::string& b) const {
            return a.size() != b.size() ? a.size() > b.size() : a < b;
        }
    };
    std::set<std::string, Longer> secrets_;
};

}  // namespace boom::app
