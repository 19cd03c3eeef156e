#include "support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace boom;

namespace {

// Above it the rows of a file stay text until they are taken (parameter_rows.cpp).
constexpr std::size_t kMaxParsedBytes = std::size_t{8} << 20U;
constexpr std::int64_t kRows = 120'000;

// What a reader must see in the second column of row `n`, from 0.
std::string text_of(std::int64_t n) {
    const std::string padding(static_cast<std::size_t>(60 + n % 40), 'p');
    return n % 7 == 0    ? fmt::format("first {}\r\nsecond, \"line\"\n{}", n, padding)
           : n % 11 == 0 ? std::string()
                         : fmt::format("text {}{}", n, padding);
}

// Half of the lines end with CRLF; some are empty.
std::string csv_of(std::int64_t rows) {
    std::string csv = "\xEF\xBB\xBFid,text\n";
    for (std::int64_t n = 0; n < rows; ++n) {
        std::string quoted;
        for (const char c : text_of(n)) {
            quoted += c == '"' ? "\"\"" : std::string(1, c);
        }
        csv += fmt::format("{},{}{}", n, n % 7 == 0 ? '"' + quoted + '"' : quoted,
                           n % 2 == 0 ? "\r\n" : "\n");
        csv += n % 1000 == 999 ? "\n" : "";
    }
    return csv;
}

plan::ParameterSource source_of(const std::string& csv, const std::string& settings = {}) {
    const plan::Bundle bundle{
        {"case.yml"},
        {{"case.yml",
          "config:\n  base_url: http://h\n  parameters: {text-id: '${P(rows.csv)}"
          "'}\n" +
              settings + "teststeps: [{request: {url: /$id}}]"},
         {"rows.csv", csv},
         {"(references)", "case.yml\trows.csv\trows.csv\t\n"}}};
    return plan::compile(bundle, {}).cases.at(0).parameters.sources.at(0);
}

// "id text" of a row, read as a user of the load reads it.
std::string row_of(const plan::ParameterSource& source, std::int64_t row) {
    std::vector<expr::Value> slots(64);
    source.copy_row(row, slots);
    return slots[static_cast<std::size_t>(source.slots.at(1))].text() + ' ' +
           slots[static_cast<std::size_t>(source.slots.at(0))].text();
}

}  // namespace

TEST_CASE("Parameters: a file above the budget gives the rows of a small one", "[plan]") {
    const std::string csv = csv_of(kRows);
    REQUIRE(csv.size() > kMaxParsedBytes);
    const plan::ParameterSource large = source_of(csv);
    REQUIRE(large.large != nullptr);
    CHECK(large.cells.empty());
    REQUIRE(large.row_count() == kRows);
    for (std::int64_t n = 0; n < kRows; ++n) {
        if (row_of(large, n) != fmt::format("{} {}", n, text_of(n))) {
            FAIL("row " << n << ": " << row_of(large, n));
        }
    }

    constexpr std::int64_t kFew = 5000;
    const plan::ParameterSource small = source_of(csv_of(kFew));
    REQUIRE(small.large == nullptr);
    REQUIRE(small.row_count() == kFew);
    for (std::int64_t n = 0; n < kFew; ++n) {
        if (row_of(small, n) != row_of(large, n)) {
            FAIL("row " << n << ": " << row_of(small, n));
        }
    }
}

TEST_CASE("Parameters: limits and mistakes of a large file are those of a small one", "[plan]") {
    std::string csv = csv_of(kRows);
    const plan::ParameterSource limited =
        source_of(csv, "  parameters_setting: {strategies: {text-id: {limit: 3}}}\n");
    CHECK(limited.row_count() == 3);
    const auto mistake = [](const std::string& text) {
        try {
            static_cast<void>(source_of(text));
        } catch (const base::ConfigError& error) {
            return std::string(error.what());
        }
        return std::string("no mistake");
    };
    const auto lines = std::count(csv.begin(), csv.end(), '\n');
    CHECK_THAT(mistake(csv + "1,2,3\n"),
               Catch::Contains(fmt::format("rows.csv: line {}: 3 fields, not 2", lines + 1)));
    csv.replace(csv.find("id,text"), 7, "id,test");
    CHECK_THAT(mistake(csv), Catch::Contains("rows.csv has no column 'text'"));
}
