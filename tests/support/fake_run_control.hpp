#pragma once
// A run control that remembers what it was asked and answers what a test says. One thread.

#include "web/event_log.hpp"
#include "web/run_control.hpp"

#include <optional>
#include <string>
#include <vector>

namespace boom::test {

class FakeRunControl final : public web::RunControl {
public:
    web::Answer start(const web::StartRequest& request) override {
        calls.push_back("start " + request.testcase_path);
        last_settings = request.settings;
        return answer;
    }
    void refused(const std::string& address, const std::string& reason) override {
        refusals.push_back(address + " " + reason);
    }
    web::PlanAnswer plan(const web::StartRequest&) override {
        web::PlanAnswer result = plan_answer;
        result.answer = answer;
        return result;
    }
    web::Answer rebalance(const std::vector<load::Setting>& settings,
                          const std::string& worker) override {
        calls.push_back(worker.empty() ? "rebalance" : "rebalance " + worker);
        last_settings = settings;
        return answer;
    }
    web::Answer stop(StopMode mode) override {
        calls.emplace_back(mode == StopMode::Force ? "stop force" : "stop");
        return answer;
    }
    web::Answer quit() override {
        calls.emplace_back("quit");
        return answer;
    }
    std::vector<web::WorkerRow> workers() const override { return worker_rows; }
    std::optional<web::WorkerTotals> worker_totals(const std::string& id) const override {
        return id == "host_1" ? totals : std::nullopt;
    }
    std::optional<std::string> worker_log(const std::string& id) override {
        return id == "host_1" ? std::optional<std::string>("t joined\n") : std::nullopt;
    }
    web::MasterRow master() const override { return master_row; }
    web::Answer take_out(const std::string& worker) override {
        calls.push_back("take out " + worker);
        return answer;
    }
    web::Answer bring_back(const std::string& worker) override {
        calls.push_back("bring back " + worker);
        return answer;
    }
    std::string stats_json(Detail detail) const override {
        return detail == Detail::Whole ? "{}" : R"({"brief":true})";
    }
    std::string metrics_text() const override { return "# metrics\n"; }
    std::string report_html() const override { return "<script>1</script>"; }
    bool is_healthy() const override { return is_well; }
    const web::EventLog& events() const override { return log; }
    std::vector<web::CaseFile> cases() const override { return case_files; }
    std::optional<std::string> case_text(const std::string& path) const override {
        return path == "a/b.yml" ? std::optional<std::string>("teststeps: []") : std::nullopt;
    }
    std::vector<web::RunRow> runs() const override { return run_rows; }
    std::optional<web::RunDocument> run_document(const std::string& id,
                                                 const std::string& format) const override {
        return id == "r1" ? std::optional(web::RunDocument{"text/plain", format}) : std::nullopt;
    }

    web::Answer answer;
    web::PlanAnswer plan_answer;
    web::EventLog log;
    std::vector<web::CaseFile> case_files;
    std::vector<web::RunRow> run_rows;
    std::vector<web::WorkerRow> worker_rows;
    std::optional<web::WorkerTotals> totals;
    web::MasterRow master_row;
    bool is_well = true;
    std::vector<std::string> refusals;
    std::vector<std::string> calls;  // what acted, in order
    std::vector<load::Setting> last_settings;
};

}  // namespace boom::test
