#pragma once
// Authentication as servers ask for it: Basic (RFC 7617), Digest (RFC 7616), Bearer (RFC 6750).
// Pure functions; any thread.

#include "target/answer.hpp"
#include "target/request.hpp"

#include <string>
#include <string_view>

namespace boom::target {

struct Credentials {
    std::string_view user;
    std::string_view password;
};

[[nodiscard]] Answer basic_auth(const Request& request, const Credentials& wanted);

enum class DigestAlgorithm { Md5, Sha256 };
struct DigestDemand {
    Credentials wanted;
    DigestAlgorithm algorithm = DigestAlgorithm::Md5;
    std::string_view quality = "auth";  // "auth", or empty for the old form of RFC 2069
    std::string_view secret;            // makes the nonces
};
[[nodiscard]] Answer digest_auth(const Request& request, const DigestDemand& demand);

// The token of an Authorization header; empty without one.
[[nodiscard]] std::string_view bearer_token(const Request& request);

}  // namespace boom::target
