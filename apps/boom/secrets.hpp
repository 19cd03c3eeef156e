#pragma once
// Token and certificates as the user names them. Read once, before anything starts.

#include "base/error.hpp"

#include <string>
#include <vector>

namespace boom::app {

struct TokenSource {
    std::string text;  // --token
    std::string file;  // --token-file: its first line
};
// The first that is given, BOOM_TOKEN last; empty when none is. Adds to `mistakes` when it is not 8
// to 128 letters, digits and -._~+/, or the file cannot be read. Never quotes the token.
[[nodiscard]] std::string read_token(const TokenSource& source,
                                     std::vector<base::Mistake>& mistakes);

struct ServerKeys {
    std::string certificate_path, key_path;  // PEM files; both or none
    std::string certificate, key;            // their texts
};
void read_keys(ServerKeys& keys, std::vector<base::Mistake>& mistakes);

}  // namespace boom::app
