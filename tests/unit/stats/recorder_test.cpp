#include "stats/recorder.hpp"

#include "unit/stats/letters.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <new>

using namespace std::chrono_literals;
using namespace boom::stats;

namespace {

// Counts what `operator new` below hands out.
std::atomic<std::int64_t> allocations{0};

const Catalog& catalog() {
    static const Catalog kCatalog{{{"get", "c", StepKind::Request, "GET"},
                                   {"post", "c", StepKind::Request, "POST"},
                                   {"Action", "c", StepKind::Transaction, ""}}};
    return kCatalog;
}

Sample passed_sample() {
    return {.step = StepId{0},
            .outcome = Outcome::Passed,
            .status = 200,
            .response_time = 1500us,
            .service_time = 1200us,
            .at = 3s,
            .bytes_sent = 10,
            .bytes_received = 200,
            .message = {},
            .name = {}};
}

Sample failed_sample(Outcome outcome, std::string_view message) {
    Sample sample = passed_sample();
    sample.outcome = outcome;
    sample.message = message;
    sample.status = is_transport_error(outcome) ? 0 : 500;
    return sample;
}

}  // namespace

// Every form, or a sanitizer's own would meet ours in one block.
void* operator new(std::size_t size) {
    if (void* memory = operator new(size, std::nothrow)) {
        return memory;
    }
    throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    const auto step = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(step, (size + step - 1) / step * step)) {
        return memory;
    }
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

TEST_CASE("Recorder: a passed sample is in its step's counters and both histograms", "[stats]") {
    Recorder recorder(catalog());
    recorder.record(passed_sample());
    recorder.record(passed_sample());
    const Snapshot snapshot = recorder.take();
    const StepStats* cell = snapshot.find(kMainPhase, StepId{0});
    REQUIRE(cell != nullptr);
    CHECK(cell->requests == 2);
    CHECK(cell->failures == 0);
    CHECK(cell->bytes_sent == 20);
    CHECK(cell->bytes_received == 400);
    CHECK(cell->status == std::map<int, std::int64_t>{{200, 2}});
    CHECK(cell->response_time.count() == 2);
    CHECK(cell->response_time.moments().max_us == 1500);
    CHECK(cell->service_time.moments().max_us == 1200);
    CHECK(snapshot.errors.empty());
    CHECK(snapshot.find(kMainPhase, StepId{1}) == nullptr);
}

TEST_CASE("Recorder: every outcome goes where the report says", "[stats]") {
    const auto outcome = static_cast<Outcome>(GENERATE(range(0, kOutcomeCount)));
    CAPTURE(name(outcome));
    Recorder recorder(catalog());
    recorder.record(failed_sample(outcome, "why"));
    const Snapshot snapshot = recorder.take();
    const StepStats* cell = snapshot.find(kMainPhase, StepId{0});
    REQUIRE(cell != nullptr);
    const bool is_interrupted = outcome == Outcome::Interrupted;
    const bool is_failed = outcome != Outcome::Passed && !is_interrupted;
    const bool is_timed = !is_transport_error(outcome) && !is_interrupted;
    CHECK(cell->interrupted == (is_interrupted ? 1 : 0));
    CHECK(cell->requests == (is_interrupted ? 0 : 1));
    CHECK(cell->failures == (is_failed ? 1 : 0));
    CHECK(cell->bytes_received == (is_interrupted ? 0 : 200));
    CHECK(cell->response_time.count() == (is_timed ? 1 : 0));
    CHECK(cell->service_time.count() == (is_timed ? 1 : 0));
    CHECK(cell->status.size() == (is_timed ? 1U : 0U));
    REQUIRE(snapshot.errors.size() == (is_failed ? 1U : 0U));
    if (is_failed) {
        const auto& [key, stats] = *snapshot.errors.begin();
        CHECK(key == ErrorKey{outcome, StepId{0}, "why"});
        CHECK(stats.count == 1);
        CHECK(stats.time.moments().max_us == 1200);
    }
}

TEST_CASE("Recorder: failures are kept by class, step and text", "[stats]") {
    Recorder recorder(catalog());
    Sample sample = failed_sample(Outcome::CheckFailed, "status was 500");
    for (const auto at : {9s, 4s, 6s}) {
        sample.at = at;
        recorder.record(sample);
    }
    sample.step = StepId{1};
    recorder.record(sample);
    sample.outcome = Outcome::BadStatus;
    recorder.record(sample);
    sample.message = "another";
    recorder.record(sample);
    const Snapshot snapshot = recorder.take();
    CHECK(snapshot.errors.size() == 4);
    const auto first =
        snapshot.errors.find(ErrorKey{Outcome::CheckFailed, StepId{0}, "status was 500"});
    REQUIRE(first != snapshot.errors.end());
    CHECK(first->second.count == 3);
    CHECK(first->second.first == 4s);
    CHECK(first->second.last == 9s);
}

TEST_CASE("Recorder: a text longer than the limit is cut", "[stats]") {
    Recorder recorder(catalog());
    const std::string exact(kMaxErrorText, 'x');
    recorder.record(failed_sample(Outcome::BadStatus, exact));
    recorder.record(failed_sample(Outcome::BadStatus, exact + "y"));
    recorder.record(failed_sample(Outcome::BadStatus, exact + "z and more"));
    const Snapshot snapshot = recorder.take();
    REQUIRE(snapshot.errors.size() == 2);
    for (const auto& [key, stats] : snapshot.errors) {
        CHECK(key.message.size() <= kMaxErrorText);
        CHECK(stats.count == (key.message == exact ? 1 : 2));
    }
}

