#pragma once
// Lets through what a worker has to say to people, without repeating itself and without a flood.
// Pure: times are given. One thread.

#include "base/units.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace boom::cluster {

class MessageLimiter {
public:
    // The text to pass on, or nothing: the same was said within the last minute, or too much was.
    [[nodiscard]] std::optional<std::string> admit(const std::string& text, base::TimePoint now);
    // What was held back and is due by now: "… (12 more times)", "… 7 other messages left out".
    [[nodiscard]] std::vector<std::string> due(base::TimePoint now);

    static constexpr base::Duration kRepeatAfter = std::chrono::minutes(1);
    static constexpr base::Duration kWindow = std::chrono::seconds(10);
    static constexpr int kMostInWindow = 10;
    static constexpr std::size_t kMostTexts = 100;  // that are remembered

private:
    struct Said {
        base::TimePoint at{};
        std::int64_t held_back = 0;
    };
    [[nodiscard]] bool take_place(base::TimePoint now);

    std::map<std::string, Said> said_;
    base::TimePoint window_began_{};
    int in_window_ = 0;
    std::int64_t left_out_ = 0;
};

}  // namespace boom::cluster
