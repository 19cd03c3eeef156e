#include "wire/message.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace boom;
using namespace std::chrono_literals;

namespace {

template <typename T>
T round_trip(const T& message) {
    const auto decoded = wire::decode(wire::encode(message));
    REQUIRE(decoded);
    REQUIRE(std::holds_alternative<T>(*decoded));
    return std::get<T>(*decoded);
}

stats::Snapshot random_snapshot(base::Rng& rng) {
    stats::Snapshot snapshot;
    constexpr std::size_t kSteps = 5;
    for (int i = 0; i < 200; ++i) {
        const stats::PhaseId phase = rng.below(4) == 0 ? stats::kWarmUpPhase : stats::kMainPhase;
        const stats::StepId id{static_cast<std::int32_t>(rng.below(kSteps))};
        stats::StepStats& step = snapshot.at(phase, id, kSteps);
        ++step.requests;
        step.failures += rng.below(3) == 0 ? 1 : 0;
        step.bytes_received += static_cast<std::int64_t>(rng.below(1000));
        ++step.status[200 + static_cast<int>(rng.below(3)) * 100];
        const auto time = static_cast<std::int64_t>(rng.below(10'000'000));
        step.response_time.record(time);
        step.service_time.record(time / 2);
    }
    stats::ErrorKey key{stats::Outcome::CheckFailed, stats::StepId{2}, "got another number"};
    stats::ErrorStats& error = snapshot.errors[key];
    error.count = 3;
    error.first = 1s;
    error.last = 2s;
    error.time.record(77, 3);
    stats::StepStats& named = snapshot.named_cell({stats::StepId{3}, "item \xff 7"});
    named.requests = 2;
    named.service_time.record(1234);
    snapshot.iterations = {5, 3, 1, 0, 1};
    snapshot.transactions = {4, 1};
    snapshot.connections = {2, 198, 0, 200};
    snapshot.lateness.record(12);
    return snapshot;
}

void check_same(const stats::Histogram& a, const stats::Histogram& b) {
    CHECK(a.count() == b.count());
    CHECK(a.moments() == b.moments());
    CHECK(a.encode() == b.encode());
}

}  // namespace

TEST_CASE("Message: an interval arrives bit for bit", "[wire]") {
    const std::uint64_t seed = base::random_seed();
    CAPTURE(seed);
    base::Rng rng(seed);
    wire::Interval sent;
    sent.part = {"r1", 3};
    sent.sequence = 9;
    sent.second = 8;
    sent.users = 77;
    sent.delta = random_snapshot(rng);
    sent.delta.health = {1,  2,  3,  4,  5.5, 6.5, {7.5, 8.5}, 9,  10, 11, 12, 13,
                         14, 15, 16, 17, 18,  19,  20,         21, 22, 23, 24, 25};
    const wire::Interval got = round_trip(sent);
    CHECK(got.part == wire::PartId{"r1", 3});
    CHECK(got.sequence == 9);
    CHECK(got.second == 8);
    CHECK(got.users == 77);
    CHECK(got.delta.health == sent.delta.health);
    REQUIRE(got.delta.phases.size() == sent.delta.phases.size());
    for (std::size_t p = 0; p < sent.delta.phases.size(); ++p) {
        const stats::Phase& a = sent.delta.phases[p];
        const stats::Phase& b = got.delta.phases[p];
        CHECK(a.id == b.id);
        REQUIRE(a.steps.size() == b.steps.size());
        for (std::size_t i = 0; i < a.steps.size(); ++i) {
            CHECK(a.steps[i].requests == b.steps[i].requests);
            CHECK(a.steps[i].failures == b.steps[i].failures);
            CHECK(a.steps[i].bytes_received == b.steps[i].bytes_received);
            CHECK(a.steps[i].status == b.steps[i].status);
            check_same(a.steps[i].response_time, b.steps[i].response_time);
            check_same(a.steps[i].service_time, b.steps[i].service_time);
        }
    }
    REQUIRE(got.delta.errors.size() == 1);
    CHECK(got.delta.errors.begin()->first.message == "got another number");
    CHECK(got.delta.errors.begin()->second.count == 3);
    check_same(got.delta.errors.begin()->second.time, sent.delta.errors.begin()->second.time);
    REQUIRE(got.delta.named.size() == 1);
    CHECK(got.delta.named.begin()->first == sent.delta.named.begin()->first);
    CHECK(got.delta.named.begin()->second.requests == 2);
    check_same(got.delta.named.begin()->second.service_time,
               sent.delta.named.begin()->second.service_time);
    CHECK(got.delta.iterations.started == 5);
    CHECK(got.delta.connections.exchanges == 200);
    check_same(got.delta.lateness, sent.delta.lateness);
}

