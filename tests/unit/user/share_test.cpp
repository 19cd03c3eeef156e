#include "user/threaded_load.hpp"

#include <catch2/catch.hpp>

#include <numeric>
#include <set>

using namespace boom;

TEST_CASE("Share: the threads of all workers are the users of the fleet, each once", "[user]") {
    const auto threads = GENERATE(1, 2, 3, 7);
    user::Share share;
    share.users = {4, 3, 3, 0, 11};
    share.spawn_rate = 5;
    share.max_rps = 100;
    std::set<std::int64_t> seen;
    double rate = 0;
    for (share.index = 0; share.index < share.users.size(); ++share.index) {
        std::size_t mine = 0;
        for (const user::ThreadShare& part : user::split_share(share, threads)) {
            CHECK(part.fleet_users == 21);
            CHECK(std::is_sorted(part.ordinals.begin(), part.ordinals.end()));
            for (const std::int64_t ordinal : part.ordinals) {
                CHECK(seen.insert(ordinal).second);
            }
            mine += part.ordinals.size();
            REQUIRE(part.pacer);
            rate += part.pacer->requests_per_second;
            CHECK(part.pacer->phase >= 0);
            CHECK(part.pacer->phase < 1);
        }
        CHECK(static_cast<std::int64_t>(mine) == share.users[share.index]);
    }
    CHECK(seen.size() == 21);
    CHECK(*seen.rbegin() == 20);
    CHECK(rate == Approx(100));
}

TEST_CASE("Share: a worker without users may send nothing", "[user]") {
    user::Share share;
    share.users = {0, 5};
    share.max_rps = 100;
    for (const user::ThreadShare& part : user::split_share(share, 2)) {
        CHECK(part.ordinals.empty());
        CHECK(part.pacer->requests_per_second == 0);
    }
}
