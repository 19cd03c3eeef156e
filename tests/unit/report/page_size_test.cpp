#include "report/files.hpp"
#include "unit/report/hour.hpp"

#include <catch2/catch.hpp>

namespace boom::report {
namespace {

TEST_CASE("Page: an hour of 200 steps on 20 boxes stays below 3 MB", "[report]") {
    const Result result = test::make_hour();
    const std::string html = to_html(result);
    constexpr std::size_t kMost = 3'000'000;
    CHECK(html.size() < kMost);
    CHECK(html.size() > kMost / 10);  // it is all there
    CHECK(html.find("a step with a name of usual length 199") != std::string::npos);
}

}  // namespace
}  // namespace boom::report
