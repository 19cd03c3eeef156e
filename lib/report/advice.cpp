#include "report/advice.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::report {
namespace {

using base::ExitCode;

struct Reason {
    ExitCode code;
    std::string_view text;
};
constexpr std::array kReasons{
    Reason{ExitCode::Internal, "an internal error, or a result that could not be written"},
    Reason{ExitCode::NoSuccess, "no request succeeded"},
    Reason{ExitCode::LoadNotDelivered, "the load could not be delivered"},
    Reason{ExitCode::WorkerLost, "a worker was lost"},
    Reason{ExitCode::ThresholdFailed, "a threshold failed"},
    Reason{ExitCode::Refused, "refused before the start"},
    Reason{ExitCode::SetupFailed, "the setup of the run failed: no load was sent"},
    Reason{ExitCode::NotEnoughWorkers, "not enough workers in time"},
    Reason{ExitCode::BadInput, "bad input"},
    Reason{ExitCode::Signalled, "stopped by a signal"},
    Reason{ExitCode::FunctionFailed, "a user function failed to load"},
};

struct Advice {
    std::string_view limit, text;
};
constexpr std::array kAdvice{
    Advice{"cpu",
           "The generator's CPU was the limit, so the times include its own queues: add workers, "
           "use fewer steps with checks, or ask for less."},
    Advice{"users",
           "All users were busy when arrivals were due: raise --spawn-count, or the tested system "
           "is slower than the rate that was asked for."},
    Advice{"ports",
           "Local ports ran out: keep connections alive, add workers or more addresses with "
           "--source-ip."},
    Advice{"descriptors",
           "File descriptors ran out: raise `ulimit -n` on the workers, or use fewer users there."},
    Advice{"data", "The rows of a data file were used up: add rows, or let them be used again."},
    Advice{"network", "The network was the limit: look at the link between workers and target."},
};

}  // namespace

std::string_view verdict_word(const Result& result) {
    if (result.run.state == RunState::Running) {
        return "running";
    }
    switch (result.run.verdict) {
        case Verdict::Passed:
            return "passed";
        case Verdict::Failed:
            return "failed";
        case Verdict::Invalid:
            return "invalid";
    }
    return "";
}

std::string_view verdict_reason(const Result& result) {
    for (const Reason& reason : kReasons) {
        if (static_cast<int>(reason.code) == result.run.exit_code) {
            return reason.text;
        }
    }
    return "";
}

std::vector<std::string> advice(const Result& result) {
    std::vector<std::string> lines;
    for (const Advice& one : kAdvice) {
        if (result.health.limited_by && *result.health.limited_by == one.limit) {
            lines.emplace_back(one.text);
        }
    }
    const bool is_all_failed =
        result.total.requests > 0 && result.total.failures == result.total.requests;
    if (is_all_failed && !result.errors.empty()) {
        const std::string& kind = result.errors.front().error_class;
        if (kind == "connect refused" || kind == "connect timeout" || kind == "dns") {
            lines.emplace_back(
                "The target could not be reached: check its address and whether it "
                "runs, e.g. with `boom check`.");
        } else {
            lines.emplace_back(
                "Every request failed: try one user and one loop first "
                "(-u 1 -i 1) and look at the errors.");
        }
    }
    return lines;
}

std::vector<const WorkerResult*> workers_by_load(const Result& result) {
    std::vector<const WorkerResult*> workers;
    for (const WorkerResult& worker : result.workers) {
        workers.push_back(&worker);
    }
    std::stable_sort(workers.begin(), workers.end(), [](const auto* a, const auto* b) {
        return std::pair(a->is_lost, a->cpu_percent_max) >
               std::pair(b->is_lost, b->cpu_percent_max);
    });
    return workers;
}

std::string workers_text(const ErrorRow& row) {
    std::string text;
    for (const ErrorRow::Worker& worker : row.workers) {
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", worker.id, worker.count);
    }
    return row.more_workers > 0 ? fmt::format("{} and {} more", text, row.more_workers) : text;
}

std::vector<ErrorClass> group_errors(const Result& result) {
    std::vector<ErrorClass> groups;
    std::int64_t total = 0;
    for (const ErrorRow& row : result.errors) {
        auto group = std::find_if(groups.begin(), groups.end(), [&](const ErrorClass& one) {
            return one.name == row.error_class;
        });
        if (group == groups.end()) {
            groups.push_back({row.error_class, 0, 0, {}});
            group = groups.end() - 1;
        }
        group->count += row.count;
        group->rows.push_back(&row);
        total += row.count;
    }
    for (ErrorClass& group : groups) {
        group.share = total > 0 ? static_cast<double>(group.count) / static_cast<double>(total) : 0;
        std::stable_sort(group.rows.begin(), group.rows.end(),
                         [](const auto* a, const auto* b) { return a->count > b->count; });
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    return groups;
}

}  // namespace boom::report
