#include "cluster/run_load.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using cluster::RunLoad;

namespace {

using Members = std::vector<RunLoad::Member>;
using Users = std::vector<std::int64_t>;

const Members kThree = {
    {"a_1", std::nullopt, "a"}, {"b_1", std::nullopt, "b"}, {"c_1", std::nullopt, "c"}};

load::Profile profile_of(std::int64_t users, const std::string& workers) {
    load::Profile profile;
    profile.spawn_count = users;
    REQUIRE(load::apply(profile, std::vector<load::Setting>{{"workers", workers}}).empty());
    return profile;
}

Users users_of(const load::Profile& profile, const Members& members) {
    std::vector<wire::Share> shares;
    REQUIRE(RunLoad(profile).share_out(members, {}, shares).empty());
    return shares.front().users;
}

}  // namespace

TEST_CASE("RunLoad: chosen workers carry the load, by name or id", "[cluster]") {
    const auto [choice, expected] = GENERATE(table<std::string, Users>({
        {"auto", {34, 33, 33}},
        {"only=b", {0, 100, 0}},
        {"only=a_1,c", {50, 0, 50}},
        {"ratio=a:0.7,b:0.3", {70, 30, 0}},
        {"ratio=a:0.333333,b:0.333333,c:0.333334", {33, 33, 34}},
    }));
    CAPTURE(choice);
    CHECK(users_of(profile_of(100, choice), kThree) == expected);
}

TEST_CASE("RunLoad: when a chosen worker is away the others of the choice share", "[cluster]") {
    const Members two(kThree.begin() + 1, kThree.end());
    CHECK(users_of(profile_of(10, "ratio=a:0.5,b:0.4,c:0.1"), two) == Users{8, 2});
    CHECK(users_of(profile_of(10, "only=a"), two) == Users{0, 0});
}

TEST_CASE("RunLoad: a choice that nobody fits is named before the start", "[cluster]") {
    CHECK(RunLoad(profile_of(1, "only=a")).check_choice(kThree).empty());
    const std::string unknown = RunLoad(profile_of(1, "only=x")).check_choice(kThree);
    CHECK(unknown == "no worker 'x' is ready; there are: a, b, c");
    Members twins = kThree;
    twins[1].name = twins[0].name;
    CHECK(RunLoad(profile_of(1, "only=a")).check_choice(twins).empty());
    CHECK(RunLoad(profile_of(1, "ratio=a:0.5,c:0.5")).check_choice(twins) ==
          "2 workers are called 'a': give their ids");
    CHECK_FALSE(RunLoad(profile_of(1, "only=a")).may_carry(kThree[2]));
}

TEST_CASE("RunLoad: capacities bind a choice too, both numbers are named", "[cluster]") {
    const Members limited = {{"a", 50, "a1"}, {"b", 50, "b1"}, {"c", 1000, "c1"}};
    std::vector<wire::Share> shares;
    const std::string only = RunLoad(profile_of(101, "only=a,b")).share_out(limited, {}, shares);
    CHECK(only.find("101") != std::string::npos);
    CHECK(only.find("100") != std::string::npos);
    const std::string ratio =
        RunLoad(profile_of(100, "ratio=a:0.7,c:0.3")).share_out(limited, {}, shares);
    CHECK(ratio.find("70 users") != std::string::npos);
    CHECK(ratio.find("leaves 50") != std::string::npos);
    const std::string all = RunLoad(profile_of(1101, "auto")).share_out(limited, {}, shares);
    CHECK(all.find("1101") != std::string::npos);
    CHECK(all.find("1100") != std::string::npos);
}

TEST_CASE("RunLoad: each case of a run may have workers of its own", "[cluster]") {
    load::Profile profile;
    const std::vector<load::Setting> settings = {
        {"scenario", "case=x;users=10;workers=only=a"},
        {"scenario", "case=y;users=100;workers=ratio=b:0.7,c:0.3"},
        {"scenario", "case=z;users=3"}};
    REQUIRE(load::apply(profile, settings).empty());
    std::vector<wire::Share> shares;
    REQUIRE(RunLoad(profile).share_out(kThree, {}, shares).empty());
    CHECK(shares[0].streams[0].users == Users{10, 0, 0});
    CHECK(shares[0].streams[1].users == Users{0, 70, 30});
    CHECK(shares[0].streams[2].users == Users{1, 1, 1});
    CHECK(shares[0].users == Users{11, 71, 31});
}

TEST_CASE("RunLoad: an open load without a number of users keeps below the machine's limit",
          "[cluster]") {
    load::Profile profile;
    profile.rate = 100;
    const Members limited = {{"a", std::nullopt, "a1", 900}, {"b", std::nullopt, "b1", 100'000}};
    CHECK(users_of(profile, limited) == Users{900, 5000});
    // Two loads on one machine share what it allows.
    load::Profile two;
    const std::vector<load::Setting> settings = {{"scenario", "case=x;rate=10"},
                                                 {"scenario", "case=y;rate=10"}};
    REQUIRE(load::apply(two, settings).empty());
    CHECK(users_of(two, {{"a", std::nullopt, "a1", 15'000}}) == Users{15'000});
}
