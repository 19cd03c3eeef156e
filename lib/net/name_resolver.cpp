#include "net/name_resolver.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <utility>

namespace boom::net {
namespace {

// The system's resolver does not say how long an answer holds; libcurl keeps it as long.
constexpr Duration kKeepFor = std::chrono::seconds(60);
// A name that fails is not asked for again by every request.
constexpr Duration kKeepFailureFor = std::chrono::seconds(1);

bool is_v6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

}  // namespace

bool is_literal_address(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

std::vector<std::string> interleave_families(std::vector<std::string> addresses) {
    if (addresses.empty()) {
        return addresses;
    }
    std::vector<std::string> first;
    std::vector<std::string> second;
    const bool is_first_v6 = is_v6(addresses.front());
    for (std::string& address : addresses) {
        (is_v6(address) == is_first_v6 ? first : second).push_back(std::move(address));
    }
    addresses.clear();
    for (std::size_t index = 0; index < std::max(first.size(), second.size()); ++index) {
        if (index < first.size()) {
            addresses.push_back(std::move(first[index]));
        }
        if (index < second.size()) {
            addresses.push_back(std::move(second[index]));
        }
    }
    return addresses;
}

std::vector<std::string> find_resolved(const std::vector<std::string>& entries,
                                       std::string_view host, int port) {
    std::vector<std::string> addresses;
    for (const std::string& entry : entries) {
        std::string_view rest = entry;
        if (!rest.empty() && rest.front() == '+') {
            rest.remove_prefix(1);
        }
        std::string_view wanted;
        if (!rest.empty() && rest.front() == '[') {
            const std::size_t end = rest.find(']');
            wanted = rest.substr(1, end == std::string_view::npos ? end : end - 1);
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        } else {
            wanted = rest.substr(0, rest.find(':'));
            rest.remove_prefix(wanted.size());
        }
        rest.remove_prefix(std::min<std::size_t>(rest.size(), 1));
        const std::size_t colon = rest.find(':');
        if (colon == std::string_view::npos ||
            base::parse_integer(rest.substr(0, colon)) != std::int64_t{port} ||
            (wanted != "*" && !base::equals_ignoring_case(wanted, host))) {
            continue;
        }
        for (std::string_view address : base::split_text(rest.substr(colon + 1), ',')) {
            address = base::trim(address);
            if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
                address = address.substr(1, address.size() - 2);
            }
            addresses.emplace_back(address);
        }
        return addresses;
    }
    return addresses;
}

NameResolver::~NameResolver() {
    if (thread_ != nullptr && thread_->is_running()) {
        loop_.unwatch(thread_->descriptor());
    }
}

const std::vector<std::string>* NameResolver::look_up(const std::string& host,
                                                      NameListener& listener) {
    Entry& entry = entries_[host];
    if (!entry.is_asked && loop_.now() < entry.expires) {
        return &entry.addresses;
    }
    if (is_literal_address(host)) {
        entry.addresses = {host};
        entry.expires = TimePoint::max();
        return &entry.addresses;
    }
    if (thread_ == nullptr) {
        auto thread = std::make_unique<ResolverThread>();
        if (!thread->is_running()) {
            entry.addresses.clear();
            entry.expires = loop_.now();
            return &entry.addresses;
        }
        thread_ = std::move(thread);
        loop_.watch(thread_->descriptor(), {true, false}, *this);
    }
    entry.waiting.push_back(&listener);
    if (!entry.is_asked) {
        entry.is_asked = true;
        thread_->ask(host);
    }
    return nullptr;
}

void NameResolver::forget(NameListener& listener) {
    for (auto& [host, entry] : entries_) {
        std::replace(entry.waiting.begin(), entry.waiting.end(), &listener,
                     static_cast<NameListener*>(nullptr));
    }
}

void NameResolver::on_ready(int /*descriptor*/, Readiness /*readiness*/) noexcept {
    for (ResolverThread::Answer& answer : thread_->take()) {
        Entry& entry = entries_[answer.host];
        entry.addresses = interleave_families(std::move(answer.addresses));
        entry.expires = loop_.now() + (entry.addresses.empty() ? kKeepFailureFor : kKeepFor);
        entry.is_asked = false;
        // A listener may be forgotten by the call of another one, or ask for this name again.
        for (std::size_t index = 0; index < entry.waiting.size(); ++index) {
            NameListener* listener = std::exchange(entry.waiting[index], nullptr);
            if (listener != nullptr) {
                listener->on_addresses(entry.addresses);
            }
        }
        entry.waiting.clear();
    }
}

}  // namespace boom::net
