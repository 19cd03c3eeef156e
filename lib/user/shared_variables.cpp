#include "user/shared_variables.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::user {

std::optional<expr::Value> shared_value(std::string_view json) {
    return expr::parse_json(json);
}

std::optional<std::int64_t> SharedVariables::count(expr::CallContext& context, Reach reach,
                                                   std::string_view name) {
    BOOM_ASSERT(user_counters_ != nullptr);
    const std::size_t nth = draws_.counted.size();
    if (before_ != nullptr && nth < before_->counted.size()) {
        draws_.counted.push_back(before_->counted[nth]);
        return draws_.counted.back();
    }
    std::optional<std::int64_t> number;
    if (reach == Reach::Fleet) {
        number = counters_->next(name);
    } else {
        std::unique_ptr<UserCounters>& counters = *user_counters_;
        counters = counters == nullptr ? std::make_unique<UserCounters>() : std::move(counters);
        auto found = counters->find(name);
        if (found == counters->end() && counters->size() < kMaxNames) {
            found = counters->emplace(name, 0).first;
        }
        number = found != counters->end() ? std::optional(++found->second) : std::nullopt;
    }
    if (!number) {
        context.error = fmt::format("counter '{}': too many counters, or its numbers are used up",
                                    base::shorten(name, 40));
        return std::nullopt;
    }
    draws_.counted.push_back(*number);
    return number;
}

const expr::Value* SharedVariables::find(std::string_view name) const {
    const auto found = entries_.find(name);
    return found != entries_.end() ? &found->second.value : nullptr;
}

bool SharedVariables::set(expr::CallContext& context, Reach reach, std::string_view name,
                          const expr::Value& value) {
    ++draws_.set;
    if (before_ != nullptr && draws_.set <= before_->set) {
        return true;  // done the last time
    }
    auto found = entries_.find(name);
    if ((found == entries_.end() && entries_.size() >= kMaxNames) ||
        value.json().size() > kMaxValueBytes || name.size() > kMaxValueBytes) {
        context.error = fmt::format("set_shared(): at most {} names, and {} bytes for a value",
                                    kMaxNames, kMaxValueBytes);
        return false;
    }
    if (!set_.push({std::string(name), value, reach, part_, thread_, number_ + 1})) {
        context.error = "set_shared(): called too often";
        return false;
    }
    found = found != entries_.end() ? found : entries_.emplace(std::string(name), Entry{}).first;
    found->second = {value, ++number_};
    return true;
}

void SharedVariables::apply_given() {
    while (auto given = given_.pop()) {
        Entry& entry = entries_[given->name];
        if (given->part == part_ && given->thread == thread_ && given->number == entry.own) {
            entry.own = 0;
        }
        // What was set here is still on its way: it comes after this in the order of all.
        if (entry.own == 0) {
            entry.value = std::move(given->value);
        }
    }
}

}  // namespace boom::user
