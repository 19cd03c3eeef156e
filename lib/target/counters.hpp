#pragma once
// What the server has seen, to be compared with what a load generator reports. One lock: requests
// of several threads are counted exactly, and the cost (tens of nanoseconds) is the target's own.

#include "base/units.hpp"
#include "target/request.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace boom::target {

// Any thread.
class Counters {
public:
    static constexpr std::size_t kMaxKeys = 10'000;  // further ones are counted as "(other)"
    static constexpr std::size_t kMaxTokens = 1'000'000;
    static constexpr std::size_t kMaxSeconds = 86'400;

    explicit Counters(base::TimePoint now) : since_(now) {}
    struct Arrival {
        std::string_view peer;
        std::size_t bytes = 0;
        base::TimePoint at;
    };
    void count_request(const Request& request, const Arrival& arrival);
    void count_answer(int status, std::size_t bytes);
    // Bytes that are no request of HTTP, and what they were answered with.
    void count_refused(int status);
    void count_opened();
    void count_closed();
    void count_web_socket();
    void count_message();
    void count_ping();
    // Of a websocket, by the client's Close frame.
    void count_web_socket_close();
    void count_failed_handshake();
    // Full: this one was not looked up, for kMaxTokens are remembered.
    enum class Use { First, Repeated, Full };
    [[nodiscard]] Use use_once(const std::string& token);
    // A token that only this server knows.
    [[nodiscard]] std::string new_login();
    [[nodiscard]] bool is_login(const std::string& token) const;
    // The n-th call, from 0: for deterministic faults.
    [[nodiscard]] std::int64_t next_flaky();

    // Open connections and logins stay.
    void reset(base::TimePoint now);
    [[nodiscard]] std::string json() const;

private:
    using Table = std::map<std::string, std::int64_t, std::less<>>;
    static void add(Table& table, std::string_view key);

    mutable std::mutex mutex_;
    base::TimePoint since_;
    std::int64_t requests_ = 0;
    Table paths_, agents_, sources_;
    std::map<int, std::int64_t> statuses_, refusals_;
    std::vector<std::int64_t> seconds_;
    std::int64_t accepted_ = 0, open_ = 0, peak_ = 0, failed_handshakes_ = 0;
    std::int64_t bytes_received_ = 0, bytes_sent_ = 0;
    std::int64_t web_sockets_ = 0, messages_ = 0, pings_ = 0, closes_ = 0;
    std::unordered_set<std::string> once_;
    std::vector<std::string> once_order_;
    std::int64_t once_repeats_ = 0;
    std::unordered_set<std::string> logins_;
    std::int64_t next_login_ = 0;
    std::int64_t flaky_ = 0;
};

}  // namespace boom::target
