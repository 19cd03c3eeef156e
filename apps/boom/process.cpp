#include "boom/process.hpp"

#include "base/clock.hpp"
#include "base/network_usage.hpp"
#include "base/rng.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace boom::app {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<int> signal_count{0};

}  // namespace

void watch_signals() {
    struct sigaction action {};
    action.sa_handler = [](int) { signal_count.fetch_add(1); };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
    // A file that may not grow is a full disk: an error of the write, not the end of the process.
    sigaction(SIGXFSZ, &action, nullptr);
}

int signals_seen() {
    return signal_count.load();
}

UsageMeter::UsageMeter()
    : process_(base::read_process_usage()), machine_(base::read_machine_usage()) {}

void UsageMeter::fill(wire::Heartbeat& beat, base::TimePoint now) {
    // Shorter spans than this say nothing.
    constexpr base::Duration kShortest = std::chrono::milliseconds(200);
    if (now - last_ >= kShortest) {
        const base::ProcessUsage process = base::read_process_usage();
        const base::MachineUsage machine = base::read_machine_usage();
        if (last_ != base::TimePoint{}) {
            worker_cpu_ = 100.0 * base::to_seconds(process.cpu_time - process_.cpu_time) /
                          base::to_seconds(now - last_);
            const double total = base::to_seconds(machine.total_time - machine_.total_time);
            cpu_ = total > 0
                       ? 100.0 * base::to_seconds(machine.busy_time - machine_.busy_time) / total
                       : 0;
        }
        process_ = process;
        machine_ = machine;
        last_ = now;
    }
    beat.worker_cpu_percent = worker_cpu_;
    beat.cpu_percent = cpu_;
    const auto total = static_cast<double>(std::max<std::int64_t>(machine_.memory_total_bytes, 1));
    beat.worker_memory_percent = 100.0 * static_cast<double>(process_.memory_bytes) / total;
    beat.memory_percent =
        100.0 * (1.0 - static_cast<double>(machine_.memory_available_bytes) / total);
}

StableInstance::StableInstance(const std::string& name, const std::string& kind)
    : descriptor_(name.empty() ? ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1),
      text_(name.empty() ? base::host_name() : name) {
    constexpr int kMost = 1000;  // processes of one kind on one machine
    if (!name.empty()) {
        return;
    }
    // A name in the kernel's abstract space: no file stays behind, whatever ends the process.
    for (int number = 1; number <= kMost; ++number) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = fmt::format("boom-{}-{}", kind, number);
        const std::size_t size = std::min(path.size(), sizeof address.sun_path - 1);
        std::memcpy(&address.sun_path[1], path.data(), size);
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + size);
        if (::bind(descriptor_, static_cast<sockaddr*>(static_cast<void*>(&address)), length) ==
            0) {
            text_ += fmt::format("-{}", number);
            return;
        }
    }
    text_ += fmt::format("-{}", ::getpid());
}

StableInstance::~StableInstance() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

wire::Hello describe_worker(const std::string& name, const std::string& room,
                            std::optional<std::int64_t> max_users) {
    wire::Hello hello;
    hello.version = BOOM_VERSION;
    hello.id =
        fmt::format("{}_{:016x}", name.empty() ? base::host_name() : name, base::random_seed());
    hello.name = name;
    hello.room = room;
    hello.max_users = max_users;
    hello.os = base::os_name();
    hello.arch = base::arch_name();
    hello.cores = base::usable_cores();
    hello.descriptor_limit = base::raise_descriptor_limit();
    hello.ephemeral_ports = base::read_port_range().count();
    hello.unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
    hello.memory_bytes = base::read_machine_usage().memory_total_bytes;
    return hello;
}

}  // namespace boom::app
