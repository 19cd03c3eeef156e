// `boom check`: would a run start from here, and what would it meet?
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/network_usage.hpp"
#include "base/process_usage.hpp"
#include "base/url.hpp"
#include "boom/case_request.hpp"
#include "boom/preflight.hpp"
#include "boom/run_outputs.hpp"
#include "net/event_loop.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <netdb.h>
#include <poll.h>
#include <set>
#include <sys/socket.h>
#include <unistd.h>

namespace boom::app {
namespace {

enum class Verdict { Good, Doubtful, Bad };

class Report {
public:
    void add(Verdict verdict, std::string_view what, const std::string& detail) {
        static constexpr std::array<std::string_view, 3> kWords{"ok", "warning", "FAILED"};
        fmt::print("{:<8} {:<12} {}\n", kWords[static_cast<std::size_t>(verdict)], what, detail);
        has_failed_ = has_failed_ || verdict == Verdict::Bad;
    }
    [[nodiscard]] int exit_code() const {
        return static_cast<int>(has_failed_ ? base::ExitCode::Refused : base::ExitCode::Passed);
    }

private:
    bool has_failed_ = false;
};

struct Found {
    addrinfo* first = nullptr;
    Found() = default;
    ~Found() {
        if (first != nullptr) {
            freeaddrinfo(first);
        }
    }
    Found(const Found&) = delete;
    Found& operator=(const Found&) = delete;
};

// Why no TCP connection comes about, or empty.
std::string connect_problem(const std::string& host, int port) {
    constexpr int kLimitMs = 2000;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    Found found;
    if (const int code =
            getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found.first);
        code != 0) {
        return gai_strerror(code);
    }
    const int descriptor =
        ::socket(found.first->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int failure = 0;
    if (::connect(descriptor, found.first->ai_addr, found.first->ai_addrlen) != 0) {
        failure = errno;
        pollfd wait{descriptor, POLLOUT, 0};
        if (failure == EINPROGRESS) {
            socklen_t size = sizeof(failure);
            failure = ETIMEDOUT;
            if (::poll(&wait, 1, kLimitMs) == 1) {
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
            }
        }
    }
    ::close(descriptor);
    return failure == 0 ? std::string() : std::strerror(failure);  // NOLINT(concurrency-mt-unsafe)
}

void check_limits(Report& report, const Options& options) {
    constexpr std::int64_t kOwn = 32;  // as the master looks at it
    const std::int64_t limit = base::raise_descriptor_limit();
    const std::int64_t users = options.profile.spawn_count;
    report.add(
        users + kOwn > limit ? Verdict::Bad : Verdict::Good, "descriptors",
        fmt::format("{} users are asked for, {} files may be open (ulimit -n)", users, limit));
    const std::int64_t ports = base::read_port_range().count();
    report.add(users > ports ? Verdict::Doubtful : Verdict::Good, "local ports",
               fmt::format("{} for connections to one target", ports));
    const auto loop = net::EventLoop::create(net::IoKind::Uring);
    report.add(Verdict::Good, "io",
               loop ? "io_uring" : "epoll: this kernel or container offers no io_uring");
    const base::MachineUsage machine = base::read_machine_usage();
    report.add(Verdict::Good, "machine",
               fmt::format("{} cores, {} MiB of memory free", base::usable_cores(),
                           machine.memory_available_bytes >> 20));
    timespec resolution{};
    clock_getres(CLOCK_MONOTONIC, &resolution);
    const bool is_coarse = resolution.tv_sec > 0 || resolution.tv_nsec > 1'000'000;
    report.add(
        is_coarse ? Verdict::Doubtful : Verdict::Good, "clock",
        fmt::format("ticks every {} ns, it is {}", resolution.tv_nsec, base::wall_time_rfc3339()));
}

void check_files(Report& report, const Options& options) {
    for (const OutputFile& output : options.outputs) {
        if (is_remote_output(output.kind)) {
            continue;
        }
        const bool was_there = std::filesystem::exists(output.path);
        const bool is_good = static_cast<bool>(std::ofstream(output.path, std::ios::app));
        if (is_good && !was_there) {
            std::error_code ignored;
            std::filesystem::remove(output.path, ignored);
        }
        report.add(is_good ? Verdict::Good : Verdict::Bad, "file",
                   output.path + (is_good ? " can be written" : " cannot be written"));
    }
}

void check_sinks(Report& report, const Options& options) {
    const std::vector<std::string> notes =
        sink_notes(options.profile.prometheus_gateway, options.outputs);
    for (const std::string& note : notes) {
        report.add(Verdict::Doubtful, "sink", note);
    }
    if (notes.empty() && !options.profile.prometheus_gateway.empty()) {
        report.add(Verdict::Good, "sink", options.profile.prometheus_gateway + " answers");
    }
}

// Whatever of a request's address is known before the run.
std::vector<std::string> known_urls(const plan::RequestStep& step) {
    std::vector<std::string> urls;
    if (step.constant_url) {
        urls.push_back(*step.constant_url);
    }
    for (const expr::Template* text : {&step.base_url, &step.url}) {
        if (const expr::Value* value = text->constant_value()) {
            urls.push_back(value->text());
        }
    }
    return urls;
}

void check_targets(Report& report, const Options& options) {
    const cluster::RunRequest request =
        compile_request(options.cases, options.url, options.profile);
    std::size_t steps = 0;
    std::set<std::pair<std::string, int>> hosts;
    for (const plan::CasePlan& one : request.plan->cases) {
        steps += one.requests.size();
        for (const plan::RequestStep& step : one.requests) {
            for (const std::string& text : known_urls(step)) {
                if (const auto url = base::parse_url(text)) {
                    hosts.emplace(url->host, url->port);
                }
            }
        }
    }
    report.add(Verdict::Good, "cases",
               fmt::format("{} with {} requests", request.plan->cases.size(), steps));
    for (const auto& [host, port] : hosts) {
        const std::string problem = connect_problem(host, port);
        report.add(
            problem.empty() ? Verdict::Good : Verdict::Bad, "target",
            fmt::format("{}:{} {}", host, port, problem.empty() ? "accepts connections" : problem));
    }
}

}  // namespace

int run_check(const Options& options) {
    Report report;
    check_limits(report, options);
    check_files(report, options);
    check_sinks(report, options);
    if (!options.cases.empty()) {
        check_targets(report, options);
    }
    if (options.is_master_named) {
        const std::string problem = connect_problem(options.master_host, options.master_port);
        report.add(problem.empty() ? Verdict::Good : Verdict::Bad, "master",
                   fmt::format("{}:{} {}", options.master_host, options.master_port,
                               problem.empty() ? "accepts workers" : problem));
    }
    return report.exit_code();
}

}  // namespace boom::app
