#include "load/worker_choice.hpp"

#include "load/profile.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using load::WorkerChoice;

TEST_CASE("WorkerChoice: what is read is printed the same", "[load]") {
    const auto [text, printed] = GENERATE(table<std::string, std::string>({
        {"auto", "auto"},
        {"", "auto"},
        {" only=w1, w2 ", "only=w1,w2"},
        {"ratio=w1:0.7,w2:0.3", "ratio=w1:0.7,w2:0.3"},
        {"ratio=host:1:1", "ratio=host:1:1"},
    }));
    const auto choice = load::parse_worker_choice(text);
    CAPTURE(text);
    REQUIRE(std::holds_alternative<WorkerChoice>(choice));
    CHECK(load::format_worker_choice(std::get<WorkerChoice>(choice)) == printed);
}

TEST_CASE("WorkerChoice: mistakes are named", "[load]") {
    const auto [text, words] = GENERATE(table<std::string, std::string>({
        {"some", "must be auto"},
        {"only=", "must be auto"},
        {"only=a,,b", "must be auto"},
        {"only=a,a", "twice"},
        {"ratio=a:0.5,b:0.4", "must sum to 1, not to 0.9"},
        {"ratio=a:1.5,b:-0.5", "must be auto"},
        {"ratio=a", "must be auto"},
        {"ratio=a;b:1", "must be auto"},
    }));
    const auto choice = load::parse_worker_choice(text);
    CAPTURE(text);
    REQUIRE(std::holds_alternative<std::string>(choice));
    CHECK(std::get<std::string>(choice).find(words) != std::string::npos);
}

TEST_CASE("WorkerChoice: a profile and its scenarios carry it over the wire", "[load]") {
    load::Profile profile;
    const std::vector<load::Setting> given = {
        {"workers", "only=w1"},
        {"room", "a"},
        {"scenario", "case=x;users=2;workers=ratio=w1:0.5,w2:0.5"}};
    REQUIRE(load::apply(profile, given).empty());
    CHECK(profile.workers.parts.size() == 1);
    CHECK(profile.scenarios[0].workers.kind == WorkerChoice::Kind::Ratio);
    load::Profile copy;
    REQUIRE(load::apply(copy, load::settings(profile, load::Which::Changed)).empty());
    CHECK(copy == profile);
}
