#pragma once
// What the server has seen, to be compared with what a load generator reports. One lock: requests
// of several threads are counted exactly, and the cost (tens of nanoseconds) is the target's own.

#include "target/request.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace boom::target {

// Any thread.
class Counters {
public:
    static constexpr std::size_t kMaxKeys = 10'000;  // further ones are counted as "(other)"

    Counters();
    void count_request(const Request& request, std::string_view peer, std::size_t bytes);
    void count_answer(int status, std::size_t bytes);
    void count_opened();
    void count_closed();
    // True the first time; false for a repetition.
    [[nodiscard]] bool use_once(const std::string& token);
    // A token that only this server knows.
    [[nodiscard]] std::string new_login();
    [[nodiscard]] bool is_login(const std::string& token) const;
    // The n-th call, from 0: for deterministic faults.
    [[nodiscard]] std::int64_t next_flaky();

    void reset();
    [[nodiscard]] std::string json() const;

private:
    using Table = std::map<std::string, std::int64_t, std::less<>>;
    static void add(Table& table, std::string_view key);

    mutable std::mutex mutex_;
    std::chrono::steady_clock::time_point since_;
    std::int64_t requests_ = 0;
    Table paths_, statuses_, agents_, sources_;
    std::vector<std::int64_t> seconds_;
    std::int64_t accepted_ = 0, open_ = 0, peak_ = 0;
    std::int64_t bytes_received_ = 0, bytes_sent_ = 0;
    Table once_;
    std::vector<std::string> once_order_;
    std::int64_t once_repeats_ = 0;
    Table logins_;
    std::int64_t next_login_ = 0;
    std::int64_t flaky_ = 0;
};

}  // namespace boom::target
