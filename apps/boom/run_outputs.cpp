#include "boom/run_outputs.hpp"

#include "base/assert.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "boom/file_writer.hpp"
#include "report/files.hpp"
#include "report/hdr_log.hpp"
#include "report/remote.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace boom::app {
namespace {

constexpr std::string_view kHdr = "hdr";
constexpr std::string_view kInflux = "influx";
constexpr std::string_view kOtlp = "otlp";
constexpr std::string_view kSamples = "samples";
constexpr base::Duration kFinishDeadline = std::chrono::seconds(3);
constexpr base::Duration kFileDeadline = std::chrono::seconds(5);

std::unique_ptr<report::Output> make_live_output(const OutputFile& output) {
    if (output.kind == kInflux) {
        return report::make_influx(output.path);
    }
    return output.kind == kOtlp ? report::make_otlp(output.path)
                                : report::make_hdr_log(output.path);
}

}  // namespace

bool is_remote_output(std::string_view kind) {
    return kind == kInflux || kind == kOtlp;
}

bool is_live_output(std::string_view kind) {
    return kind == kHdr || kind == kSamples || is_remote_output(kind);
}

RunOutputs::RunOutputs(const stats::Catalog& catalog, const PushTarget& push,
                       const std::vector<OutputFile>& files) {
    for (const OutputFile& file : files) {
        if (is_live_output(file.kind) && file.kind != kSamples) {
            outputs_.push_back(
                std::make_unique<report::OutputThread>(make_live_output(file), catalog));
        }
    }
    if (push.gateway.empty()) {
        return;
    }
    const std::string url = report::gateway_url(push.gateway, push.master_host);
    if (url.empty()) {
        complaints_.push_back(
            fmt::format("prometheus-gateway '{}' is no address: nothing is pushed", push.gateway));
        return;
    }
    outputs_.push_back(std::make_unique<report::OutputThread>(
        report::make_prometheus_push({url, push.instance, push.mode}), catalog));
}

void RunOutputs::add(std::unique_ptr<report::Output> output, const stats::Catalog& catalog) {
    outputs_.push_back(std::make_unique<report::OutputThread>(std::move(output), catalog));
}

void RunOutputs::on_interval(std::shared_ptr<const report::Result> view,
                             const stats::Snapshot& delta, const stats::Snapshot& totals,
                             double interval_s) {
    if (outputs_.empty()) {
        return;
    }
    report::IntervalReport interval;
    interval.delta = std::make_shared<const stats::Snapshot>(delta);
    interval.totals = std::make_shared<const stats::Snapshot>(totals);
    interval.interval_s = interval_s;
    interval.view = std::move(view);
    for (const auto& output : outputs_) {
        output->on_interval(interval);
    }
}

std::vector<std::string> RunOutputs::finish(std::shared_ptr<const report::Result> view,
                                            const stats::Snapshot& totals) {
    report::IntervalReport last;
    last.delta = std::make_shared<const stats::Snapshot>();
    last.totals = std::make_shared<const stats::Snapshot>(totals);
    last.view = std::move(view);
    for (const auto& output : outputs_) {
        std::string complaint = output->finish(last, kFinishDeadline);
        if (!complaint.empty()) {
            complaints_.push_back(std::move(complaint));
        }
    }
    outputs_.clear();
    return std::exchange(complaints_, {});
}

void check_writable(const std::vector<OutputFile>& outputs) {
    for (const OutputFile& output : outputs) {
        if (is_remote_output(output.kind)) {
            continue;  // one that does not answer is a note of the run, never a refusal
        }
        if (const std::string why = why_not_writable(output.path); !why.empty()) {
            throw base::ConfigError(
                base::Mistake{{"--out"},
                              fmt::format("cannot write {}: {}", output.path, why),
                              "does its folder exist?",
                              base::ExitCode::Refused});
        }
    }
}

std::vector<std::string> write_files(const std::vector<OutputFile>& outputs, report::Result result,
                                     Written what) {
    std::vector<std::string> all;
    // What went wrong with one stands in those that come later: the result file is the last.
    for (const std::string_view round : {"", "html", "json"}) {
        std::vector<FileText> files;
        for (const OutputFile& output : outputs) {
            const bool is_late = output.kind == "html" || output.kind == "json";
            const bool is_now = round.empty() ? !is_late : output.kind == round;
            if (!is_now || (is_live_output(output.kind) && what == Written::AtTheEnd)) {
                continue;
            }
            const report::FileFormat* format = report::find_format(output.kind);
            BOOM_ASSERT(format != nullptr);
            files.push_back({output.path, format->render(result) + '\n'});
        }
        for (std::string& complaint : write_texts(std::move(files), kFileDeadline)) {
            base::log::error("the result could not be written", {{"path and reason", complaint}});
            result.run.notes.push_back(complaint);
            all.push_back(std::move(complaint));
        }
    }
    return all;
}

}  // namespace boom::app
