#pragma once
// What two sides of a TLS connection make their keys from, once they agree on a secret. Pure
// functions over OpenSSL's KDFs.

#include <cstddef>
#include <string>
#include <string_view>

namespace boom::net {

// RFC 8446 7.1, with an empty context. `digest` is a name that OpenSSL knows ("SHA256").
[[nodiscard]] std::string expand_label(std::string_view secret, std::string_view label,
                                       std::size_t size, const std::string& digest);

// RFC 5246 6.3: the key block.
[[nodiscard]] std::string expand_keys(std::string_view master_secret,
                                      std::string_view client_random,
                                      std::string_view server_random, std::size_t size,
                                      const std::string& digest);

}  // namespace boom::net