TEST_CASE("Message: leases and returned rows arrive as they were sent", "[wire]") {
    wire::Rows rows;
    rows.part = {"r1", 3};
    rows.first = 4;
    rows.leases = {{0, 5, 9}, {7, 0, 1}};
    rows.recall = 2;
    rows.give = {3, 10};
    const wire::Rows got = round_trip(rows);
    CHECK(got.part == rows.part);
    CHECK(got.first == 4);
    CHECK(got.leases == rows.leases);
    CHECK(got.recall == 2);
    CHECK(got.give == rows.give);
    const wire::RowsReturn back = round_trip(wire::RowsReturn{{"r1", 3}, 2, {{1, 2, 3}}});
    CHECK(back.recall == 2);
    CHECK(back.rows == std::vector<load::RowRange>{{1, 2, 3}});
    wire::Start start;
    start.leases = {{0, 0, 50}};
    CHECK(round_trip(start).leases == start.leases);
    wire::Final last;
    last.last_lease = 7;
    last.unused = {{2, 1, 2}};
    CHECK(round_trip(last).last_lease == 7);
    CHECK(round_trip(last).unused == last.unused);
}

TEST_CASE("Message: rows that cannot be are malformed", "[wire]") {
    const auto range = GENERATE(values<load::RowRange>(
        {{0, -1, 5}, {0, 5, 4}, {0, 0, std::int64_t{1} << 32}, {1 << 20, 0, 1}}));
    wire::Rows rows;
    rows.leases = {range};
    CHECK_FALSE(wire::decode(wire::encode(rows)));
    CHECK_FALSE(wire::decode(wire::encode(wire::RowsReturn{{}, 1, {range}})));
    wire::Rows odd;
    odd.give = GENERATE(values<load::Fraction>({{1, 0}, {2, 1}, {-1, 1}}));
    CHECK_FALSE(wire::decode(wire::encode(odd)));
}

