#include "cluster/run.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace boom;

TEST_CASE("Run: runs that begin in the same second have ids of their own") {
    base::Rng rng(1);
    std::set<std::string> ids;
    for (int i = 0; i < 2000; ++i) {
        ids.insert(cluster::make_run_id(rng()));
    }
    CHECK(ids.size() == 2000);
}
