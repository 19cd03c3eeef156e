#include "boom/report_command.hpp"

#include "base/error.hpp"
#include "boom/result_files.hpp"
#include "boom/run_outputs.hpp"
#include "boom/terminal.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace boom::app {

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
        if (!write_files(outputs, result, Written::Everything)) {
            return static_cast<int>(base::ExitCode::Internal);
        }
    }
    return 0;
}

}  // namespace boom::app
