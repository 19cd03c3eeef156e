#include "base/address.hpp"

#include <catch2/catch.hpp>

#include <tuple>

using namespace boom::base;

TEST_CASE("Address: every spelling that users type is understood", "[base]") {
    const auto [text, host, port] = GENERATE(table<std::string, std::string, int>({
        {"h:9091", "h", 9091},
        {"http://h:9091/", "h", 9091},
        {"https://h", "h", 77},
        {"  h:9091  ", "h", 9091},
        {":9091", "", 9091},
        {"9091", "", 9091},
        {"h", "h", 77},
        {"[::1]:9091", "::1", 9091},
        {"[::1]", "::1", 77},
        {"::1", "::1", 77},
        {"10.0.0.1:1", "10.0.0.1", 1},
        {"h:9091///", "h", 9091},
    }));
    CAPTURE(text);
    const auto address = parse_address(text, 77);
    REQUIRE(address);
    CHECK(address->host == host);
    CHECK(address->port == port);
}

TEST_CASE("Address: what is no address is refused", "[base]") {
    const std::string text =
        GENERATE(as<std::string>{}, "", "   ", "h:", "h:x", "h:70000", "h:-1", "[::1", "[::1]x",
                 "a b:1", "user@h:1", "h/path:1", "[::1]:", "x:y:z", "h:80:90", "::g");
    CAPTURE(text);
    CHECK_FALSE(parse_address(text, 77));
}

TEST_CASE("Address: loopback is an address, never a name that looks like one", "[base]") {
    for (const auto* text :
         {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST"}) {
        CHECK(is_loopback(text));
    }
    for (const auto* text : {"10.0.0.1", "127.evil.example", "128.0.0.1", "::2", "",
                             "localhost.evil.example", "::ffff:10.0.0.1"}) {
        CHECK_FALSE(is_loopback(text));
    }
}

TEST_CASE("Address: text puts IPv6 into brackets", "[base]") {
    CHECK(Address{"::1", 5}.text() == "[::1]:5");
    CHECK(Address{"h", 5}.text() == "h:5");
}
