#pragma once
// Addresses of host names for one loop: literals at once, names from a cache or from a resolver
// thread, which is started by the first name. The loop's thread.

#include "net/event_loop.hpp"
#include "net/resolver_thread.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

class NameListener {
public:
    virtual ~NameListener() = default;
    // From the loop, never from inside look_up(). Empty when the name has no address.
    virtual void on_addresses(const std::vector<std::string>& addresses) noexcept = 0;
};

class NameResolver final : public DescriptorListener {
public:
    explicit NameResolver(EventLoop& loop) : loop_(loop) {}
    ~NameResolver() override;
    NameResolver(const NameResolver&) = delete;
    NameResolver& operator=(const NameResolver&) = delete;

    // What is known now, sorted for connecting: the families take turns (RFC 8305 section 4).
    // Null: `listener` will be told. An empty list is a failure that is known already.
    [[nodiscard]] const std::vector<std::string>* look_up(const std::string& host,
                                                          NameListener& listener);
    void forget(NameListener& listener);

    void on_ready(int descriptor, Readiness readiness) noexcept override;

private:
    struct Entry {
        std::vector<std::string> addresses;
        TimePoint expires{};
        bool is_asked = false;
        std::vector<NameListener*> waiting;
    };

    EventLoop& loop_;
    std::unique_ptr<ResolverThread> thread_;
    std::map<std::string, Entry> entries_;
};

[[nodiscard]] bool is_literal_address(const std::string& host);
[[nodiscard]] std::vector<std::string> interleave_families(std::vector<std::string> addresses);
// The addresses that entries like curl's "HOST:PORT:ADDRESS[,ADDRESS]" give ("*" is any host, IPv6
// in brackets or bare); empty when none is for that host and port.
[[nodiscard]] std::vector<std::string> find_resolved(const std::vector<std::string>& entries,
                                                     std::string_view host, int port);

}  // namespace boom::net
