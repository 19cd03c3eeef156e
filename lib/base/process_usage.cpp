#include "base/process_usage.hpp"

#include "base/text.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <sched.h>
#include <sstream>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace boom::base {
namespace {

Duration from_timeval(const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
}

std::int64_t count_entries(const char* folder) {
    DIR* handle = opendir(folder);
    if (handle == nullptr) {
        return 0;
    }
    std::int64_t count = -3;              // ".", ".." and the handle itself
    while (readdir(handle) != nullptr) {  // NOLINT(concurrency-mt-unsafe): a handle of our own
        ++count;
    }
    closedir(handle);
    return count;
}

// The number after `key` in a file of "key: number" or "a key number" words.
std::int64_t number_after(const std::string& text, std::string_view key) {
    const std::size_t at = text.find(key);
    if (at == std::string::npos) {
        return 0;
    }
    std::istringstream in(text.substr(at + key.size()));
    std::int64_t value = 0;
    in >> value;
    return value;
}

std::string read_file(const char* path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

ThreadMeter::ThreadMeter()
    : descriptor_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}

ThreadMeter::~ThreadMeter() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

ThreadUsage ThreadMeter::read() const {
    ThreadUsage usage;
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    usage.cpu_time = std::chrono::seconds(cpu.tv_sec) + Duration(cpu.tv_nsec);
    // Nanoseconds on a core, nanoseconds waiting for one, turns.
    std::array<char, 96> text{};
    const auto size = ::pread(descriptor_, text.data(), text.size(), 0);
    const std::string_view line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) {
        std::int64_t waited = 0;
        std::from_chars(line.data() + space + 1, line.data() + line.size(), waited);
        usage.delayed_time = Duration(waited);
    }
    return usage;
}

ProcessUsage read_process_usage() {
    ProcessUsage usage;
    rusage times{};
    getrusage(RUSAGE_SELF, &times);
    usage.cpu_time = from_timeval(times.ru_utime) + from_timeval(times.ru_stime);
    std::istringstream statm(read_file("/proc/self/statm"));
    std::int64_t total_pages = 0;
    std::int64_t resident_pages = 0;
    statm >> total_pages >> resident_pages;
    usage.memory_bytes = resident_pages * sysconf(_SC_PAGESIZE);
    usage.descriptors = count_entries("/proc/self/fd");
    return usage;
}

MachineUsage read_machine_usage() {
    MachineUsage usage;
    std::istringstream stat(read_file("/proc/stat"));
    std::string label;
    stat >> label;
    std::array<std::int64_t, 8> ticks{};  // user nice system idle iowait irq softirq steal
    std::int64_t total = 0;
    for (std::int64_t& value : ticks) {
        stat >> value;
        total += value;
    }
    const Duration tick = std::chrono::nanoseconds(1'000'000'000 / sysconf(_SC_CLK_TCK));
    usage.total_time = tick * total;
    usage.busy_time = tick * (total - ticks[3] - ticks[4]);
    const std::string memory = read_file("/proc/meminfo");
    usage.memory_total_bytes = number_after(memory, "MemTotal:") * 1024;
    usage.memory_available_bytes = number_after(memory, "MemAvailable:") * 1024;
    const std::string sockets = read_file("/proc/net/sockstat");
    usage.sockets_in_use = number_after(sockets, "TCP: inuse");
    usage.sockets_time_wait = number_after(sockets, " tw");
    return usage;
}

std::int64_t ephemeral_port_count() {
    std::istringstream in(read_file("/proc/sys/net/ipv4/ip_local_port_range"));
    std::int64_t first = 32768;
    std::int64_t last = 60999;
    in >> first >> last;
    return last - first + 1;
}

std::int64_t raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::int64_t>(limit.rlim_cur);
}

int usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return 1;
    }
    return CPU_COUNT(&set);
}

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
        return "localhost";
    }
    return name.data();
}

std::string own_address() {
    // A datagram socket that is "connected" to a documentation address (RFC 5737) shows which of
    // our addresses the kernel would send from.
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(0xC0000201);
    socklen_t size = sizeof(address);
    auto* plain = static_cast<sockaddr*>(static_cast<void*>(&address));
    const bool is_known = descriptor >= 0 && ::connect(descriptor, plain, size) == 0 &&
                          ::getsockname(descriptor, plain, &size) == 0;
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    std::array<char, INET_ADDRSTRLEN> text{};
    return is_known && ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size()) != nullptr
               ? std::string(text.data())
               : host_name();
}

std::string os_name() {
    utsname info{};
    uname(&info);
    return to_lower(info.sysname);
}

std::string arch_name() {
    utsname info{};
    uname(&info);
    const std::string machine = info.machine;
    return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
}

}  // namespace boom::base
