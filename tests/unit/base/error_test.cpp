#include "base/error.hpp"

#include "base/suggest.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace boom::base;

TEST_CASE("ConfigError: all mistakes are told, each with place and hint", "[base]") {
    const ConfigError error(std::vector<Mistake>{
        {{"case.yml", 3, 7}, "unknown key 'ur'", "did you mean 'url'?", ExitCode::BadInput},
        {{"--spawn-count"}, "must be a number", "", ExitCode::BadInput}});
    CHECK(std::string(error.what()) ==
          "case.yml:3:7: unknown key 'ur' (did you mean 'url'?)\n--spawn-count: must be a number");
    CHECK(error.code() == ExitCode::BadInput);
}

TEST_CASE("Suggest: only a near name is suggested", "[base]") {
    constexpr std::array<std::string_view, 4> kKnown{"spawn-count", "spawn-rate", "run-time",
                                                     "url"};
    CHECK(nearest_name("spwan-count", kKnown) == "spawn-count");
    CHECK(nearest_name("ur", kKnown) == "url");
    CHECK(nearest_name("something-else", kKnown).empty());
    CHECK(did_you_mean("run_time", kKnown) == "did you mean 'run-time'?");
    CHECK(did_you_mean("zzzzzz", kKnown).empty());
}

TEST_CASE("Suggest: swapped letters are one mistake, the same letters win", "[base]") {
    constexpr std::array<std::string_view, 4> kKnown{"md5", "max", "min", "env"};
    CHECK(nearest_name("mni", kKnown) == "min");
    CHECK(nearest_name("mxa", kKnown) == "max");
    CHECK(nearest_name("d5m", kKnown) == "md5");
    CHECK(nearest_name("evn", kKnown) == "env");
}
