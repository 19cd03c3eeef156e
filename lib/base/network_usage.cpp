#include "base/network_usage.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <map>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace boom::base {
namespace {

// Of the time between two readings of a table, this part may go into reading it.
constexpr int kLeastPause = 100;  // times as long as the reading took
constexpr Duration kNetlinkTimeout = std::chrono::milliseconds(100);
constexpr std::size_t kPorts = 65536;

std::string read_all(const char* path) {
    std::string text;
    const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return text;
    }
    std::array<char, 1 << 16> part{};
    while (true) {
        const auto size = ::read(descriptor, part.data(), part.size());
        if (size <= 0) {
            break;
        }
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    ::close(descriptor);
    return text;
}

// The netlink socket of one question. Closed at the end.
class Netlink {
public:
    Netlink() : descriptor_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
        // The kernel answers at once; a limit only keeps a bug of ours from hanging.
        const timeval limit{0, static_cast<suseconds_t>(base::to_us(kNetlinkTimeout))};
        static_cast<void>(::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    }
    ~Netlink() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    Netlink(const Netlink&) = delete;
    Netlink& operator=(const Netlink&) = delete;

    [[nodiscard]] bool ask_for_queues() const {
        struct {
            nlmsghdr header;
            tcmsg body;
        } request{};
        request.header.nlmsg_len = sizeof request;
        request.header.nlmsg_type = RTM_GETQDISC;
        request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        return ::send(descriptor_, &request, sizeof request, 0) ==
               static_cast<ssize_t>(sizeof request);
    }
    [[nodiscard]] std::string_view receive() {
        const auto size = ::recv(descriptor_, buffer_.data(), buffer_.size(), 0);
        return {buffer_.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    }

private:
    int descriptor_;
    std::array<char, 1 << 15> buffer_{};
};

// The first `T` of a message; what is too short is refused.
template <typename T>
bool take(std::string_view bytes, T& value) {
    if (bytes.size() < sizeof value) {
        return false;
    }
    std::memcpy(&value, bytes.data(), sizeof value);
    return true;
}

// The payload of the attribute of that type, empty if there is none.
std::string_view attribute(std::string_view attributes, unsigned short type) {
    rtattr head{};
    while (take(attributes, head) && head.rta_len >= sizeof head &&
           head.rta_len <= attributes.size()) {
        if ((head.rta_type & NLA_TYPE_MASK) == type) {
            return attributes.substr(sizeof head, head.rta_len - sizeof head);
        }
        attributes.remove_prefix(std::min<std::size_t>(attributes.size(), RTA_ALIGN(head.rta_len)));
    }
    return {};
}

std::int64_t queued_in(std::string_view body) {
    tcmsg head{};
    if (!take(body, head) || head.tcm_parent != TC_H_ROOT) {
        return 0;  // queues below the root are counted in it
    }
    const std::string_view stats = attribute(body.substr(NLMSG_ALIGN(sizeof head)), TCA_STATS2);
    gnet_stats_queue queue{};
    return take(attribute(stats, TCA_STATS_QUEUE), queue) ? queue.backlog : 0;
}

}  // namespace

std::int64_t count_ports(std::string_view table, const PortUsage& range) {
    std::map<std::string_view, std::bitset<kPorts>> taken;  // by local address
    std::int64_t most = 0;
    while (!table.empty()) {
        const std::size_t end = table.find('\n');
        std::string_view line = table.substr(0, end);
        table.remove_prefix(end == std::string_view::npos ? table.size() : end + 1);
        // "   0: 0100007F:1F90 00000000:0000 0A …"
        const std::size_t number = line.find(": ");
        const std::size_t colon =
            number == std::string_view::npos ? number : line.find(':', number + 2);
        if (colon == std::string_view::npos) {
            continue;  // the heading
        }
        const std::string_view text = line.substr(colon + 1, 4);
        unsigned port = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port, 16);
        if (parsed.ec == std::errc() && port >= range.first && port <= range.last) {
            taken[line.substr(number + 2, colon - number - 2)].set(port);
        }
    }
    for (const auto& [address, ports] : taken) {
        most = std::max(most, static_cast<std::int64_t>(ports.count()));
    }
    return most;
}

PortUsage read_port_range() {
    PortUsage usage;
    std::istringstream range(read_all("/proc/sys/net/ipv4/ip_local_port_range"));
    range >> usage.first >> usage.last;
    return usage;
}

const PortUsage& PortMeter::read(TimePoint now) {
    if (now < next_) {
        return usage_;
    }
    const auto begun = std::chrono::steady_clock::now();
    usage_ = read_port_range();
    usage_.in_use = std::max(count_ports(read_all("/proc/net/tcp"), usage_),
                             count_ports(read_all("/proc/net/tcp6"), usage_));
    const auto took = std::chrono::steady_clock::now() - begun;
    next_ = now + took * kLeastPause;
    return usage_;
}

SegmentCounts read_segment_counts() {
    // A line of names, then one of numbers, both beginning with "Tcp:".
    std::istringstream in(read_all("/proc/net/snmp"));
    std::map<std::string, std::int64_t> values;
    std::string line;
    std::string names;
    while (std::getline(in, line)) {
        if (line.rfind("Tcp: ", 0) != 0) {
            continue;
        }
        if (names.empty()) {
            names = line.substr(5);
            continue;
        }
        std::istringstream keys(names);
        std::istringstream numbers(line.substr(5));
        std::string key;
        std::int64_t number = 0;
        while (keys >> key && numbers >> number) {
            values[key] = number;
        }
    }
    return {values["OutSegs"], values["RetransSegs"]};
}

std::int64_t read_queued_bytes() {
    Netlink netlink;
    if (!netlink.ask_for_queues()) {
        return 0;
    }
    std::int64_t queued = 0;
    while (true) {
        std::string_view messages = netlink.receive();
        nlmsghdr head{};
        if (!take(messages, head)) {
            return queued;
        }
        while (take(messages, head) && head.nlmsg_len >= sizeof head &&
               head.nlmsg_len <= messages.size()) {
            if (head.nlmsg_type != RTM_NEWQDISC) {
                return queued;  // the end, or an error
            }
            queued += queued_in(messages.substr(sizeof head, head.nlmsg_len - sizeof head));
            messages.remove_prefix(
                std::min<std::size_t>(messages.size(), NLMSG_ALIGN(head.nlmsg_len)));
        }
    }
}

}  // namespace boom::base
