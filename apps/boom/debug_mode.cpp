#include "boom/debug_mode.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "boom/case_request.hpp"
#include "boom/masking.hpp"
#include "boom/process.hpp"
#include "boom/run_part.hpp"
#include "net/http.hpp"
#include "user/row_supply.hpp"
#include "user/threaded_load.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <poll.h>

namespace boom::app {
namespace {

constexpr std::size_t kShownBodyBytes = 4096;
constexpr int kPollMs = 10;

// Called from the one generator thread of a debug run.
class Printer final : public user::ExchangeObserver {
public:
    void on_exchange(const net::HttpRequest& request,
                     const net::HttpResponse& response) noexcept override {
        fmt::print("> {} {}\n", request.method, masking_.text(request.url));
        for (const std::string_view line : base::split_text(request.headers, '\n')) {
            const std::size_t colon = line.find(':');
            if (colon != std::string_view::npos) {
                print_header('>', line.substr(0, colon), base::trim(line.substr(colon + 1)));
            }
        }
        print_body(request.body);
        if (response.error != net::TransportError::None) {
            fmt::print("< no answer: {}\n\n", response.error_text);
            return;
        }
        fmt::print("< {} {}\n", response.protocol, response.status);
        for (const net::Header& header : response.headers) {
            print_header('<', header.name, header.value);
        }
        print_body(response.body);
        fmt::print("\n");
    }
    void on_step(std::string_view name, stats::Outcome outcome,
                 std::string_view message) noexcept override {
        const bool is_passed = outcome == stats::Outcome::Passed;
        ++(is_passed ? passed_ : failed_);
        fmt::print("{} {}{}{}\n\n", is_passed ? "PASS" : "FAIL", name, message.empty() ? "" : ": ",
                   masking_.text(message));
    }
    [[nodiscard]] int passed() const { return passed_; }
    [[nodiscard]] int failed() const { return failed_; }

private:
    void print_header(char direction, std::string_view name, std::string_view value) {
        fmt::print("{} {}: {}\n", direction, name, masking_.header(name, value));
    }
    void print_body(std::string_view body) {
        if (!body.empty()) {
            // Masked before it is cut: a half of a secret is one too.
            fmt::print("\n{}\n\n", base::shorten(masking_.text(body), kShownBodyBytes));
        }
    }

    Masking masking_;

    int passed_ = 0, failed_ = 0;
};

// False: a step of it failed, or it was stopped.
bool run_part(plan::Part part, cluster::RunRequest& request, Printer& printer) {
    const base::SteadyClock clock;
    RunPart one(part, request, clock, &printer);
    const int before = signals_seen();
    while (!one.step()) {
        if (signals_seen() > before) {
            one.stop(user::StopMode::Force);
        }
        (void)::poll(nullptr, 0, kPollMs);
    }
    if (part == plan::Part::RunSetup) {
        request = one.complete(request);
    }
    return !one.is_stopped() && one.failure().empty();
}

void run_one_iteration(const cluster::RunRequest& request, const load::Profile& profile,
                       Printer& printer) {
    user::LoadSpec spec;
    spec.plan = request.plan;
    spec.profile = profile;
    spec.seed = profile.seed != 0 ? profile.seed : base::random_seed();
    spec.share.users = {1};
    spec.observer = &printer;
    user::ThreadedLoad load(std::move(spec));
    for (const load::RowRange& rows : user::all_unique_rows(*request.plan)) {
        (void)load.add_rows(rows);
    }
    load.start(base::SteadyClock().now());
    bool is_stopped = false;
    while (!load.is_done()) {
        while (load.poll()) {
            // Its figures are of no use here.
        }
        if (signals_seen() > 0 && !is_stopped) {
            is_stopped = true;
            load.stop(user::StopMode::Force);
        }
        (void)::poll(nullptr, 0, kPollMs);
    }
}

}  // namespace

int run_debug(const Options& options) {
    load::Profile profile = options.profile;
    profile.spawn_count = 1;
    profile.threads = 1;
    profile.loop_count = 1;
    cluster::RunRequest request = compile_request(options.cases, options.url, profile);
    for (const std::string& warning : request.plan->warnings) {
        fmt::print(stderr, "warning: {}\n", warning);
    }
    Printer printer;
    if (request.plan->has_run_setup && !run_part(plan::Part::RunSetup, request, printer)) {
        (void)run_part(plan::Part::RunTeardown, request, printer);
        fmt::print("the setup of the run failed: {} passed, {} failed\n", printer.passed(),
                   printer.failed());
        return static_cast<int>(base::ExitCode::SetupFailed);
    }
    run_one_iteration(request, profile, printer);
    if (request.plan->has_run_teardown) {
        (void)run_part(plan::Part::RunTeardown, request, printer);
    }
    fmt::print("{} passed, {} failed\n", printer.passed(), printer.failed());
    return static_cast<int>(printer.passed() > 0 ? base::ExitCode::Passed
                                                 : base::ExitCode::NoSuccess);
}

}  // namespace boom::app
