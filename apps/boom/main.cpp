#include "base/address.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "boom/access_log_command.hpp"
#include "boom/debug_mode.hpp"
#include "boom/master_mode.hpp"
#include "boom/options.hpp"
#include "boom/plan_mode.hpp"
#include "boom/preflight.hpp"
#include "boom/process.hpp"
#include "boom/report_command.hpp"
#include "boom/script_tools.hpp"
#include "boom/target_mode.hpp"
#include "boom/worker_mode.hpp"
#include "plan/plan.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <zmq.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <span>
#include <string_view>
#include <unistd.h>

namespace {

using boom::app::Mode;
using boom::app::Options;
using boom::base::ExitCode;

std::string versions() {
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    return fmt::format("boom {}\nlibcurl {}\nlibzmq {}.{}.{}\n", BOOM_VERSION,
                       curl_version_info(CURLVERSION_NOW)->version, major, minor, patch);
}

int validate(const Options& options) {
    boom::app::ScriptTools tools(boom::app::ScriptTools::Use::Check);
    const boom::plan::Plan plan = boom::plan::compile(
        boom::plan::load_bundle(options.cases, options.profile, &tools), options.profile);
    for (const std::string& warning : plan.warnings) {
        fmt::print(stderr, "warning: {}\n", warning);
    }
    fmt::print("{} test cases, {} steps: no mistakes\n", plan.cases.size(), plan.steps.size());
    return 0;
}

// What `ps` shows of this process: the token's characters are overwritten.
void hide_secrets(std::span<char*> arguments) {
    constexpr std::string_view kOption = "--token";
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i];
        if (word.starts_with("--token=")) {
            std::fill_n(arguments[i] + kOption.size() + 1, word.size() - kOption.size() - 1, '*');
        } else if (word == kOption && i + 1 < arguments.size()) {
            std::fill_n(arguments[i + 1], std::string_view(arguments[i + 1]).size(), '*');
        }
    }
}

int run(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--version") {
        fmt::print("{}", versions());
        return 0;
    }
    if (argc > 1 && std::string_view(argv[1]) == "report") {
        return boom::app::report_command(argc - 1, argv + 1);
    }
    if (argc > 1 && std::string_view(argv[1]) == "compare") {
        return boom::app::compare_command(argc - 1, argv + 1);
    }
    if (argc > 1 && std::string_view(argv[1]) == "nginx-log") {
        return boom::app::access_log_command(argc - 1, argv + 1);
    }
    const Options options = boom::app::parse_options(argc, argv);
    hide_secrets(std::span(argv, static_cast<std::size_t>(argc)));
    boom::base::log::Options log;
    log.level = options.is_verbose ? boom::base::log::Level::Debug
                : options.is_quiet ? boom::base::log::Level::Warning
                                   : boom::base::log::Level::Info;
    log.format =
        options.is_log_json ? boom::base::log::Format::Json : boom::base::log::Format::Text;
    log.file = options.log_file;
    if (!boom::base::log::configure(log)) {
        throw boom::base::ConfigError(boom::base::Mistake{
            {"--log-file"}, "cannot write " + options.log_file, {}, ExitCode::Refused});
    }
    boom::app::watch_signals();
    (void)boom::base::raise_descriptor_limit();
    switch (options.mode) {
        case Mode::Help:
            fmt::print("{}", options.text);
            return 0;
        case Mode::Target:
            return boom::app::run_target(argc, argv);
        case Mode::Validate:
            return validate(options);
        case Mode::Plan:
            return boom::app::run_plan(options);
        case Mode::Check:
            return boom::app::run_check(options);
        case Mode::Status:
            return boom::app::run_status(options);
        case Mode::Local:
            return options.is_debug ? boom::app::run_debug(options) : boom::app::run_local(options);
        case Mode::Master:
            return boom::app::run_master(options);
        case Mode::Worker:
            return boom::app::run_worker(options);
    }
    return static_cast<int>(ExitCode::Internal);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const boom::base::ConfigError& error) {
        fmt::print(stderr, "boom: {}\n", error.what());
        return static_cast<int>(error.code());
    } catch (const std::exception& error) {
        fmt::print(stderr, "boom: internal error: {}\n", error.what());
        return static_cast<int>(ExitCode::Internal);
    }
}
