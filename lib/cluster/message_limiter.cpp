#include "cluster/message_limiter.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::cluster {

bool MessageLimiter::take_place(base::TimePoint now) {
    if (window_began_ == base::TimePoint{} || now - window_began_ >= kWindow) {
        window_began_ = now;
        in_window_ = 0;
    }
    return ++in_window_ <= kMostInWindow;
}

std::optional<std::string> MessageLimiter::admit(const std::string& text, base::TimePoint now) {
    if (const auto known = said_.find(text); known != said_.end()) {
        ++known->second.held_back;
        return std::nullopt;
    }
    if (said_.size() >= kMostTexts || !take_place(now)) {
        ++left_out_;
        return std::nullopt;
    }
    said_.emplace(text, Said{now, 0});
    return text;
}

std::vector<std::string> MessageLimiter::due(base::TimePoint now) {
    std::vector<std::string> texts;
    for (auto one = said_.begin(); one != said_.end();) {
        if (now - one->second.at < kRepeatAfter) {
            ++one;
            continue;
        }
        const std::int64_t count = one->second.held_back;
        if (count > 0) {
            texts.push_back(fmt::format("{} ({} more {} in the last minute)", one->first, count,
                                        count == 1 ? "time" : "times"));
            one->second = {now, 0};
            ++one;
        } else {
            one = said_.erase(one);
        }
    }
    if (left_out_ > 0 && now - window_began_ >= kWindow) {
        const std::int64_t count = std::exchange(left_out_, 0);
        texts.push_back(fmt::format("{} other {} left out", count,
                                    count == 1 ? "message was" : "messages were"));
    }
    return texts;
}

}  // namespace boom::cluster
