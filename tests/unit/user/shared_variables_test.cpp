#include "user/shared_variables.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <thread>

namespace boom::user {
namespace {

using Reach = expr::SharedCalls::Reach;

struct Thread {
    Thread(std::uint32_t part, std::uint32_t thread, std::shared_ptr<FleetCounters> numbers)
        : shared(part, thread, std::move(numbers)) {
        shared.begin(counters, nullptr);
    }
    std::int64_t count(Reach reach, std::string_view name) {
        return shared.count(context, reach, name).value_or(-1);
    }
    std::string value(std::string_view name) const {
        const expr::Value* found = shared.find(name);
        return found != nullptr ? found->json() : "none";
    }
    void set(const char* name, int value) {
        REQUIRE(shared.set(context, Reach::Worker, name, expr::Value(value)));
    }

    SharedVariables shared;
    std::unique_ptr<UserCounters> counters;
    expr::CallContext context;
};

TEST_CASE("FleetCounters: threads and parts never get the same number", "[user]") {
    constexpr int kEach = 20'000;
    FleetCounters first(1);
    FleetCounters second(2);
    std::vector<std::vector<std::int64_t>> numbers(4);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < numbers.size(); ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < kEach; ++i) {
                    numbers[t].push_back((t < 2 ? first : second).next("a").value_or(-1));
                }
            });
        }
    }
    std::set<std::int64_t> all;
    for (const auto& some : numbers) {
        CHECK(std::is_sorted(some.begin(), some.end()));
        all.insert(some.begin(), some.end());
    }
    CHECK(all.size() == numbers.size() * kEach);
    CHECK(*all.begin() == 1);
    CHECK(all.contains(2 * kEach));
    CHECK(all.contains(FleetCounters::kRange + 1));
}

TEST_CASE("FleetCounters: every name counts by itself, up to a number of names", "[user]") {
    FleetCounters counters(1);
    CHECK(counters.next("a") == 1);
    CHECK(counters.next("b") == 1);
    CHECK(counters.next("a") == 2);
    for (std::size_t i = 2; i < FleetCounters::kMaxNames; ++i) {
        CHECK(counters.next(std::to_string(i)) == 1);
    }
    CHECK_FALSE(counters.next("one more"));
    CHECK(counters.next("a") == 3);
}

TEST_CASE("SharedVariables: a counter of a user counts for that user alone", "[user]") {
    Thread thread(1, 0, std::make_shared<FleetCounters>(1));
    std::unique_ptr<UserCounters> other;
    CHECK(thread.count(Reach::User, "n") == 1);
    CHECK(thread.count(Reach::User, "n") == 2);
    CHECK(thread.count(Reach::User, "m") == 1);
    thread.shared.begin(other, nullptr);
    CHECK(thread.count(Reach::User, "n") == 1);
}

TEST_CASE("SharedVariables: an evaluation that is done again draws the same", "[user]") {
    Thread thread(1, 0, std::make_shared<FleetCounters>(1));
    CHECK(thread.count(Reach::User, "n") == 1);
    CHECK(thread.count(Reach::Fleet, "n") == 1);
    thread.set("a", 1);
    const SharedDraws before = thread.shared.draws();
    thread.shared.begin(thread.counters, &before);
    CHECK(thread.count(Reach::User, "n") == 1);
    CHECK(thread.count(Reach::Fleet, "n") == 1);
    thread.set("a", 1);
    CHECK(thread.count(Reach::User, "n") == 2);
    CHECK(thread.count(Reach::Fleet, "n") == 2);
    CHECK(thread.shared.take());
    CHECK_FALSE(thread.shared.take());  // set once
}

TEST_CASE("SharedVariables: whatever the order, all end with the same value", "[user]") {
    const auto counters = std::make_shared<FleetCounters>(1);
    Thread a(1, 0, counters);
    Thread b(1, 1, counters);
    CHECK(a.value("x") == "none");
    a.set("x", 1);
    b.set("x", 2);
    a.set("x", 3);
    CHECK(a.value("x") == "3");
    CHECK(b.value("x") == "2");
    // The control thread sees a's first, then b's, then a's second.
    const auto a1 = a.shared.take();
    const auto b1 = b.shared.take();
    const auto a2 = a.shared.take();
    REQUIRE((a1 && b1 && a2));
    std::string seen;
    for (const SharedVariable& next : {*a1, *b1, *a2}) {
        REQUIRE(a.shared.give(next));
        REQUIRE(b.shared.give(next));
        a.shared.apply_given();
        b.shared.apply_given();
        seen += a.value("x") + b.value("x") + " ";
    }
    CHECK(seen == "32 32 33 ");  // nobody's own value goes back
}

TEST_CASE("SharedVariables: too much is refused by name", "[user]") {
    Thread thread(1, 0, std::make_shared<FleetCounters>(1));
    const std::string large(SharedVariables::kMaxValueBytes + 1, 'x');
    CHECK_FALSE(thread.shared.set(thread.context, Reach::Worker, "a", expr::Value(large)));
    CHECK(thread.context.error.find("at most 1000 names") != std::string::npos);
    CHECK(thread.value("a") == "none");
}

}  // namespace
}  // namespace boom::user
