#include "boom/secrets.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

namespace boom::app {
namespace {

constexpr std::size_t kMinToken = 8;
constexpr std::size_t kMaxToken = 128;
constexpr std::string_view kTokenCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    return file.is_open() && !file.bad() ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace

std::string read_token(const TokenSource& source, std::vector<base::Mistake>& mistakes) {
    std::string where = "--token";
    std::string token = source.text;
    if (token.empty() && !source.file.empty()) {
        where = "--token-file";
        const auto text = read_file(source.file);
        if (!text) {
            mistakes.push_back({{where}, fmt::format("cannot read {}", source.file), {}});
            return {};
        }
        token = base::trim(text->substr(0, text->find('\n')));
        if (token.empty()) {
            mistakes.push_back({{where}, fmt::format("{} holds no token", source.file), {}});
            return {};
        }
    }
    if (token.empty()) {
        where = "BOOM_TOKEN";
        // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread starts
        const char* text = std::getenv("BOOM_TOKEN");
        token = text == nullptr ? "" : text;
    }
    const bool is_odd = token.find_first_not_of(kTokenCharacters) != std::string::npos;
    if (!token.empty() && (token.size() < kMinToken || token.size() > kMaxToken || is_odd)) {
        mistakes.push_back(
            {{where}, "a token is 8 to 128 letters, digits and the characters -._~+/", {}});
        return {};
    }
    return token;
}

void read_keys(ServerKeys& keys, std::vector<base::Mistake>& mistakes) {
    if (keys.certificate_path.empty() != keys.key_path.empty()) {
        const bool has_key = keys.certificate_path.empty();
        mistakes.push_back({{has_key ? "--http-cert" : "--http-key"},
                            "--http-cert and --http-key go together",
                            {}});
        return;
    }
    if (keys.key_path.empty()) {
        return;
    }
    const auto certificate = read_file(keys.certificate_path);
    const auto key = read_file(keys.key_path);
    if (!certificate || certificate->find("-----BEGIN CERTIFICATE") == std::string::npos) {
        mistakes.push_back(
            {{"--http-cert"}, fmt::format("{} is no PEM certificate", keys.certificate_path), {}});
    }
    if (!key || key->find("PRIVATE KEY-----") == std::string::npos) {
        mistakes.push_back({{"--http-key"}, fmt::format("{} is no PEM key", keys.key_path), {}});
    }
    keys.certificate = certificate.value_or("");
    keys.key = key.value_or("");
}

}  // namespace boom::app
