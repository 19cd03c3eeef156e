#include "boom/access_log_command.hpp"

#include "base/clock.hpp"
#include "base/duration.hpp"
#include "base/error.hpp"
#include "boom/log_tail.hpp"
#include "boom/process.hpp"
#include "boom/terminal.hpp"
#include "report/access_summary.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <optional>
#include <poll.h>

namespace boom::app {
namespace {

using base::Mistake;

constexpr int kLookEveryMs = 100;
constexpr base::Duration kTellEvery = std::chrono::seconds(10);

constexpr const char* kFooter = R"(The User-Agent of boom is PerformanceTest unless the case sets
one; --mark-traffic makes it so always. For times the log needs $request_time, e.g.
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status '
                   '$body_bytes_sent "$http_referer" "$http_user_agent" $request_time';
which is read without --format, as is nginx's own "combined" format.)";

struct Command {
    std::vector<std::string> files;
    std::string format, out, run_time, order = "requests";
    report::AccessOptions options;
    bool is_followed = false, is_from_now = false, has_static = false, no_color = false;
};

std::optional<int> parse(int argc, char** argv, Command& command) {
    CLI::App app{
        "boom nginx-log: requests, rate, times, bytes and errors per path of access logs, "
        "the load test's requests and all others apart"};
    app.footer(kFooter);
    app.add_option("FILE", command.files, "access logs, plain or gzip; - is standard input")
        ->required();
    app.add_option("--format", command.format, "the log_format, as in nginx's configuration");
    app.add_option("--agent", command.options.agent,
                   "what the load test's User-Agent contains (default PerformanceTest)");
    app.add_flag("--follow,-f", command.is_followed,
                 "go on reading what is added, through rotations, until a signal or --run-time");
    app.add_flag("--from-now", command.is_from_now, "with --follow: pass over what is there");
    app.add_option("--run-time,-d", command.run_time, "with --follow: end after this time");
    app.add_flag("--static", command.has_static,
                 "count static files (.css .js .png …), too; they are left out otherwise");
    app.add_option("--sort", command.order, "requests, time, bytes or errors (default requests)")
        ->check(CLI::IsMember({"requests", "time", "bytes", "errors"}));
    app.add_option("--top", command.options.top, "paths in each table (default 20)");
    app.add_option("--json", command.out, "write everything, with a row per second, to this file");
    app.add_flag("--no-color", command.no_color, "plain text");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", app.help());
        return 0;
    } catch (const CLI::ParseError& error) {
        throw base::ConfigError(
            Mistake{{"boom nginx-log"}, error.what(), "see boom nginx-log --help"});
    }
    return std::nullopt;
}

report::AccessFormat make_format(const std::string& text) {
    if (text.empty()) {
        return report::AccessFormat::combined();
    }
    auto compiled = report::AccessFormat::compile(text);
    if (auto* what = std::get_if<std::string>(&compiled)) {
        throw base::ConfigError(
            Mistake{{"--format"}, std::move(*what), "quote it in the shell: '$remote_addr …'"});
    }
    return std::get<report::AccessFormat>(std::move(compiled));
}

// The end of the time to follow; none = until a signal.
std::optional<base::Duration> check(Command& command) {
    std::vector<Mistake> mistakes;
    std::optional<base::Duration> run_time;
    if (!command.run_time.empty()) {
        run_time = base::parse_duration(command.run_time);
        if (!run_time) {
            mistakes.push_back({{"--run-time"}, "is no duration", "e.g. 30s"});
        }
    }
    if (!command.is_followed && (command.is_from_now || run_time)) {
        mistakes.push_back({{"--follow"}, "--from-now and --run-time need it", {}});
    }
    if (command.options.agent.empty()) {
        mistakes.push_back({{"--agent"}, "is empty: everything contains that", {}});
    }
    if (!mistakes.empty()) {
        throw base::ConfigError(std::move(mistakes));
    }
    constexpr std::array<std::pair<std::string_view, report::AccessOrder>, 4> kOrders{
        {{"requests", report::AccessOrder::Requests},
         {"time", report::AccessOrder::Time},
         {"bytes", report::AccessOrder::Bytes},
         {"errors", report::AccessOrder::Errors}}};
    for (const auto& [name, order] : kOrders) {
        command.options.order = name == command.order ? order : command.options.order;
    }
    if (command.has_static) {
        command.options.static_files = report::AccessOptions::Static::Counted;
    }
    return run_time;
}

class Reader {
public:
    Reader(const Command& command, report::AccessFormat format)
        : format_(std::move(format)), summary_(command.options) {
        const auto from = command.is_from_now ? LogTail::From::End : LogTail::From::Start;
        for (const std::string& file : command.files) {
            tails_.emplace_back(file, from);
        }
    }
    void read() {
        for (LogTail& tail : tails_) {
            tail.read(on_line_);
        }
    }
    // Says every ten seconds what came so far.
    void follow(std::optional<base::Duration> run_time) {
        const base::SteadyClock clock;
        const base::TimePoint begun = clock.now();
        base::TimePoint next = begun + kTellEvery;
        while (signals_seen() == 0 && (!run_time || clock.now() - begun < *run_time)) {
            static_cast<void>(::poll(nullptr, 0, kLookEveryMs));
            read();
            if (clock.now() >= next) {
                next += kTellEvery;
                fmt::print(stderr, "{}\n", summary_.progress());
            }
        }
        read();
    }
    const report::AccessSummary& finish() {
        for (LogTail& tail : tails_) {
            tail.finish(on_line_);
        }
        return summary_;
    }

private:
    void take(std::string_view line) {
        if (line.empty()) {
            return;
        }
        if (const auto request = format_.read(line)) {
            summary_.add(*request);
        } else {
            summary_.add_unreadable();
        }
    }

    report::AccessFormat format_;
    report::AccessSummary summary_;
    std::vector<LogTail> tails_;
    LogTail::OnLine on_line_ = [this](std::string_view line) { take(line); };
};

}  // namespace

int access_log_command(int argc, char** argv) {
    Command command;
    if (const auto code = parse(argc, argv, command)) {
        return *code;
    }
    const auto run_time = check(command);
    Reader reader(command, make_format(command.format));
    watch_signals();
    reader.read();
    if (command.is_followed) {
        reader.follow(run_time);
    }
    const report::AccessSummary& summary = reader.finish();
    if (summary.lines() > 0 && summary.unreadable() == summary.lines()) {
        throw base::ConfigError(
            Mistake{{"boom nginx-log"},
                    fmt::format("none of {} lines is of the log's format", summary.lines()),
                    "--format takes the log_format of nginx's configuration"});
    }
    const Terminal terminal(
        command.no_color ? Terminal::Color::Forbidden : Terminal::Color::Allowed,
        Terminal::Progress::Hidden);
    fmt::print("{}", summary.text(terminal.output_style()));
    if (!command.out.empty()) {
        std::ofstream file(command.out, std::ios::trunc | std::ios::binary);
        file << summary.json() << '\n';
        file.close();
        if (!file) {
            throw base::ConfigError(
                Mistake{{"--json"}, "cannot write " + command.out, {}, base::ExitCode::Refused});
        }
    }
    return 0;
}

}  // namespace boom::app
