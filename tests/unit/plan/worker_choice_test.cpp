// The choice of workers in profiles and cases.
#include "base/error.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace boom;

TEST_CASE("Profile file: workers are chosen as a word, a list, by only or by ratio", "[plan]") {
    const auto [written, expected] = GENERATE(table<std::string, std::string>({
        {"auto", "auto"},
        {"[w1, w2]", "only=w1,w2"},
        {"{only: w1}", "only=w1"},
        {"{ratio: {w1: 0.7, w2: 0.3}}", "ratio=w1:0.7,w2:0.3"},
    }));
    const auto path =
        std::filesystem::temp_directory_path() / fmt::format("boom-profile-{}.yml", ::getpid());
    std::ofstream(path) << "workers: " << written
                        << "\nscenarios: [{case: a, users: 2, workers: " << written << "}]\n";
    const plan::ProfileFile file = plan::load_profile_file(path.string());
    std::filesystem::remove(path);
    REQUIRE(file.settings.size() == 2);
    CHECK(file.settings[0].key == "workers");
    CHECK(file.settings[0].text == expected);
    CHECK(file.settings[1].text == fmt::format("case=a;users=2;workers={}", expected));
}

TEST_CASE("Case: config.workers says who carries it, mistakes have a place", "[plan]") {
    const std::string steps = "teststeps: [{request: {method: GET, url: 'http://h/'}}]";
    const plan::Plan plan =
        compile_text("config: {workers: {ratio: {w1: 0.5, w2: 0.5}}}\n" + steps);
    CHECK(load::format_worker_choice(plan.cases[0].workers) == "ratio=w1:0.5,w2:0.5");
    const auto [written, words] = GENERATE(table<std::string, std::string>({
        {"{ratio: {w1: 0.5}}", "must sum to 1"},
        {"{most: w1}", "{only: …} or {ratio: {…}}"},
        {"none", "must be auto"},
    }));
    try {
        (void)compile_text(fmt::format("config:\n  workers: {}\n{}", written, steps));
        FAIL("taken: " << written);
    } catch (const base::ConfigError& error) {
        CAPTURE(std::string(error.what()));
        CHECK(std::string(error.what()).find("case.yml:2:") != std::string::npos);
        CHECK(std::string(error.what()).find(words) != std::string::npos);
    }
}
