#include "stats/snapshot.hpp"

#include "base/rng.hpp"
#include "unit/stats/letters.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace std::chrono_literals;
using namespace boom::stats;
using boom::base::random_seed;
using boom::base::Rng;
using boom::test::in_letters;

namespace {

constexpr std::size_t kSteps = 4;

void require_same(const Histogram& a, const Histogram& b) {
    REQUIRE(a.encode() == b.encode());
    REQUIRE(a.moments() == b.moments());
}

void require_same(const StepStats& a, const StepStats& b) {
    REQUIRE(a.requests == b.requests);
    REQUIRE(a.failures == b.failures);
    REQUIRE(a.interrupted == b.interrupted);
    REQUIRE(a.bytes_sent == b.bytes_sent);
    REQUIRE(a.bytes_received == b.bytes_received);
    REQUIRE(a.status == b.status);
    require_same(a.response_time, b.response_time);
    require_same(a.service_time, b.service_time);
}

void require_same(const ErrorMap& a, const ErrorMap& b) {
    REQUIRE(a.size() == b.size());
    for (const auto& [key, stats] : a) {
        CAPTURE(key.message);
        const auto other = b.find(key);
        REQUIRE(other != b.end());
        REQUIRE(stats.count == other->second.count);
        REQUIRE(stats.first == other->second.first);
        REQUIRE(stats.last == other->second.last);
        require_same(stats.time, other->second.time);
    }
}

void require_same(const Snapshot& a, const Snapshot& b) {
    REQUIRE(a.phases.size() == b.phases.size());
    for (std::size_t i = 0; i < a.phases.size(); ++i) {
        REQUIRE(a.phases[i].id == b.phases[i].id);
        REQUIRE(a.phases[i].steps.size() == b.phases[i].steps.size());
        for (std::size_t k = 0; k < a.phases[i].steps.size(); ++k) {
            require_same(a.phases[i].steps[k], b.phases[i].steps[k]);
        }
    }
    require_same(a.errors, b.errors);
    REQUIRE(a.named.size() == b.named.size());
    for (const auto& [key, stats] : a.named) {
        CAPTURE(key.name);
        const auto other = b.named.find(key);
        REQUIRE(other != b.named.end());
        require_same(stats, other->second);
    }
    REQUIRE(a.iterations.started == b.iterations.started);
    REQUIRE(a.iterations.finished == b.iterations.finished);
    REQUIRE(a.iterations.failed == b.iterations.failed);
    REQUIRE(a.iterations.dropped == b.iterations.dropped);
    REQUIRE(a.iterations.interrupted == b.iterations.interrupted);
    REQUIRE(a.transactions.passed == b.transactions.passed);
    REQUIRE(a.transactions.failed == b.transactions.failed);
    REQUIRE(a.connections.opened == b.connections.opened);
    REQUIRE(a.connections.reused == b.connections.reused);
    REQUIRE(a.connections.failed == b.connections.failed);
    REQUIRE(a.connections.exchanges == b.connections.exchanges);
    require_same(a.lateness, b.lateness);
}

// One random event, applied to both; what it is depends on the generator's state only.
void apply_random_event(Rng& rng, Snapshot& part, Snapshot& whole) {
    const auto phase = static_cast<PhaseId>(rng.below(4)) - 1;
    const StepId step{static_cast<std::int32_t>(rng.below(kSteps))};
    const auto time = static_cast<std::int64_t>(rng.below(1U << (1 + rng.below(31))));
    const auto amount = static_cast<std::int64_t>(rng.below(1000));
    const auto text = fmt::format("message {}", rng.below(5));
    const std::uint64_t kind = rng.below(5);
    for (Snapshot* target : {&part, &whole}) {
        StepStats& cell = target->at(phase, step, kSteps);
        ++cell.requests;
        cell.bytes_sent += amount;
        cell.bytes_received += 2 * amount;
        ++cell.status[static_cast<int>(200 + kind)];
        cell.response_time.record(time);
        cell.service_time.record(time / 2);
        if (kind == 0) {
            ++cell.failures;
            ErrorStats one{.count = 1,
                           .first = std::chrono::microseconds(time),
                           .last = std::chrono::microseconds(time),
                           .time = {}};
            one.time.record(time);
            target->error({Outcome::BadStatus, step, text}).add(one);
        }
        cell.interrupted += kind == 1 ? 1 : 0;
        StepStats& named = target->named_cell({step, text});
        ++named.requests;
        named.response_time.record(time);
        target->lateness.record(amount);
        target->iterations.add({amount, 1, 2, 3, static_cast<std::int64_t>(kind)});
        target->transactions.add({1, amount});
        target->connections.add({1, 2, amount, 4});
    }
}

}  // namespace

