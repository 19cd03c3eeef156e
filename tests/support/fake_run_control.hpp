#pragma once
// A run control that remembers what it was asked and answers what a test says. One thread.

#include "web/run_control.hpp"

#include <string>
#include <vector>

namespace boom::test {

class FakeRunControl final : public web::RunControl {
public:
    web::Answer start(const std::string& testcase_path,
                      const std::vector<load::Setting>& settings) override {
        calls.push_back("start " + testcase_path);
        last_settings = settings;
        return answer;
    }
    web::Answer rebalance(const std::vector<load::Setting>& settings) override {
        calls.emplace_back("rebalance");
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
    web::MasterRow master() const override { return master_row; }
    std::string stats_json() const override { return "{}"; }
    std::string metrics_text() const override { return "# metrics\n"; }
    bool is_healthy() const override { return is_well; }

    web::Answer answer;
    std::vector<web::WorkerRow> worker_rows;
    web::MasterRow master_row;
    bool is_well = true;
    std::vector<std::string> calls;  // what acted, in order
    std::vector<load::Setting> last_settings;
};

}  // namespace boom::test
