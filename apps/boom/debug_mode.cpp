#include "boom/debug_mode.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "boom/case_request.hpp"
#include "boom/process.hpp"
#include "net/http.hpp"
#include "user/row_supply.hpp"
#include "user/threaded_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <poll.h>

namespace boom::app {
namespace {

constexpr std::size_t kShownBodyBytes = 4096;
constexpr int kPollMs = 10;
constexpr std::string_view kMask = "***";
constexpr std::array<std::string_view, 5> kSecretHeaders = {"Authorization", "Proxy-Authorization",
                                                            "Cookie", "Set-Cookie", "X-Api-Key"};
constexpr std::array<std::string_view, 5> kSecretMembers = {"password", "passwd", "token", "secret",
                                                            "api_key"};

// Values of JSON members and form fields whose names say that they are secret.
std::string masked_body(std::string_view body) {
    std::string text = base::shorten(body, kShownBodyBytes);
    for (const std::string_view name : kSecretMembers) {
        const std::string json = "\"" + std::string(name) + "\":";
        for (std::size_t at = text.find(json); at != std::string::npos;
             at = text.find(json, at + 1)) {
            const std::size_t quote = text.find_first_not_of(" ", at + json.size());
            const bool is_text = quote != std::string::npos && text[quote] == '"';
            const std::size_t begin = is_text ? quote + 1 : quote;
            const std::size_t end = text.find_first_of(is_text ? "\"" : ",}", begin);
            if (begin != std::string::npos && end != std::string::npos) {
                text.replace(begin, end - begin, kMask);
            }
        }
        const std::string form = std::string(name) + "=";
        for (std::size_t at = text.find(form); at != std::string::npos;
             at = text.find(form, at + 1)) {
            const std::size_t begin = at + form.size();
            const std::size_t end = std::min(text.find('&', begin), text.size());
            text.replace(begin, end - begin, kMask);
        }
    }
    return text;
}

void print_headers(std::string_view block, char direction) {
    for (std::string_view line : base::split_text(block, '\n')) {
        line = base::trim(line);
        const std::size_t colon = line.find(':');
        if (line.empty()) {
            continue;
        }
        const bool is_secret = colon != std::string_view::npos &&
                               std::any_of(kSecretHeaders.begin(), kSecretHeaders.end(),
                                           [name = line.substr(0, colon)](std::string_view secret) {
                                               return base::equals_ignoring_case(secret, name);
                                           });
        fmt::print("{} {}{}\n", direction, is_secret ? line.substr(0, colon + 2) : line,
                   is_secret ? kMask : "");
    }
}

// Called from the one generator thread of a debug run.
class Printer final : public user::ExchangeObserver {
public:
    void on_exchange(const net::HttpRequest& request,
                     const net::HttpResponse& response) noexcept override {
        fmt::print("> {} {}\n", request.method, request.url);
        print_headers(request.headers, '>');
        print_body(request.body);
        if (response.error != net::TransportError::None) {
            fmt::print("< no answer: {}\n\n", response.error_text);
            return;
        }
        fmt::print("< {} {}\n", response.protocol, response.status);
        for (const net::Header& header : response.headers) {
            print_headers(fmt::format("{}: {}", header.name, header.value), '<');
        }
        print_body(response.body);
        fmt::print("\n");
    }
    void on_step(std::string_view name, stats::Outcome outcome,
                 std::string_view message) noexcept override {
        const bool is_passed = outcome == stats::Outcome::Passed;
        ++(is_passed ? passed_ : failed_);
        fmt::print("{} {}{}{}\n\n", is_passed ? "PASS" : "FAIL", name, message.empty() ? "" : ": ",
                   message);
    }
    [[nodiscard]] int passed() const { return passed_; }
    [[nodiscard]] int failed() const { return failed_; }

private:
    static void print_body(std::string_view body) {
        if (!body.empty()) {
            fmt::print("\n{}\n\n", masked_body(body));
        }
    }

    int passed_ = 0, failed_ = 0;
};

}  // namespace

int run_debug(const Options& options) {
    load::Profile profile = options.profile;
    profile.spawn_count = 1;
    profile.threads = 1;
    profile.loop_count = 1;
    const cluster::RunRequest request = compile_request(options.cases, options.url, profile);
    for (const std::string& warning : request.plan->warnings) {
        fmt::print(stderr, "warning: {}\n", warning);
    }
    Printer printer;
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
    fmt::print("{} passed, {} failed\n", printer.passed(), printer.failed());
    return static_cast<int>(printer.passed() > 0 ? base::ExitCode::Passed
                                                 : base::ExitCode::NoSuccess);
}

}  // namespace boom::app