TEST_CASE("Snapshot: the merge of any split equals the whole", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    std::vector<Snapshot> parts(6);
    Snapshot whole;
    for (int i = 0; i < 2000; ++i) {
        apply_random_event(rng, parts[rng.below(parts.size())], whole);
    }
    while (parts.size() > 1) {
        const std::size_t from = rng.below(parts.size());
        const std::size_t into = (from + 1 + rng.below(parts.size() - 1)) % parts.size();
        parts[into].add(parts[from]);
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(from));
    }
    require_same(parts.front(), whole);
}

TEST_CASE("Snapshot: cells grow on demand, phases ascend", "[stats]") {
    Snapshot snapshot;
    CHECK(snapshot.is_empty());
    snapshot.at(2, StepId{1}, 3).requests = 1;
    snapshot.at(kWarmUpPhase, StepId{2}, 3).requests = 2;
    snapshot.at(kMainPhase, StepId{0}, 3).interrupted = 3;
    REQUIRE(snapshot.phases.size() == 3);
    CHECK(snapshot.phases[0].id == kWarmUpPhase);
    CHECK(snapshot.phases[1].id == kMainPhase);
    CHECK(snapshot.phases[2].id == 2);
    for (const Phase& phase : snapshot.phases) {
        CHECK(phase.steps.size() == 3);
    }
    CHECK_FALSE(snapshot.is_empty());
    REQUIRE(snapshot.find(2, StepId{1}) != nullptr);
    CHECK(snapshot.find(2, StepId{1})->requests == 1);
    REQUIRE(snapshot.find(kMainPhase, StepId{0}) != nullptr);
}

TEST_CASE("Snapshot: nothing is found where nothing was recorded", "[stats]") {
    Snapshot snapshot;
    CHECK(snapshot.find(kMainPhase, StepId{0}) == nullptr);
    snapshot.at(kMainPhase, StepId{0}, 2).requests = 1;
    CHECK(snapshot.find(kMainPhase, StepId{0}) != nullptr);
    CHECK(snapshot.find(kMainPhase, StepId{1}) == nullptr);
    CHECK(snapshot.find(kMainPhase, StepId{2}) == nullptr);
    CHECK(snapshot.find(kMainPhase, StepId{}) == nullptr);
    CHECK(snapshot.find(1, StepId{0}) == nullptr);
}

TEST_CASE("Snapshot: a snapshot with untouched cells only is empty", "[stats]") {
    Snapshot snapshot;
    snapshot.at(kMainPhase, StepId{0}, 2);
    CHECK(snapshot.is_empty());
}

TEST_CASE("Snapshot: each kind of result makes it non-empty", "[stats]") {
    Snapshot snapshot;
    SECTION("errors") {
        snapshot.error({Outcome::TlsFailed, StepId{0}, "x"});
    }
    SECTION("iterations") {
        snapshot.iterations.dropped = 1;
    }
    SECTION("transactions") {
        snapshot.transactions.failed = 1;
    }
    SECTION("connections") {
        snapshot.connections.failed = 1;
    }
    SECTION("lateness") {
        snapshot.lateness.record(0);
    }
    CHECK_FALSE(snapshot.is_empty());
}

TEST_CASE("Snapshot: the total has requests and web sockets but no transactions", "[stats]") {
    const Catalog catalog{{{"a", "c", StepKind::Request, "GET"},
                           {"b", "c", StepKind::Transaction, ""},
                           {"c", "c", StepKind::WebSocket, ""},
                           {"d", "c", StepKind::Testcase, ""}}};
    Snapshot snapshot;
    for (std::int32_t i = 0; i < 4; ++i) {
        StepStats& cell = snapshot.at(kMainPhase, StepId{i}, 4);
        cell.requests = 1LL << i;
        cell.response_time.record(100 + i);
        snapshot.at(kWarmUpPhase, StepId{i}, 4).requests = 1000;
    }
    const StepStats total = snapshot.total(kMainPhase, catalog);
    CHECK(total.requests == 1 + 4);
    CHECK(total.response_time.count() == 2);
    CHECK(total.response_time.moments().max_us == 102);
    CHECK(snapshot.total(7, catalog).is_empty());
}

