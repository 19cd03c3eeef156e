// Outputs behind their threads: whatever an output does, the caller goes on at once.
#include "integration/report/silent_port.hpp"
#include "report/output.hpp"
#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>

namespace boom::report {
namespace {

using namespace std::chrono_literals;

// Shared with the test, since the output belongs to its thread.
struct Journal {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_held = false;  // the output hangs in on_interval while set
    std::vector<double> intervals;
    std::int64_t requests = 0;
    bool is_finished = false;

    void hold() {
        const std::lock_guard lock(mutex);
        is_held = true;
    }
    void release() {
        const std::lock_guard lock(mutex);
        is_held = false;
        changed.notify_all();
    }
};

class JournalOutput final : public Output {
public:
    explicit JournalOutput(std::shared_ptr<Journal> journal) : journal_(std::move(journal)) {}
    [[nodiscard]] std::string_view name() const override { return "journal"; }
    void start(const stats::Catalog& catalog) override { catalog_ = catalog; }
    void on_interval(const IntervalReport& report) override {
        std::unique_lock lock(journal_->mutex);
        journal_->intervals.push_back(report.interval_s);
        journal_->requests += report.delta->total(stats::kMainPhase, catalog_).requests;
        journal_->changed.notify_all();
        journal_->changed.wait(lock, [&] { return !journal_->is_held; });
    }
    void finish(const IntervalReport& /*last*/) override {
        const std::lock_guard lock(journal_->mutex);
        journal_->is_finished = true;
    }
    [[nodiscard]] std::string complaint() const override { return {}; }

private:
    std::shared_ptr<Journal> journal_;
    stats::Catalog catalog_;
};

TEST_CASE("Output thread: every interval arrives, then the end", "[report]") {
    const test::SampleRun run = test::make_sample_run();
    const auto journal = std::make_shared<Journal>();
    OutputThread thread(std::make_unique<JournalOutput>(journal), run.catalog);
    thread.on_interval(test::as_interval(run));
    thread.on_interval(test::as_interval(run));
    CHECK(thread.finish(test::as_interval(run), 30s).empty());
    CHECK(journal->is_finished);
    CHECK(journal->requests == 2 * 1105);
    CHECK(journal->intervals == std::vector<double>{10, 10});
}

TEST_CASE("Output thread: what a slow output misses is merged, never lost", "[report]") {
    const test::SampleRun run = test::make_sample_run();
    const auto journal = std::make_shared<Journal>();
    journal->hold();
    OutputThread thread(std::make_unique<JournalOutput>(journal), run.catalog);
    constexpr int kIntervals = 100;
    for (int i = 0; i < kIntervals; ++i) {
        thread.on_interval(test::as_interval(run));  // never waits: the output hangs
    }
    journal->release();
    CHECK(thread.finish(test::as_interval(run), 30s).empty());
    CHECK(journal->requests == kIntervals * 1105);
    CHECK(journal->intervals.size() <= OutputThread::kQueue + 1);
    double seconds = 0;
    for (const double interval : journal->intervals) {
        seconds += interval;
    }
    CHECK(seconds == 10 * kIntervals);
}

TEST_CASE("Output thread: one that hangs at the end is left behind and named", "[report]") {
    const test::SampleRun run = test::make_sample_run();
    const auto journal = std::make_shared<Journal>();
    journal->hold();
    {
        OutputThread thread(std::make_unique<JournalOutput>(journal), run.catalog);
        thread.on_interval(test::as_interval(run));
        const std::string complaint = thread.finish(test::as_interval(run), 50ms);
        CHECK(complaint == "journal: did not finish within 0.05 s and was left behind");
    }
    CHECK_FALSE(journal->is_finished);
    journal->release();
}

std::string push_to(const std::string& url) {
    const test::SampleRun run = test::make_sample_run();
    OutputThread thread(make_prometheus_push({url, "box-1", "worker"}), run.catalog);
    thread.on_interval(test::as_interval(run));
    return thread.finish(test::as_interval(run), 20s);
}

TEST_CASE("Gateway: one that is silent is a complaint after its deadline", "[report]") {
    const test::SilentPort silent;
    const std::string complaint = push_to(silent.url());
    CAPTURE(complaint);
    CHECK(complaint.rfind("prometheus-gateway: ", 0) == 0);
}

TEST_CASE("Gateway: one that is not there is a complaint", "[report]") {
    std::string url;
    {
        const test::SilentPort gone;
        url = gone.url();
    }
    const std::string complaint = push_to(url);
    CAPTURE(complaint);
    CHECK(complaint.rfind("prometheus-gateway: ", 0) == 0);
}

TEST_CASE("Gateway: one that answers 500 is a complaint with the number", "[report]") {
    test::OneAnswerServer server(500);
    CHECK(push_to(server.url()) == "prometheus-gateway: the gateway answered 500");
    CHECK(server.stop().find("PUT /metrics/job/boom/instance/box-1/mode/worker HTTP/1.1") == 0);
}

TEST_CASE("Gateway: the group is deleted at the end", "[report]") {
    test::OneAnswerServer server(202);
    CHECK(push_to(server.url()).empty());
    const std::string requests = server.stop();
    INFO(requests);
    CHECK(requests.find("\ncurrent_rps{method=\"request-GET\",name=\"get item\",build=\"17\"}") !=
          std::string::npos);
    CHECK(requests.find("DELETE /metrics/job/boom/instance/box-1/mode/worker HTTP/1.1") !=
          std::string::npos);
}

}  // namespace
}  // namespace boom::report
