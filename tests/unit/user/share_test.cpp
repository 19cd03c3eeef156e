#include "user/threaded_load.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace boom;
using namespace std::chrono_literals;

namespace {

user::Share fleet(std::vector<std::int64_t> users, double ceiling) {
    user::Share share;
    share.users = std::move(users);
    share.spawn_rate = 5;
    share.ceiling = load::Curve::constant(ceiling);
    return share;
}

}  // namespace

TEST_CASE("Share: the threads of all workers are the users of the fleet, each once", "[user]") {
    const auto threads = GENERATE(1, 2, 3, 7);
    user::Share share = fleet({4, 3, 3, 0, 11}, 100);
    std::set<std::int64_t> seen;
    double fraction = 0;
    for (share.index = 0; share.index < share.users.size(); ++share.index) {
        std::int64_t mine = 0;
        for (const user::ThreadShare& part : user::split_share(share, threads)) {
            REQUIRE(part.streams.size() == 1);
            const std::vector<std::int64_t>& ordinals = part.streams[0].ordinals;
            CHECK(std::is_sorted(ordinals.begin(), ordinals.end()));
            for (const std::int64_t ordinal : ordinals) {
                CHECK(seen.insert(ordinal).second);
            }
            mine += part.users();
            REQUIRE(part.ceiling);
            fraction += part.ceiling->stripe.fraction();
        }
        CHECK(mine == share.users[share.index]);
    }
    CHECK(seen.size() == 21);
    CHECK(*seen.rbegin() == 20);
    CHECK(fraction == Approx(1));
}

TEST_CASE("Share: a worker without users may send nothing", "[user]") {
    for (const user::ThreadShare& part : user::split_share(fleet({0, 5}, 100), 2)) {
        CHECK(part.streams[0].ordinals.empty());
        CHECK(part.streams[0].stripe.is_empty());
        CHECK(part.ceiling->stripe.is_empty());
    }
}

TEST_CASE("Share: the send slots of any split are the slots of one", "[user]") {
    const std::int64_t ceiling = 7;
    user::Share share = fleet({3, 0, 1, 5}, static_cast<double>(ceiling));
    std::vector<base::Duration> slots;
    for (share.index = 0; share.index < share.users.size(); ++share.index) {
        for (const user::ThreadShare& part : user::split_share(share, 2)) {
            load::Pacer pacer(*part.ceiling);
            for (auto slot = pacer.take_slot(0ns); slot && *slot < 90s;
                 slot = pacer.take_slot(0ns)) {
                slots.push_back(*slot);
            }
        }
    }
    std::sort(slots.begin(), slots.end());
    REQUIRE(slots.size() == static_cast<std::size_t>(90 * ceiling));
    load::Pacer one(
        {load::Curve::constant(static_cast<double>(ceiling)), load::Striping::everything()});
    for (const base::Duration slot : slots) {
        CHECK(one.take_slot(0ns) == slot);
    }
}