TEST_CASE("Recorder: texts that differ in their ids have a few examples and one row", "[stats]") {
    Recorder recorder(catalog());
    constexpr std::size_t kFailures = 1000;
    for (std::size_t i = 0; i < kFailures; ++i) {
        const auto text = fmt::format("order {} is unknown", 1'000'000 + i);
        recorder.record(failed_sample(Outcome::CheckFailed, text));
    }
    Snapshot snapshot = recorder.take();
    CHECK(snapshot.errors.size() == kMaxExactTexts + 1);
    CHECK(snapshot.error({Outcome::CheckFailed, StepId{0}, "order 1000000 is unknown"}).count == 1);
    const ErrorStats& rest =
        snapshot.error({Outcome::CheckFailed, StepId{0}, "order # is unknown"});
    CHECK(rest.count == kFailures - kMaxExactTexts);
    CHECK(rest.time.count() == rest.count);
}

TEST_CASE("Recorder: too many distinct texts fall into one", "[stats]") {
    Recorder recorder(catalog());
    for (std::size_t i = 0; i < kMaxErrorKeys + 50; ++i) {
        const auto text = "order " + boom::test::in_letters(i);
        recorder.record(failed_sample(Outcome::CheckFailed, text));
    }
    Snapshot snapshot = recorder.take();
    CHECK(snapshot.errors.size() == kMaxErrorKeys + 1);
    CHECK(snapshot.error({Outcome::CheckFailed, StepId{0}, kOtherMessages}).count == 50);
    CHECK(snapshot.find(kMainPhase, StepId{0})->failures == kMaxErrorKeys + 50);
}

TEST_CASE("Recorder: stages are kept apart, and the main phase is their sum", "[stats]") {
    Recorder recorder(catalog());
    recorder.set_phase(3);
    recorder.record(passed_sample());
    recorder.set_phase(kWarmUpPhase);
    recorder.record(passed_sample());
    recorder.record(passed_sample());
    ++recorder.iterations().started;
    recorder.set_phase(3);
    recorder.record(passed_sample());
    recorder.set_phase(4);
    recorder.record(passed_sample());
    ++recorder.iterations().started;
    const Snapshot snapshot = recorder.take();
    CHECK(snapshot.find(kWarmUpPhase, StepId{0})->requests == 2);
    CHECK(snapshot.find(3, StepId{0})->requests == 2);
    CHECK(snapshot.find(4, StepId{0})->requests == 1);
    CHECK(snapshot.find(kMainPhase, StepId{0})->requests == 3);
    CHECK(snapshot.iterations.started == 1);  // the warm-up is left out
}

TEST_CASE("Recorder: take hands out each sample once and keeps the phase", "[stats]") {
    Recorder recorder(catalog());
    CHECK(recorder.take().is_empty());
    recorder.set_phase(2);
    recorder.record(passed_sample());
    recorder.iterations().started = 1;
    recorder.connections().opened = 1;
    recorder.record_lateness(70us);
    const Snapshot first = recorder.take();
    CHECK(first.find(2, StepId{0})->requests == 1);
    CHECK(first.iterations.started == 1);
    CHECK(first.connections.opened == 1);
    CHECK(first.lateness.moments().max_us == 70);
    CHECK(recorder.take().is_empty());
    recorder.record(passed_sample());
    CHECK(recorder.take().find(2, StepId{0})->requests == 1);
}

TEST_CASE("Recorder: a transaction has its own row and counter", "[stats]") {
    Recorder recorder(catalog());
    recorder.record_transaction(StepId{2}, true, 20ms);
    recorder.record_transaction(StepId{2}, false, 30ms);
    const Snapshot snapshot = recorder.take();
    const StepStats* row = snapshot.find(kMainPhase, StepId{2});
    REQUIRE(row != nullptr);
    CHECK(row->requests == 2);
    CHECK(row->failures == 1);
    CHECK(row->response_time.count() == 2);
    CHECK(row->response_time.moments().max_us == 30'000);
    CHECK(snapshot.transactions.passed == 1);
    CHECK(snapshot.transactions.failed == 1);
    CHECK(snapshot.errors.empty());
    CHECK(snapshot.total(kMainPhase, catalog()).is_empty());
}

TEST_CASE("Recorder: nothing is allocated per sample in steady state", "[stats]") {
    Recorder recorder(catalog());
    const std::string text = "a message that is too long for the small string optimization";
    const Sample failed = failed_sample(Outcome::CheckFailed, text);
    const Sample refused = failed_sample(Outcome::ConnectRefused, text);
    recorder.record(passed_sample());
    recorder.record(failed);
    recorder.record(refused);
    recorder.record_transaction(StepId{2}, true, 1500us);
    recorder.record_lateness(5us);
    const std::int64_t before = allocations;
    REQUIRE(before > 0);
    for (int i = 0; i < 1000; ++i) {
        recorder.record(passed_sample());
        recorder.record(failed);
        recorder.record(refused);
        recorder.record_transaction(StepId{2}, true, 1500us);
        recorder.record_lateness(5us);
    }
    CHECK(allocations == before);
}
