#include "net/own_addresses.hpp"

#include <catch2/catch.hpp>

using boom::net::OwnAddresses;

TEST_CASE("OwnAddresses: loopback is this machine, others' addresses are not", "[net]") {
    const OwnAddresses own;
    CHECK(own.contains("127.0.0.1"));
    CHECK(own.contains("127.9.8.7"));
    CHECK(own.contains("::1"));
    CHECK(own.contains("::ffff:127.0.0.1"));
    // Kept for documents (RFC 5737, RFC 3849): nobody has them.
    CHECK_FALSE(own.contains("198.51.100.77"));
    CHECK_FALSE(own.contains("2001:db8::1"));
    CHECK_FALSE(own.contains(""));
    for (const std::string& address : own.all()) {
        CHECK(own.contains(address));
    }
}