TEST_CASE("Message: commands keep every field", "[wire]") {
    wire::Prepare prepare;
    prepare.part = {"r", 2};
    prepare.bundle_hash = "h";
    prepare.profile = {{"spawn-count", "10"}, {"var", "a=b"}};
    prepare.share.revision = 8;
    prepare.share.users = {4, 3, 3};
    prepare.share.index = 2;
    prepare.share.spawn_rate = 2.5;
    prepare.share.streams = {{boom::load::Curve({{1s, 0}, {1s, 4}, {3s, 10}}, 2.5), {4, 3, 3}, 77}};
    prepare.share.ceiling = boom::load::Curve::constant(100);
    prepare.share.from = 1500ms;
    prepare.seed = 0xFFFFFFFFFFFFFFFFULL;
    const wire::Prepare got = round_trip(prepare);
    CHECK(got.profile == prepare.profile);
    CHECK(got.part == prepare.part);
    CHECK(got.share.revision == 8);
    CHECK(got.share.users == prepare.share.users);
    CHECK(got.share.index == 2);
    CHECK(got.share.spawn_rate == 2.5);
    REQUIRE(got.share.streams.size() == 1);
    CHECK(got.share.streams[0].target == prepare.share.streams[0].target);
    CHECK(got.share.streams[0].users == prepare.share.streams[0].users);
    CHECK(got.share.streams[0].first_ordinal == 77);
    CHECK(got.share.ceiling == prepare.share.ceiling);
    CHECK(got.share.from == 1500ms);
    CHECK(got.seed == prepare.seed);

    wire::Hello hello;
    hello.id = "w";
    CHECK_FALSE(round_trip(hello).max_users.has_value());
    hello.max_users = 50;
    CHECK(round_trip(hello).max_users == 50);
    CHECK(round_trip(wire::Start{{"r", 1}, 1500us, {}, {}}).in == 1500us);
    CHECK(round_trip(wire::Start{{"r", 1}, 0us, 2500us, {}}).elapsed == 2500us);
    CHECK(round_trip(wire::Stop{{"r", 1}, true}).force);
    CHECK(round_trip(wire::Ack{{"r", 1}, 7, true}).is_final);
    CHECK(round_trip(wire::Ready{{"r", 7}}).part == wire::PartId{"r", 7});
    CHECK(round_trip(wire::Refused{{"r", 7}, "why"}).part == wire::PartId{"r", 7});
    CHECK(round_trip(wire::Welcome{"1", 1s}).heartbeat == 1s);
    wire::Heartbeat beat;
    beat.number = 5;
    beat.part = {"r", 9};
    beat.share_revision = 4;
    beat.is_leaving = true;
    const wire::Heartbeat heard = round_trip(beat);
    CHECK(heard.number == 5);
    CHECK(heard.part == beat.part);
    CHECK(heard.share_revision == 4);
    CHECK(heard.is_leaving);
    CHECK(round_trip(wire::Final{{"r", 1}, 1, 2, 3, 4, 5, true, 0, {}}).iterations == 5);
    CHECK(round_trip(wire::BundlePart{"h", {"a"}, {{"a", std::string("\0x", 2)}}, true, 3})
              .files[0]
              .content.size() == 2);
}

TEST_CASE("Message: hostile bytes are refused, not believed", "[wire]") {
    CHECK_FALSE(wire::decode(""));
    CHECK_FALSE(wire::decode("hello"));
    CHECK_FALSE(wire::decode(std::string(wire::kMaxMessageBytes + 1, 'x')));
    wire::Adjust adjust;
    adjust.share.users = {1};
    adjust.share.index = 1;  // beyond the list
    CHECK_FALSE(wire::decode(wire::encode(adjust)));
    adjust.share.index = 0;
    adjust.share.users = {-1};
    CHECK_FALSE(wire::decode(wire::encode(adjust)));
    adjust.share.users = {1};
    adjust.share.spawn_rate = 0;
    CHECK_FALSE(wire::decode(wire::encode(adjust)));
    wire::Interval interval;  // sequence 0 is none
    CHECK_FALSE(wire::decode(wire::encode(interval)));
}

TEST_CASE("Message: times that cannot be are malformed", "[wire]") {
    const auto [time, is_right] = GENERATE(table<base::Duration, bool>({
        {0s, true},
        {24h, true},
        {-1ms, false},
        {base::Duration::max(), false},
    }));
    wire::Interval interval;
    interval.sequence = 1;
    interval.waiting = {1, time};
    CHECK(wire::decode(wire::encode(interval)).has_value() == is_right);
    CHECK(wire::decode(wire::encode(wire::Welcome{"1", time})).has_value() == is_right);
    CHECK(wire::decode(wire::encode(wire::Start{{}, time, 0s, {}})).has_value() == is_right);
    CHECK(wire::decode(wire::encode(wire::Start{{}, 0s, time, {}})).has_value() == is_right);
    wire::Adjust adjust;
    adjust.share.users = {1};
    adjust.share.spawn_rate = 1;
    adjust.share.from = time;
    CHECK(wire::decode(wire::encode(adjust)).has_value() == is_right);
    // A number that no Duration holds: heartbeat_ms of a Welcome, 2^62.
    CHECK_FALSE(wire::decode({"\x12\x0a\x10\x80\x80\x80\x80\x80\x80\x80\x80\x40", 12}));
}