TEST_CASE("Snapshot: distinct error texts are limited, their totals are not", "[stats]") {
    Snapshot sum;
    constexpr std::size_t kSnapshots = 7;
    for (std::size_t i = 0; i < kSnapshots; ++i) {
        Snapshot delta;
        for (std::size_t k = 0; k < kMaxErrorKeys; ++k) {
            const auto step = StepId{static_cast<std::int32_t>(k % 2)};
            const auto text = fmt::format("token {}-{}", in_letters(i), in_letters(k));
            delta.error({Outcome::CheckFailed, step, text}).count = 1;
        }
        sum.add(delta);
    }
    // The limit, and one more for each step.
    CHECK(sum.errors.size() == kMaxErrorKeys + 2);
    std::map<std::int32_t, std::int64_t> by_step;
    for (const auto& [key, stats] : sum.errors) {
        by_step[key.step.value] += stats.count;
    }
    CHECK(by_step[0] == kSnapshots * kMaxErrorKeys / 2);
    CHECK(by_step[1] == kSnapshots * kMaxErrorKeys / 2);
    const auto others =
        sum.errors.find(ErrorKeyView{Outcome::CheckFailed, StepId{0}, kOtherMessages});
    REQUIRE(others != sum.errors.end());
    CHECK(others->second.count == (kSnapshots - 1) * kMaxErrorKeys / 2);
    // A known text is still counted as itself.
    Snapshot known;
    known.error({Outcome::CheckFailed, StepId{0}, "token a-a"}).count = 5;
    sum.add(known);
    CHECK(sum.errors.size() == kMaxErrorKeys + 2);
    CHECK(sum.error({Outcome::CheckFailed, StepId{0}, "token a-a"}).count == 6);
}

TEST_CASE("Snapshot: distinct names are limited, their totals are not", "[stats]") {
    Snapshot sum;
    constexpr std::size_t kSnapshots = 5;
    for (std::size_t i = 0; i < kSnapshots; ++i) {
        Snapshot delta;
        for (std::size_t k = 0; k < kMaxNames; ++k) {
            const auto step = StepId{static_cast<std::int32_t>(k % 2)};
            delta.named_cell({step, fmt::format("item {}-{}", i, k)}).requests = 1;
        }
        sum.add(delta);
    }
    // The limit, and one more for each step.
    CHECK(sum.named.size() == kMaxNames + 2);
    CHECK(sum.named_cell({StepId{0}, kOtherNames}).requests == (kSnapshots - 1) * kMaxNames / 2);
    CHECK(sum.named_cell({StepId{1}, kOtherNames}).requests == (kSnapshots - 1) * kMaxNames / 2);
    CHECK(sum.named_cell({StepId{0}, "item 0-0"}).requests == 1);
}

TEST_CASE("ErrorStats: failures stay those of their parts, whatever was merged", "[stats]") {
    const auto of_part = [](std::uint32_t part, int count, const std::string& text) {
        Snapshot snapshot;
        snapshot.error({Outcome::BadStatus, StepId{0}, text}).add({.count = count});
        snapshot.ascribe_errors(part);
        return snapshot;
    };
    Snapshot left = of_part(3, 5, "a");
    left.add(of_part(1, 2, "a"));
    Snapshot right = of_part(2, 7, "a");
    right.add(of_part(3, 1, "a"));
    right.add(of_part(3, 4, "b"));
    left.add(right);
    const std::vector<PartFailures> expected{{1, 2}, {2, 7}, {3, 6}};
    CHECK(left.error({Outcome::BadStatus, StepId{0}, "a"}).parts == expected);
    CHECK(left.error({Outcome::BadStatus, StepId{0}, "b"}).parts ==
          std::vector<PartFailures>{{3, 4}});
}

TEST_CASE("ErrorStats: texts that meet in one row bring their parts", "[stats]") {
    Snapshot sum;
    for (std::uint32_t part = 1; part <= 2 * kMaxExactTexts; ++part) {
        Snapshot one;
        one.error({Outcome::BadStatus, StepId{0}, fmt::format("order {}", part)}).add({.count = 1});
        one.ascribe_errors(part);
        sum.add(one);
    }
    const ErrorStats& rest = sum.error({Outcome::BadStatus, StepId{0}, "order #"});
    CHECK(rest.count == kMaxExactTexts);
    CHECK(rest.parts.size() == kMaxExactTexts);
    CHECK(rest.parts.front().part == kMaxExactTexts + 1);
}

TEST_CASE("ErrorStats: first and last are those of the counted failures", "[stats]") {
    ErrorStats sum;
    sum.add({.count = 2, .first = 5s, .last = 9s, .time = {}});
    CHECK(sum.first == 5s);
    sum.add({});
    CHECK(sum.first == 5s);
    sum.add({.count = 1, .first = 7s, .last = 12s, .time = {}});
    CHECK(sum.count == 3);
    CHECK(sum.first == 5s);
    CHECK(sum.last == 12s);
}
