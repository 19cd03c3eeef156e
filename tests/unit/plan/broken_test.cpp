#include "plan/plan.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace boom;

namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    REQUIRE(file.is_open());
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("Plan: every broken case gives its golden messages", "[plan]") {
    const std::filesystem::path folder = std::filesystem::path(BOOM_TEST_DATA) / "plan/broken";
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".txt") {
            continue;
        }
        ++count;
        const std::string name = entry.path().filename().string();
        INFO(name);
        std::string message = "no mistake found";
        try {
            static_cast<void>(
                plan::compile({{name}, {{name, content_of(entry.path())}}}, load::Profile{}));
        } catch (const base::ConfigError& error) {
            message = error.what();
        }
        const auto golden = std::filesystem::path(entry.path()).replace_extension(".txt");
        CHECK(message + "\n" == content_of(golden));
    }
    CHECK(count >= 26);
}
