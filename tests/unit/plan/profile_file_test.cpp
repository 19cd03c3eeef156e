#include "base/error.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

using namespace boom;

TEST_CASE("Profile file: the demo's profile sets keys, cases and the cluster", "[plan]") {
    const plan::ProfileFile file =
        plan::load_profile_file(std::string(BOOM_TESTCASES) + "/boom.yml");
    CHECK(file.cases == std::vector<std::string>{std::string(BOOM_TESTCASES) + "/demo.yml"});
    CHECK(file.settings == std::vector<load::Setting>{{"run-time", "10s"}, {"spawn-count", "20"}});
    CHECK(file.cluster == std::vector<load::Setting>{{"expect-workers", "1"}});
}

TEST_CASE("Profile file: a missing file is named", "[plan]") {
    CHECK_THROWS_AS(plan::load_profile_file("no.yml"), base::ConfigError);
}
