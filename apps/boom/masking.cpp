#include "boom/masking.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <array>

namespace boom::app {
namespace {

constexpr std::string_view kMask = "***";
// Shorter ones are hidden where they stand, but not looked for elsewhere: they are in every text.
constexpr std::size_t kShortest = 4;
constexpr std::array<std::string_view, 9> kWords = {"password",   "passwd",        "pwd",
                                                    "token",      "secret",        "apikey",
                                                    "credential", "authorization", "sessionid"};

// "X-Api-Key", "api_key" and "apiKey" are alike.
bool is_secret_name(std::string_view name) {
    std::string plain = base::to_lower(name);
    std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == '.'; });
    return std::any_of(kWords.begin(), kWords.end(), [&plain](std::string_view word) {
        return plain.find(word) != std::string::npos;
    });
}

// Behind the quote that ends the JSON text which begins at `at`; the end when it is not closed.
std::size_t end_of_json_text(std::string_view text, std::size_t at) {
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' ? 2U : 1U;
    }
    return std::min(at, text.size());
}

bool is_form_character(char c) {
    return c != '&' && c != '?' && c != ' ' && c != '"' && c != '\r' && c != '\n' && c != '#' &&
           c != ';' && c != ',' && c != '{' && c != '}';
}

}  // namespace

std::string without_secrets(const load::Setting& setting) {
    std::string text = setting.text;
    const std::size_t end = text.find(setting.key == "header" ? ':' : '=');
    if ((setting.key == "header" || setting.key == "var") && end != std::string::npos) {
        const std::string name(base::trim(text.substr(0, end)));
        if (is_secret_name(name) || base::to_lower(name) == "cookie") {
            return text.substr(0, end + 1).append(kMask);
        }
    }
    // http://user:password@host
    const std::size_t scheme = text.find("://");
    const std::size_t host = scheme == std::string::npos ? scheme : scheme + 3;
    const std::size_t at = text.substr(0, text.find_first_of("/?#", host)).rfind('@');
    if (at != std::string::npos && host != std::string::npos && at > host) {
        text.replace(host, at - host, kMask);
    }
    return text;
}

void Masking::learn(std::string_view secret) {
    if (!secret.empty() && secret != kMask && secret != "null" && secret != "true" &&
        secret != "false") {
        secrets_.emplace(secret);
    }
}

void Masking::learn_json(std::string_view text) {
    for (std::size_t at = text.find('"'); at < text.size(); at = text.find('"', at)) {
        const std::size_t name_end = end_of_json_text(text, at + 1);
        const std::string_view name = text.substr(at + 1, name_end - at - 1);
        at = std::min(text.find_first_not_of(" \t\r\n", name_end + 1), text.size());
        if (at >= text.size() || text[at] != ':' || !is_secret_name(name)) {
            continue;
        }
        at = std::min(text.find_first_not_of(" \t\r\n", at + 1), text.size());
        if (at < text.size() && text[at] == '"') {
            const std::size_t end = end_of_json_text(text, at + 1);
            learn(text.substr(at + 1, end - at - 1));
            at = std::min(end + 1, text.size());
        } else if (at < text.size() && text[at] != '{' && text[at] != '[') {
            learn(base::trim(text.substr(at, text.find_first_of(",}]\r\n", at) - at)));
        }
    }
}

void Masking::learn_form(std::string_view text) {
    for (std::size_t at = text.find('='); at != std::string_view::npos;
         at = text.find('=', at + 1)) {
        std::size_t begin = at;
        while (begin > 0 && is_form_character(text[begin - 1])) {
            --begin;
        }
        std::size_t end = at + 1;
        while (end < text.size() && is_form_character(text[end])) {
            ++end;
        }
        if (is_secret_name(text.substr(begin, at - begin))) {
            const std::string_view value = text.substr(at + 1, end - at - 1);
            learn(value);
            learn(base::percent_decode(value, base::PlusSign::Space));
        }
    }
}

std::string Masking::hidden(std::string text) const {
    for (const std::string& secret : secrets_) {
        for (std::size_t at = text.find(secret); at != std::string::npos;
             at = text.find(secret, at + kMask.size())) {
            // A short one only where it is a value as a whole.
            const char before = at > 0 ? text[at - 1] : '=';
            if (secret.size() >= kShortest || before == '=' || before == '"' || before == ':') {
                text.replace(at, secret.size(), kMask);
            }
        }
    }
    return text;
}

std::string Masking::header(std::string_view name, std::string_view value) {
    const bool is_cookie = base::equals_ignoring_case(name, "Cookie") ||
                           base::equals_ignoring_case(name, "Set-Cookie");
    if (!is_cookie && !is_secret_name(name)) {
        return text(value);
    }
    // "Bearer abc": the word before is none.
    const std::size_t space = value.find(' ');
    learn(is_cookie                         ? std::string_view()
          : space == std::string_view::npos ? value
                                            : value.substr(space + 1));
    return std::string(kMask);
}

std::string Masking::text(std::string_view text) {
    learn_json(text);
    learn_form(text);
    return hidden(std::string(text));
}

}  // namespace boom::app
