#include "net/name_resolver.hpp"

#include <catch2/catch.hpp>

namespace boom::net {
namespace {

using Texts = std::vector<std::string>;

TEST_CASE("NameResolver: the families take turns, the first one first", "[net]") {
    CHECK(interleave_families({}) == Texts{});
    CHECK(interleave_families({"::1", "::2", "::3", "1.1.1.1"}) ==
          Texts{"::1", "1.1.1.1", "::2", "::3"});
    CHECK(interleave_families({"1.1.1.1", "1.1.1.2", "::1", "::2"}) ==
          Texts{"1.1.1.1", "::1", "1.1.1.2", "::2"});
}

TEST_CASE("NameResolver: resolve entries are those of curl", "[net]") {
    const Texts entries{"a:80:10.0.0.1", "+b:443:10.0.0.2,[::2]", "[::9]:80:10.0.0.3",
                        "c:80:fe80::1", "*:8080:10.0.0.4"};
    CHECK(find_resolved(entries, "a", 80) == Texts{"10.0.0.1"});
    CHECK(find_resolved(entries, "A", 80) == Texts{"10.0.0.1"});
    CHECK(find_resolved(entries, "a", 81).empty());
    CHECK(find_resolved(entries, "b", 443) == Texts{"10.0.0.2", "::2"});
    CHECK(find_resolved(entries, "::9", 80) == Texts{"10.0.0.3"});
    CHECK(find_resolved(entries, "c", 80) == Texts{"fe80::1"});
    CHECK(find_resolved(entries, "anything", 8080) == Texts{"10.0.0.4"});
    CHECK(find_resolved({"", "+", "[", "a", "a:", "a:x:1"}, "a", 80).empty());
}

TEST_CASE("NameResolver: literal addresses need no resolver", "[net]") {
    CHECK(is_literal_address("127.0.0.1"));
    CHECK(is_literal_address("::1"));
    CHECK_FALSE(is_literal_address("localhost"));
    CHECK_FALSE(is_literal_address("1.2.3"));
}

}  // namespace
}  // namespace boom::net
