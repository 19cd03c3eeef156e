#pragma once
// The run_setup or the run_teardown of the cases of a run: walked by one user of a load of its own,
// case after case. The master's thread; its load has one of its own.

#include "base/clock.hpp"
#include "cluster/run.hpp"
#include "report/result.hpp"
#include "user/load.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace boom::app {

class RunPart final : private user::ExchangeObserver {
public:
    // `also` sees everything too, if it is not null.
    RunPart(plan::Part part, const cluster::RunRequest& request, const base::Clock& clock,
            user::ExchangeObserver* also = nullptr);
    ~RunPart() override;

    [[nodiscard]] plan::Part part() const { return part_; }
    // Goes on. True once it is over; to be called often.
    [[nodiscard]] bool step();
    // Graceful ends a setup after the answer in flight, and lets a teardown go on.
    void stop(user::StopMode mode);
    [[nodiscard]] bool is_stopped() const { return is_stopped_; }

    // What it waits for, for people: "setup: step 'login' waits for its answer, 3 s".
    [[nodiscard]] std::string waiting() const;
    [[nodiscard]] std::vector<report::PartStep> steps() const;
    // Why it failed, or empty.
    [[nodiscard]] std::string failure() const;
    [[nodiscard]] base::Duration duration() const { return clock_.now() - begun_; }
    // Once it is over: the request with what this setup gave to everybody.
    [[nodiscard]] cluster::RunRequest complete(const cluster::RunRequest& request) const;

private:
    void on_exchange(const net::HttpRequest& request,
                     const net::HttpResponse& response) noexcept override;
    void on_step(std::string_view name, stats::Outcome outcome,
                 std::string_view message) noexcept override;
    void on_send(std::string_view name, base::Duration timeout) noexcept override;
    void on_iteration(const plan::CasePlan& plan, expr::Slots slots) noexcept override;

    void start_next();
    void take_shared();
    [[nodiscard]] bool has_failed() const;

    const plan::Part part_;
    const base::Clock& clock_;
    user::ExchangeObserver* also_;
    load::Profile profile_;
    std::vector<std::shared_ptr<const plan::Plan>> plans_;  // a case each
    std::map<std::string, wire::Shared> shared_;            // variables of the fleet
    const base::TimePoint begun_;
    std::size_t next_ = 0;  // of the plans
    std::unique_ptr<user::Load> load_;
    bool is_stopped_ = false;
    std::string broken_;  // not by a step

    // What the load's thread tells.
    mutable std::mutex mutex_;
    std::vector<report::PartStep> steps_;
    std::int64_t step_count_ = 0;
    std::string case_name_;
    std::string waits_;  // the step that is on; empty: none
    base::TimePoint since_{};
    base::Duration timeout_{};
    int status_ = 0;
    expr::Map values_;  // by path of the case
};

// The steps of a setup that was done by the master before, as the bundle tells.
[[nodiscard]] std::vector<report::PartStep> recorded_setup(const plan::Bundle& bundle);

}  // namespace boom::app
