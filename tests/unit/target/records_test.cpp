// What the server remembers: counters, measurements, the pause.
#include "target/counters.hpp"
#include "target/measurements.hpp"
#include "target/stall.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace boom::target {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

const base::TimePoint kStart{seconds(1000)};

Request request_of(const std::string& path, const std::string& agent = "") {
    Request request;
    request.method = "GET";
    request.path = path;
    if (!agent.empty()) {
        request.headers.emplace_back("user-agent", agent);
    }
    return request;
}

TEST_CASE("Counters: requests count by path, agent, address and second", "[target]") {
    Counters counters(kStart);
    counters.count_request(request_of("/a", "x \"y\""), {"127.0.0.1", 100, kStart});
    counters.count_request(request_of("/a"), {"127.0.0.1", 50, kStart + milliseconds(999)});
    counters.count_request(request_of("/b"), {"::1", 7, kStart + seconds(2)});
    const json seen = json::parse(counters.json());
    CHECK(seen["requests"] == 3);
    CHECK(seen["paths"] == json({{"/a", 2}, {"/b", 1}}));
    CHECK(seen["user_agents"] == json({{"", 2}, {"x \"y\"", 1}}));
    CHECK(seen["sources"] == json({{"127.0.0.1", 2}, {"::1", 1}}));
    CHECK(seen["bytes_received"] == 157);
    CHECK(seen["seconds"].dump() ==
          R"([{"requests":2,"t":0},{"requests":0,"t":1},{"requests":1,"t":2}])");
}

TEST_CASE("Counters: answers, refusals and connections", "[target]") {
    Counters counters(kStart);
    counters.count_answer(200, 10);
    counters.count_answer(200, 20);
    counters.count_answer(404, 5);
    counters.count_refused(400);
    counters.count_opened();
    counters.count_opened();
    counters.count_closed();
    counters.count_opened();
    counters.count_web_socket();
    counters.count_message();
    counters.count_message();
    counters.count_failed_handshake();
    const json seen = json::parse(counters.json());
    CHECK(seen["status"] == json({{"200", 2}, {"404", 1}}));
    CHECK(seen["bytes_sent"] == 35);
    CHECK(seen["refused"] == json({{"400", 1}}));
    CHECK(seen["connections"] ==
          json({{"accepted", 3}, {"open", 2}, {"peak", 2}, {"failed_handshakes", 1}}));
    CHECK(seen["web_sockets"] ==
          json({{"opened", 1}, {"messages", 2}, {"pings", 0}, {"closed", 0}}));
}

TEST_CASE("Counters: a reset forgets all but what is open and who is logged in", "[target]") {
    Counters counters(kStart);
    counters.count_opened();
    counters.count_opened();
    counters.count_opened();
    counters.count_closed();
    counters.count_request(request_of("/a"), {"1", 1, kStart});
    counters.count_answer(200, 1);
    counters.count_refused(400);
    CHECK(counters.use_once("t") == Counters::Use::First);
    CHECK(counters.next_flaky() == 0);
    CHECK(counters.next_flaky() == 1);
    const std::string login = counters.new_login();
    counters.reset(kStart + seconds(100));
    json seen = json::parse(counters.json());
    CHECK(seen["connections"] ==
          json({{"accepted", 2}, {"open", 2}, {"peak", 2}, {"failed_handshakes", 0}}));
    CHECK(seen["requests"] == 0);
    CHECK(seen["paths"].empty());
    CHECK(seen["refused"].empty());
    CHECK(seen["seconds"].empty());
    CHECK(counters.is_login(login));
    CHECK(counters.use_once("t") == Counters::Use::First);
    CHECK(counters.next_flaky() == 0);
    // One whose clock was read before the reset belongs to second 0.
    counters.count_request(request_of("/a"), {"1", 1, kStart + seconds(99)});
    counters.count_request(request_of("/a"), {"1", 1, kStart + seconds(101)});
    seen = json::parse(counters.json());
    CHECK(seen["seconds"].dump() == R"([{"requests":1,"t":0},{"requests":1,"t":1}])");
}

TEST_CASE("Counters: a token is good once, in the order of use", "[target]") {
    Counters counters(kStart);
    for (const char* token : {"b", "a", "b", "\x01"}) {
        static_cast<void>(counters.use_once(token));
    }
    CHECK(json::parse(counters.json())["once"] ==
          json({{"tokens", 3}, {"order", {"b", "a", "\x01"}}, {"repeats", 1}}));
}

TEST_CASE("Counters: logins are different and known", "[target]") {
    Counters counters(kStart);
    const std::string one = counters.new_login();
    const std::string two = counters.new_login();
    CHECK(one != two);
    CHECK(counters.is_login(one));
    CHECK(counters.is_login(two));
    CHECK_FALSE(counters.is_login(""));
    CHECK_FALSE(counters.is_login("x"));
}