TEST_CASE("Message: figures of a worker that cannot be are malformed", "[wire]") {
    const double bad = GENERATE(std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::infinity(), -0.5);
    for (double wire::Heartbeat::*field :
         {&wire::Heartbeat::worker_cpu_percent, &wire::Heartbeat::cpu_percent,
          &wire::Heartbeat::worker_memory_percent, &wire::Heartbeat::memory_percent}) {
        wire::Heartbeat beat;
        CHECK(wire::decode(wire::encode(beat)).has_value());
        beat.*field = bad;
        CHECK_FALSE(wire::decode(wire::encode(beat)));
    }
    wire::Heartbeat beat;
    beat.users = -1;
    CHECK_FALSE(wire::decode(wire::encode(beat)));
    wire::Hello hello;
    CHECK(wire::decode(wire::encode(hello)).has_value());
    hello.descriptor_limit = -1;
    CHECK_FALSE(wire::decode(wire::encode(hello)));
    hello.descriptor_limit = 0;
    hello.unix_ms = std::numeric_limits<std::int64_t>::min();
    CHECK_FALSE(wire::decode(wire::encode(hello)));
}

TEST_CASE("Message: flipped bytes never crash the decoder", "[wire]") {
    const std::uint64_t seed = base::random_seed();
    CAPTURE(seed);
    base::Rng rng(seed);
    wire::Interval interval;
    interval.sequence = 1;
    interval.delta = random_snapshot(rng);
    const std::string good = wire::encode(interval);
    for (int i = 0; i < 2000; ++i) {
        std::string bad = good;
        bad[rng.below(bad.size())] = static_cast<char>(rng.below(256));
        (void)wire::decode(bad);
        (void)wire::decode(std::string_view(good).substr(0, rng.below(good.size())));
    }
    CHECK(wire::decode(good).has_value());
}

TEST_CASE("Message: how rendezvous of the fleet stand comes over as it was", "[wire]") {
    wire::Gathering gathering;
    gathering.part = {"run", 3};
    gathering.number = 7;
    gathering.is_open = true;
    gathering.is_complete = true;
    gathering.users = 12;
    gathering.cases = {{0, 4'000'000'000U, 5, 1ULL << 40U}, {2, 1, 0, 0}};
    const wire::Gathering got = round_trip(gathering);
    CHECK(got.part == gathering.part);
    CHECK(got.number == 7);
    CHECK((got.is_open && got.is_complete));
    CHECK(got.users == 12);
    CHECK(got.cases == gathering.cases);
    const wire::Release release{{"run", 3}, true, {{0, 4'000'000'001U}, {2, 1}}};
    const wire::Release back = round_trip(release);
    CHECK(back.part == release.part);
    CHECK(back.is_open);
    CHECK(back.cases == release.cases);
}

TEST_CASE("Message: a shared variable comes over with its place in the order of all", "[wire]") {
    wire::Shared sent;
    sent.part = {"r1", 3};
    sent.name = "token";
    sent.json = std::string("\"a\0\xff\"", 5);
    sent.from_part = 4;
    sent.from_thread = 2;
    sent.number = 1ULL << 40;
    sent.sequence = 12;
    sent.oldest = 11;
    sent.order = 9;
    sent.after = 7;
    sent.yours = 5;
    const wire::Shared got = round_trip(sent);
    CHECK(got.part == sent.part);
    CHECK(got.name == sent.name);
    CHECK(got.json == sent.json);
    CHECK(got.from_part == 4);
    CHECK(got.from_thread == 2);
    CHECK(got.number == sent.number);
    CHECK(got.sequence == 12);
    CHECK(got.oldest == 11);
    CHECK(got.order == 9);
    CHECK(got.after == 7);
    CHECK(got.yours == 5);
    CHECK(round_trip(wire::Ack{{"r1", 3}, 7, false, 12}).shared == 12);
    wire::Heartbeat beat;
    beat.shared_order = 9;
    CHECK(round_trip(beat).shared_order == 9);
    sent.oldest = 13;  // not acknowledged, and not yet sent
    CHECK_FALSE(wire::decode(wire::encode(sent)));
    sent.oldest = 11;
    sent.after = 10;  // told before something of a lower order
    CHECK_FALSE(wire::decode(wire::encode(sent)));
}
