#include "boom/report_command.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "boom/result_files.hpp"
#include "boom/run_outputs.hpp"
#include "boom/terminal.hpp"
#include "report/compare.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cmath>
#include <fstream>

namespace boom::app {
namespace {

// "10%" or "0.1".
std::optional<double> read_share(std::string_view text) {
    const bool is_percent = !text.empty() && text.back() == '%';
    const auto number =
        base::parse_real(base::trim(is_percent ? text.substr(0, text.size() - 1) : text));
    if (!number || *number < 0 || !std::isfinite(*number)) {
        return std::nullopt;
    }
    return is_percent ? *number / 100 : *number;
}

struct CompareOptions {
    std::vector<std::string> files, outs;
    std::string fail_over;
    bool is_forced = false, no_color = false;
};

std::optional<int> parse(int argc, char** argv, CompareOptions& options) {
    CLI::App app{
        "boom compare: measures results against the first one. Exit code 1 when a figure "
        "is worse by more than --fail-over"};
    app.add_option("FILE", options.files, "written by --out json=PATH; the base first")->required();
    app.add_option("--fail-over", options.fail_over, "e.g. 10%: the change that fails");
    app.add_flag("--force", options.is_forced, "compare runs that were aborted, too");
    app.add_option("--out", options.outs, "json=PATH or html=PATH")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_flag("--no-color", options.no_color, "plain text");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", app.help());
        return 0;
    } catch (const CLI::ParseError& error) {
        throw base::ConfigError(
            base::Mistake{{"boom compare"}, error.what(), "see boom compare --help"});
    }
    return std::nullopt;
}

std::vector<report::Result> read_all(const CompareOptions& options,
                                     std::vector<base::Mistake>& mistakes) {
    std::vector<report::Result> results;
    for (const std::string& file : options.files) {
        results.push_back(read_result_file(file));
        const report::RunState state = results.back().run.state;
        const bool is_incomplete =
            state == report::RunState::Aborted || state == report::RunState::Running;
        if (is_incomplete && !options.is_forced) {
            mistakes.push_back(
                {{file}, "the run was aborted or is not over", "--force compares it"});
        }
    }
    return results;
}

}  // namespace

int compare_command(int argc, char** argv) {
    CompareOptions options;
    if (const auto code = parse(argc, argv, options)) {
        return *code;
    }
    std::vector<base::Mistake> mistakes;
    const std::vector<OutputFile> outputs = read_output_options(options.outs, mistakes);
    for (const OutputFile& output : outputs) {
        if (output.kind != "json" && output.kind != "html") {
            mistakes.push_back({{"--out"}, "a comparison is written as json or html", {}});
        }
    }
    const auto share = options.fail_over.empty() ? 0.05 : read_share(options.fail_over);
    if (!share) {
        mistakes.push_back({{"--fail-over"}, "must be a share such as 10%", {}});
    }
    if (options.files.size() < 2) {
        mistakes.push_back({{"boom compare"}, "needs at least two FILEs", {}});
    }
    const std::vector<report::Result> results = read_all(options, mistakes);
    if (!mistakes.empty()) {
        throw base::ConfigError(std::move(mistakes));
    }
    std::vector<report::NamedResult> runs;
    for (std::size_t i = 0; i < results.size(); ++i) {
        runs.push_back({options.files[i], &results[i]});
    }
    const report::Comparison comparison = report::compare(runs, *share);
    const Terminal terminal(
        options.no_color ? Terminal::Color::Forbidden : Terminal::Color::Allowed,
        Terminal::Progress::Hidden);
    fmt::print("{}", report::to_text(comparison, terminal.output_style()));
    check_writable(outputs);
    for (const OutputFile& output : outputs) {
        std::ofstream file(output.path, std::ios::trunc | std::ios::binary);
        file << (output.kind == "json" ? report::to_json(comparison) : report::to_html(comparison))
             << '\n';
    }
    return !options.fail_over.empty() && comparison.worse > 0 ? 1 : 0;
}

int report_command(int argc, char** argv) {
    CLI::App app{"boom report: shows result files again, or writes them in another format"};
    std::vector<std::string> files;
    std::vector<std::string> outs;
    bool no_color = false;
    app.add_option("FILE", files, "written by --out json=PATH")->required();
    app.add_option("--out", outs, "KIND=PATH; kinds: json csv html hdr junit")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_flag("--no-color", no_color, "plain text");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", app.help());
        return 0;
    } catch (const CLI::ParseError& error) {
        throw base::ConfigError(
            base::Mistake{{"boom report"}, error.what(), "see boom report --help"});
    }
    std::vector<base::Mistake> mistakes;
    const std::vector<OutputFile> outputs = read_output_options(outs, mistakes);
    for (const OutputFile& output : outputs) {
        if (is_remote_output(output.kind) || output.kind == "samples") {
            mistakes.push_back({{"--out"}, output.kind + " is written while a run is on", {}});
        }
    }
    if (!outputs.empty() && files.size() > 1) {
        mistakes.push_back({{"--out"}, "takes one FILE at a time", {}});
    }
    if (!mistakes.empty()) {
        throw base::ConfigError(std::move(mistakes));
    }
    Terminal terminal(no_color ? Terminal::Color::Forbidden : Terminal::Color::Allowed,
                      Terminal::Progress::Hidden);
    for (const std::string& file : files) {
        const report::Result result = read_result_file(file);
        if (outputs.empty()) {
            terminal.show_final(result);
            continue;
        }
        check_writable(outputs);
        if (!write_files(outputs, result, Written::Everything).empty()) {
            return static_cast<int>(base::ExitCode::Internal);
        }
    }
    return 0;
}

}  // namespace boom::app
