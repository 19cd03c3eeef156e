#pragma once
// Counters, and the variables that users share, as one generator thread sees them. What is set is
// seen by its own users at once; the others get it in the one order that the control thread, or
// for the fleet the master, gives to all: so everybody ends with the same value. One thread, but
// for take() and give(), which belong to the control thread.

#include "base/spsc_ring.hpp"
#include "expr/function.hpp"
#include "user/fleet_counters.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::user {

struct SharedVariable {
    std::string name;
    expr::Value value;
    expr::SharedCalls::Reach reach = expr::SharedCalls::Reach::Worker;
    // Whose it was: a part of the run, a thread of it, and the how manieth that the thread set.
    std::uint32_t part = 0;
    std::uint32_t thread = 0;
    std::uint64_t number = 0;
};

// The value as it travels. Empty: no JSON.
[[nodiscard]] std::optional<expr::Value> shared_value(std::string_view json);

using UserCounters = std::map<std::string, std::int64_t, std::less<>>;

// What an evaluation has drawn, so that it draws the same when it is done again.
struct SharedDraws {
    std::vector<std::int64_t> counted;
    std::size_t set = 0;
};

class SharedVariables final : public expr::SharedCalls {
public:
    static constexpr std::size_t kMaxNames = 1'000;
    static constexpr std::size_t kMaxValueBytes = 64 << 10;

    SharedVariables(std::uint32_t part, std::uint32_t thread,
                    std::shared_ptr<FleetCounters> counters)
        : part_(part), thread_(thread), counters_(std::move(counters)) {}

    // The evaluation that follows is of that user; `before`: what it drew the last time, or null.
    void begin(std::unique_ptr<UserCounters>& counters, const SharedDraws* before) {
        user_counters_ = &counters;
        before_ = before;
        draws_.counted.clear();
        draws_.set = 0;
    }
    [[nodiscard]] const SharedDraws& draws() const { return draws_; }
    // Takes over what the control thread gave.
    void apply_given();

    std::optional<std::int64_t> count(expr::CallContext& context, Reach reach,
                                      std::string_view name) override;
    [[nodiscard]] const expr::Value* find(std::string_view name) const override;
    bool set(expr::CallContext& context, Reach reach, std::string_view name,
             const expr::Value& value) override;

    // Control thread.
    [[nodiscard]] std::optional<SharedVariable> take() { return set_.pop(); }
    [[nodiscard]] bool give(SharedVariable variable) { return given_.push(std::move(variable)); }

private:
    struct Entry {
        expr::Value value;
        std::uint64_t own = 0;  // set here and not yet come back; 0: none
    };

    std::uint32_t part_, thread_;
    std::shared_ptr<FleetCounters> counters_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::uint64_t number_ = 0;
    std::unique_ptr<UserCounters>* user_counters_ = nullptr;
    const SharedDraws* before_ = nullptr;
    SharedDraws draws_;
    base::SpscRing<SharedVariable, 1024> set_;
    base::SpscRing<SharedVariable, 1024> given_;
};

}  // namespace boom::user
