#include "base/digest.hpp"

#include <catch2/catch.hpp>

using namespace boom::base;

TEST_CASE("Digest: published test vectors hold", "[base]") {
    // FIPS 180-4, RFC 1321, RFC 4231 case 2.
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(md5_hex("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
    CHECK(sha1("abc") ==
          "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d");
    const std::string mac = hmac_sha256("Jefe", "what do ya want for nothing?");
    REQUIRE(mac.size() == 32);
    CHECK(static_cast<unsigned char>(mac[0]) == 0x5b);
    CHECK(static_cast<unsigned char>(mac[31]) == 0x43);
}

TEST_CASE("Digest: comparing secrets says what == says", "[base]") {
    CHECK(equals_in_constant_time("abc", "abc"));
    CHECK_FALSE(equals_in_constant_time("abc", "abd"));
    CHECK_FALSE(equals_in_constant_time("abc", "abcd"));
    CHECK(equals_in_constant_time("", ""));
}

TEST_CASE("Digest: pieces one after the other have the digest of the whole", "[base]") {
    Sha256 pieces;
    pieces.add("a");
    pieces.add("");
    pieces.add("bc");
    CHECK(pieces.hex() == sha256_hex("abc"));
    CHECK(Sha256().hex() == sha256_hex(""));
}
