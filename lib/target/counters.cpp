#include "target/counters.hpp"

#include "base/digest.hpp"
#include "base/rng.hpp"
#include "target/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::target {
namespace {

template <typename Map>
std::string table_json(const Map& table) {
    std::string text;
    for (const auto& [key, count] : table) {
        text += text.empty() ? "" : ",";
        text += fmt::format("{}:{}", json_string(fmt::format("{}", key)), count);
    }
    return "{" + text + "}";
}

}  // namespace

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

void Counters::count_request(const Request& request, const Arrival& arrival) {
    const std::lock_guard lock(mutex_);
    ++requests_;
    bytes_received_ += static_cast<std::int64_t>(arrival.bytes);
    add(paths_, request.path);
    add(agents_, request.header("User-Agent"));
    add(sources_, arrival.peer);
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(arrival.at - since_);
    // One that came while the counters were reset belongs to the first second.
    const auto second = static_cast<std::size_t>(std::max<std::int64_t>(elapsed.count(), 0));
    if (second < kMaxSeconds) {
        seconds_.resize(std::max(seconds_.size(), second + 1), 0);
        ++seconds_[second];
    }
}

void Counters::count_answer(int status, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_sent_ += static_cast<std::int64_t>(bytes);
    ++statuses_[status];
}

void Counters::count_refused(int status) {
    const std::lock_guard lock(mutex_);
    ++refusals_[status];
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

void Counters::count_web_socket() {
    const std::lock_guard lock(mutex_);
    ++web_sockets_;
}

void Counters::count_message() {
    const std::lock_guard lock(mutex_);
    ++messages_;
}

void Counters::count_ping() {
    const std::lock_guard lock(mutex_);
    ++pings_;
}

void Counters::count_web_socket_close() {
    const std::lock_guard lock(mutex_);
    ++closes_;
}

void Counters::count_failed_handshake() {
    const std::lock_guard lock(mutex_);
    ++failed_handshakes_;
}

Counters::Use Counters::use_once(const std::string& token) {
    const std::lock_guard lock(mutex_);
    if (once_.count(token) > 0) {
        ++once_repeats_;
        return Use::Repeated;
    }
    if (once_.size() == kMaxTokens) {
        return Use::Full;
    }
    once_.insert(token);
    if (once_order_.size() < kMaxKeys) {
        once_order_.push_back(token);
    }
    return Use::First;
}

std::string Counters::new_login() {
    const std::lock_guard lock(mutex_);
    std::string token = base::md5_hex(fmt::format("{}-{}", base::random_seed(), next_login_++));
    if (logins_.size() < kMaxTokens) {
        logins_.insert(token);
    }
    return token;
}

bool Counters::is_login(const std::string& token) const {
    const std::lock_guard lock(mutex_);
    return logins_.count(token) > 0;
}

std::int64_t Counters::next_flaky() {
    const std::lock_guard lock(mutex_);
    return flaky_++;
}

void Counters::reset(base::TimePoint now) {
    const std::lock_guard lock(mutex_);
    since_ = now;
    requests_ = bytes_received_ = bytes_sent_ = once_repeats_ = flaky_ = 0;
    web_sockets_ = messages_ = pings_ = closes_ = failed_handshakes_ = 0;
    accepted_ = peak_ = open_;
    paths_.clear();
    statuses_.clear();
    refusals_.clear();
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
        order += (order.empty() ? "" : ",") + json_string(token);
    }
    return fmt::format(
        R"({{"requests":{},"paths":{},"status":{},"user_agents":{},"sources":{},"seconds":[{}],)"
        R"("connections":{{"accepted":{},"open":{},"peak":{},"failed_handshakes":{}}},)"
        R"("once":{{"tokens":{},"order":[{}],"repeats":{}}},"bytes_received":{},"bytes_sent":{},)"
        R"("refused":{},"web_sockets":{{"opened":{},"messages":{},"pings":{},"closed":{}}}}})",
        requests_, table_json(paths_), table_json(statuses_), table_json(agents_),
        table_json(sources_), seconds, accepted_, open_, peak_, failed_handshakes_, once_.size(),
        order, once_repeats_, bytes_received_, bytes_sent_, table_json(refusals_), web_sockets_,
        messages_, pings_, closes_);
}

}  // namespace boom::target