TEST_CASE("Counters: more keys than the limit are counted together", "[target]") {
    Counters counters(kStart);
    for (std::size_t i = 0; i < Counters::kMaxKeys + 5; ++i) {
        counters.count_request(request_of("/" + std::to_string(i)), {"1", 1, kStart});
    }
    const json seen = json::parse(counters.json());
    CHECK(seen["paths"].size() == Counters::kMaxKeys + 1);
    CHECK(seen["paths"]["(other)"] == 5);
    CHECK(seen["requests"] == Counters::kMaxKeys + 5);
}

TEST_CASE("Measurements: arrivals are kept in order and by path", "[target]") {
    Measurements measurements(kStart, 1);
    measurements.arrived("/a", kStart + milliseconds(3));
    measurements.arrived("/b", kStart + milliseconds(1));
    measurements.arrived("/a", kStart + milliseconds(2));
    CHECK(measurements.arrivals_json({}) ==
          R"({"count":3,"not_kept":0,"first":0,"ns":[1000000,2000000,3000000]})");
    CHECK(measurements.arrivals_json({"/a"}) ==
          R"({"count":2,"not_kept":0,"first":0,"ns":[2000000,3000000]})");
    CHECK(measurements.arrivals_json({"", 1, 1}) ==
          R"({"count":3,"not_kept":0,"first":1,"ns":[1000000]})");
    measurements.reset(kStart + seconds(1));
    measurements.arrived("/a", kStart + seconds(2));
    CHECK(measurements.arrivals_json({}) ==
          R"({"count":1,"not_kept":0,"first":0,"ns":[1000000000]})");
}

TEST_CASE("Measurements: what is above the limit is counted", "[target]") {
    Measurements measurements(kStart, 1);
    for (std::size_t i = 0; i < Measurements::kMaxKept + 3; ++i) {
        measurements.arrived("/a", kStart);
        measurements.held(milliseconds(1), milliseconds(2));
    }
    const json arrivals = json::parse(measurements.arrivals_json({"", 0, 10}));
    CHECK(arrivals["count"] == Measurements::kMaxKept);
    CHECK(arrivals["not_kept"] == 3);
    CHECK(arrivals["ns"].size() == 10);
    CHECK(json::parse(measurements.delays_json(Measurements::Values::Summary))["not_kept"] == 3);
}

TEST_CASE("Measurements: quantiles of delays are exact", "[target]") {
    Measurements measurements(kStart, 1);
    CHECK(measurements.delays_json(Measurements::Values::Summary) ==
          R"({"count":0,"not_kept":0,"drawn_us":{},"held_us":{}})");
    for (int i = 1000; i >= 1; --i) {
        measurements.held(milliseconds(i), milliseconds(i) + std::chrono::nanoseconds(500));
    }
    const json seen = json::parse(measurements.delays_json(Measurements::Values::All));
    CHECK(seen["count"] == 1000);
    CHECK(seen["drawn_us"]["min"] == 1000.0);
    CHECK(seen["drawn_us"]["mean"] == 500'500.0);
    CHECK(seen["drawn_us"]["p50"] == 500'000.0);
    CHECK(seen["drawn_us"]["p95"] == 950'000.0);
    CHECK(seen["drawn_us"]["p999"] == 999'000.0);
    CHECK(seen["drawn_us"]["max"] == 1'000'000.0);
    CHECK(seen["held_us"]["p99"] == 990'000.5);
    CHECK(seen["drawn_ns"].front() == 1'000'000'000);
    CHECK(seen["held_ns"].back() == 1'000'500);
}

TEST_CASE("Measurements: the same seed draws the same", "[target]") {
    const auto law = Distribution::parse("exponential:1ms");
    REQUIRE(law);
    Measurements one(kStart, 7);
    Measurements two(kStart, 7);
    Measurements other(kStart, 8);
    const base::Duration first = one.draw(*law);
    CHECK(first == two.draw(*law));
    CHECK(first != other.draw(*law));
}

TEST_CASE("Stall: what is due in the pause waits for its end", "[target]") {
    Stall stall;
    CHECK(stall.release(kStart) == kStart);
    stall.set(kStart + seconds(1), seconds(2));
    const base::TimePoint end = kStart + seconds(3);
    CHECK(stall.release(kStart) == kStart);
    CHECK(stall.release(kStart + seconds(1)) == end);
    CHECK(stall.release(end - std::chrono::nanoseconds(1)) == end);
    CHECK(stall.release(end) == end);
    CHECK(stall.release(end + seconds(1)) == end + seconds(1));
    // The last one counts.
    stall.set(kStart + seconds(10), seconds(1));
    CHECK(stall.release(kStart + seconds(2)) == kStart + seconds(2));
    CHECK(stall.release(kStart + seconds(10)) == kStart + seconds(11));
}

}  // namespace
}  // namespace boom::target
