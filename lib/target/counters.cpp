#include "target/counters.hpp"

#include "base/digest.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::target {
namespace {

constexpr std::size_t kMaxSeconds = 86'400;

std::string table_json(const std::map<std::string, std::int64_t, std::less<>>& table) {
    std::string text;
    for (const auto& [key, count] : table) {
        text += fmt::format("{}\"{}\":{}", text.empty() ? "" : ",", base::escape_json(key), count);
    }
    return "{" + text + "}";
}

}  // namespace

Counters::Counters() : since_(std::chrono::steady_clock::now()) {}

void Counters::add(Table& table, std::string_view key) {
    const auto found = table.find(key);
    if (found != table.end()) {
        ++found->second;
    } else if (table.size() < kMaxKeys) {
        table.emplace(key, 1);
    } else {
        ++table["(other)"];
    }
}

void Counters::count_request(const Request& request, std::string_view peer, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    ++requests_;
    bytes_received_ += static_cast<std::int64_t>(bytes);
    add(paths_, request.path);
    add(agents_, request.header("User-Agent"));
    add(sources_, peer);
    const auto elapsed = std::chrono::steady_clock::now() - since_;
    const auto second =
        static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::seconds>(elapsed).count());
    if (second < kMaxSeconds) {
        seconds_.resize(std::max(seconds_.size(), second + 1), 0);
        ++seconds_[second];
    }
}

void Counters::count_answer(int status, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_sent_ += static_cast<std::int64_t>(bytes);
    add(statuses_, std::to_string(status));
}

void Counters::count_opened() {
    const std::lock_guard lock(mutex_);
    ++accepted_;
    ++open_;
    peak_ = std::max(peak_, open_);
}

void Counters::count_closed() {
    const std::lock_guard lock(mutex_);
    --open_;
}

bool Counters::use_once(const std::string& token) {
    const std::lock_guard lock(mutex_);
    if (once_.size() >= kMaxKeys * 100 || !once_.emplace(token, 1).second) {
        ++once_repeats_;
        return false;
    }
    if (once_order_.size() < kMaxKeys) {
        once_order_.push_back(token);
    }
    return true;
}

std::string Counters::new_login() {
    const std::lock_guard lock(mutex_);
    std::string token = base::md5_hex(fmt::format("{}-{}", base::random_seed(), next_login_++));
    if (logins_.size() < kMaxKeys * 100) {
        logins_.emplace(token, 1);
    }
    return token;
}

bool Counters::is_login(const std::string& token) const {
    const std::lock_guard lock(mutex_);
    return logins_.find(token) != logins_.end();
}

std::int64_t Counters::next_flaky() {
    const std::lock_guard lock(mutex_);
    return flaky_++;
}

void Counters::reset() {
    const std::lock_guard lock(mutex_);
    since_ = std::chrono::steady_clock::now();
    requests_ = bytes_received_ = bytes_sent_ = once_repeats_ = flaky_ = 0;
    accepted_ = peak_ = open_;
    paths_.clear();
    statuses_.clear();
    agents_.clear();
    sources_.clear();
    seconds_.clear();
    once_.clear();
    once_order_.clear();
}

std::string Counters::json() const {
    const std::lock_guard lock(mutex_);
    std::string seconds;
    for (std::size_t i = 0; i < seconds_.size(); ++i) {
        seconds += fmt::format("{}{{\"t\":{},\"requests\":{}}}", i == 0 ? "" : ",", i, seconds_[i]);
    }
    std::string order;
    for (const std::string& token : once_order_) {
        order += fmt::format("{}\"{}\"", order.empty() ? "" : ",", base::escape_json(token));
    }
    return fmt::format(
        R"({{"requests":{},"paths":{},"status":{},"user_agents":{},"sources":{},"seconds":[{}],)"
        R"("connections":{{"accepted":{},"open":{},"peak":{}}},)"
        R"("once":{{"tokens":{},"order":[{}],"repeats":{}}},"bytes_received":{},"bytes_sent":{}}})",
        requests_, table_json(paths_), table_json(statuses_), table_json(agents_),
        table_json(sources_), seconds, accepted_, open_, peak_, once_.size(), order, once_repeats_,
        bytes_received_, bytes_sent_);
}

}  // namespace boom::target
