#include "web/policy.hpp"

#include <catch2/catch.hpp>

using boom::web::policy_by_hash;

TEST_CASE("Policy: scripts and styles are allowed by their own hash alone", "[web]") {
    // The example of the CSP specification: alert('Hello, world.');
    const std::string html =
        "<style>p{}</style><script type=\"application/json\">{}</script>"
        "<script>alert('Hello, world.');</script>";
    const std::string policy = policy_by_hash(html);
    CHECK(policy.find("script-src 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=';") !=
          std::string::npos);
    CHECK(policy.find("style-src 'sha256-") != std::string::npos);
    CHECK(policy.find("default-src 'none'") == 0);
    CHECK(policy.find("unsafe") == std::string::npos);
}

TEST_CASE("Policy: a page without scripts may run none", "[web]") {
    const auto html = GENERATE(as<std::string>(), "", "<p>", "<script>unclosed", "<script");
    CAPTURE(html);
    CHECK(policy_by_hash(html).find("script-src 'none'; style-src 'none'") != std::string::npos);
}
