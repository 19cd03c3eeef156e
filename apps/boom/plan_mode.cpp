#include "boom/plan_mode.hpp"

#include "base/duration.hpp"
#include "base/error.hpp"
#include "boom/case_request.hpp"
#include "cluster/run_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <vector>

namespace boom::app {
namespace {

constexpr int kChartWidth = 60;
constexpr int kChartHeight = 10;
// Of a run without an end, this much more than its last change is drawn.
constexpr base::Duration kBeyond = std::chrono::seconds(10);

base::Duration drawn_until(const load::Schedule& schedule) {
    if (schedule.end) {
        return *schedule.end;
    }
    base::Duration last{};
    for (const load::Stream& stream : schedule.streams) {
        last = std::max(last, stream.target.end());
    }
    return last + kBeyond;
}

std::string_view unit_of(const load::Stream& stream) {
    return stream.model == load::Model::Open ? "iterations/s" : "users";
}

std::string chart(const load::Curve& curve, base::Duration until) {
    std::vector<double> values;
    for (int column = 0; column < kChartWidth; ++column) {
        values.push_back(curve.value(until * (2 * column + 1) / (2 * kChartWidth)));
    }
    const double top = std::max(*std::max_element(values.begin(), values.end()), 1e-9);
    std::string text;
    for (int row = kChartHeight; row > 0; --row) {
        const bool has_label = row == kChartHeight || row == kChartHeight / 2;
        text += has_label ? fmt::format("{:>10.6g} |", top * row / kChartHeight)
                          : fmt::format("{:>10} |", "");
        for (const double value : values) {
            text += value * kChartHeight >= top * (row - 0.5) ? '#' : ' ';
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    text += fmt::format("{:>10} +{:-<{}}\n", 0, "", kChartWidth);
    text += fmt::format("{:>10}  0{:>{}}\n", "", base::format_duration(until), kChartWidth - 1);
    return text;
}

std::vector<wire::Share> shares_of(load::Profile profile, std::int64_t workers) {
    profile.workers = {};  // no worker is there that could be meant
    for (load::Scenario& scenario : profile.scenarios) {
        scenario.workers = {};
    }
    std::vector<cluster::RunLoad::Member> members;
    for (std::int64_t i = 0; i < workers; ++i) {
        members.push_back({fmt::format("worker {}", i + 1), std::nullopt});
    }
    std::vector<wire::Share> shares;
    (void)cluster::RunLoad(profile).share_out(members, {}, shares);
    return shares;
}

std::string stream_text(const load::Stream& stream, base::Duration until) {
    std::string text =
        fmt::format("{}{}, at most {:g}\n",
                    stream.case_name.empty() ? "" : fmt::format("case '{}': ", stream.case_name),
                    unit_of(stream), stream.target.peak());
    text += chart(stream.target, until);
    text += fmt::format("{:>12}  {}\n", "time", unit_of(stream));
    for (const load::Point& point : stream.target.points()) {
        if (point.at <= until) {
            text += fmt::format("{:>12}  {:g}\n", base::format_duration(point.at), point.value);
        }
    }
    if (stream.model == load::Model::Open) {
        text += fmt::format("{:>12}  iterations in all, by at most {} users\n",
                            std::ceil(stream.target.integral(until) - 1e-6), stream.users);
    }
    return text;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        result += c == '"' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
    }
    return result + "\"";
}

}  // namespace

std::string plan_text(const load::Schedule& schedule, const load::Profile& profile,
                      std::int64_t workers) {
    const base::Duration until = drawn_until(schedule);
    std::string text = fmt::format(
        "load over {}{}\n",
        schedule.end ? base::format_duration(until) : std::string("time, until stopped"),
        schedule.warm_up > base::Duration::zero()
            ? fmt::format(", of which {} warm-up are left out",
                          base::format_duration(schedule.warm_up))
            : "");
    for (const load::Stream& stream : schedule.streams) {
        text += "\n" + stream_text(stream, until);
    }
    if (schedule.ceiling) {
        text += fmt::format("\nrequests/s, ceiling, at most {:g}\n{}", schedule.ceiling->peak(),
                            chart(*schedule.ceiling, until));
    }
    text += '\n';
    const std::vector<wire::Share> shares = shares_of(profile, workers);
    for (const wire::Share& share : shares) {
        text += fmt::format("worker {} of {}: at most {} users\n", share.index + 1, shares.size(),
                            share.users[share.index]);
    }
    return text;
}

std::string plan_json(const load::Schedule& schedule, const load::Profile& profile,
                      std::int64_t workers) {
    std::string loads;
    for (const load::Stream& stream : schedule.streams) {
        std::string points;
        for (const load::Point& point : stream.target.points()) {
            points += fmt::format("{}{{\"t_s\":{},\"value\":{}}}", points.empty() ? "" : ",",
                                  base::to_seconds(point.at), point.value);
        }
        loads += fmt::format("{}{{\"case\":{},\"unit\":{},\"users\":{},\"points\":[{}]}}",
                             loads.empty() ? "" : ",", quoted(stream.case_name),
                             quoted(unit_of(stream)), stream.users, points);
    }
    std::string parts;
    for (const wire::Share& share : shares_of(profile, workers)) {
        parts +=
            fmt::format("{}{{\"users\":{}}}", parts.empty() ? "" : ",", share.users[share.index]);
    }
    return fmt::format("{{\"duration_s\":{},\"loads\":[{}],\"workers\":[{}]}}\n",
                       schedule.end ? fmt::format("{}", base::to_seconds(*schedule.end)) : "null",
                       loads, parts);
}

int run_plan(const Options& options) {
    (void)compile_request(options.cases, options.url, options.profile);
    const load::Schedule schedule = load::schedule_of(options.profile);
    fmt::print("{}", plan_text(schedule, options.profile, options.expect_workers));
    for (const OutputFile& output : options.outputs) {
        std::ofstream file(output.path, std::ios::trunc);
        file << (output.kind == "json"
                     ? plan_json(schedule, options.profile, options.expect_workers)
                     : plan_text(schedule, options.profile, options.expect_workers));
        file.close();
        if (!file) {
            throw base::ConfigError(base::Mistake{{"--out"},
                                                  fmt::format("cannot write {}", output.path),
                                                  "does its folder exist?",
                                                  base::ExitCode::Refused});
        }
    }
    return 0;
}

}  // namespace boom::app
