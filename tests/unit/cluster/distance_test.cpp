#include "cluster/distance.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using cluster::unlike_distances;
using cluster::WorkerTally;

namespace {

WorkerTally worker(std::string name, base::Duration fastest, int connects = 10) {
    WorkerTally tally;
    tally.id = name + "-id";
    tally.name = std::move(name);
    for (int i = 0; i < connects; ++i) {
        tally.health.add_connect(fastest + i * 1ms);
    }
    return tally;
}

TEST_CASE("Distance: workers side by side are not worth a word", "[cluster]") {
    CHECK(unlike_distances({}).empty());
    CHECK(unlike_distances({worker("a", 50ms)}).empty());
    CHECK(unlike_distances({worker("a", 50ms), worker("b", 80ms)}).empty());
    // Thirty times, but nothing that anybody would notice.
    CHECK(unlike_distances({worker("a", 100us), worker("b", 3ms)}).empty());
    // A worker without connections is not near.
    CHECK(unlike_distances({worker("a", 50ms), worker("b", 0ms, 0)}).empty());
}

TEST_CASE("Distance: both limits have to be passed", "[cluster]") {
    CHECK(unlike_distances({worker("a", 2499us), worker("b", 7498us)}).empty());
    CHECK_FALSE(unlike_distances({worker("a", 2499us), worker("b", 7499us)}).empty());
    CHECK(unlike_distances({worker("a", 10ms), worker("b", 29999us)}).empty());
    CHECK_FALSE(unlike_distances({worker("a", 10ms), worker("b", 30ms)}).empty());
}

TEST_CASE("Distance: the far ones are named with their figures, the farthest first", "[cluster]") {
    CHECK(unlike_distances({worker("far", 52ms), worker("near", 100us), worker("mid", 9ms),
                            worker("beside", 300us)}) ==
          "workers are unlike far from the target: a connection takes far 52.0 ms, mid 9.0 ms at "
          "least, near 0.1 ms where it is nearest; the response times hold both");
}

TEST_CASE("Distance: two connects say too little, those of two parts are one worker's",
          "[cluster]") {
    const WorkerTally near = worker("near", 1ms);
    CHECK(unlike_distances({near, worker("far", 50ms, 2)}).empty());
    CHECK_FALSE(unlike_distances({near, worker("far", 50ms, 2), worker("far", 60ms, 1)}).empty());
}

TEST_CASE("Distance: of a hundred far workers a few are named", "[cluster]") {
    std::vector<WorkerTally> tallies{worker("near", 1ms)};
    for (int i = 0; i < 100; ++i) {
        tallies.push_back(worker("w" + std::to_string(i), 50ms));
    }
    const std::string text = unlike_distances(tallies);
    CHECK(text.find("and 92 more") != std::string::npos);
    CHECK(text.size() < 400);
}

}  // namespace
