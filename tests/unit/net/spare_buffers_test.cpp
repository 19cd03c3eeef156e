#include "net/spare_buffers.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using namespace boom::net;

TEST_CASE("SpareBuffers: what was given back last comes first, empty", "[net]") {
    SpareBuffers spare;
    CHECK(spare.take().capacity() == std::string().capacity());
    std::string one(1000, 'a');
    std::string other(2000, 'b');
    const char* const place = other.data();
    spare.give_back(std::move(one));
    spare.give_back(std::move(other));
    const std::string taken = spare.take();
    CHECK(taken.empty());
    CHECK(taken.data() == place);
    CHECK(spare.take().capacity() >= 1000);
    CHECK(spare.take().capacity() == std::string().capacity());
}

TEST_CASE("SpareBuffers: one without room takes no place", "[net]") {
    SpareBuffers spare;
    spare.give_back(std::string(1000, 'a'));
    spare.give_back({});
    spare.give_back("short");
    CHECK(spare.take().capacity() >= 1000);
}

TEST_CASE("SpareBuffers: large ones and too many are let go", "[net]") {
    SpareBuffers spare;
    spare.give_back(std::string(1 << 20, 'a'));
    CHECK(spare.take().capacity() == std::string().capacity());
    constexpr std::size_t kSize = 50'000;
    for (int i = 0; i < 1000; ++i) {
        spare.give_back(std::string(kSize, 'a'));
    }
    std::size_t kept = 0;
    while (spare.take().capacity() >= kSize) {
        ++kept;
    }
    CHECK(kept == (std::size_t{8} << 20) / kSize);
    spare.give_back(std::string(kSize, 'a'));  // there is room again
    CHECK(spare.take().capacity() >= kSize);
}
