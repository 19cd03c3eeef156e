#include "expr/csv.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using expr::CsvOptions;
using Texts = std::vector<std::string>;

namespace {

expr::CsvTable parse(std::string_view text, const CsvOptions& options = {}) {
    auto table = expr::parse_csv(text, options);
    if (const auto* error = std::get_if<expr::CompileError>(&table)) {
        FAIL(error->what);
    }
    return std::get<expr::CsvTable>(table);
}

std::string error_of(std::string_view text) {
    const auto table = expr::parse_csv(text, {});
    const auto* error = std::get_if<expr::CompileError>(&table);
    return error != nullptr ? error->what : "no error";
}

}  // namespace

TEST_CASE("Csv: line ends, byte order mark, quotes and empty lines", "[expr]") {
    const std::string text = GENERATE(as<std::string>(), "a,b\n1,x\n2,y\n", "a,b\r\n1,x\r\n2,y",
                                      "\xEF\xBB\xBF"
                                      "a,b\n1,x\n\n2,y\n\n",
                                      "\"a\",\"b\"\n\"1\",\"x\"\n2,\"y\"");
    const expr::CsvTable table = parse(text);
    CHECK(table.columns == Texts{"a", "b"});
    CHECK(table.cells == Texts{"1", "x", "2", "y"});
    CHECK(table.row_count() == 2);
}

TEST_CASE("Csv: quoted fields hold delimiters, quotes and line ends", "[expr]") {
    CHECK(parse("a\n\"x,\"\"y\"\"\r\nz\"\n").cells == Texts{"x,\"y\"\r\nz"});
    CHECK(parse("a,b\n,\n").cells == Texts{"", ""});
    CHECK(parse("a\n\"\"\n").cells == Texts{""});
}

TEST_CASE("Csv: delimiter, quote, header and names can be chosen", "[expr]") {
    CsvOptions options;
    options.delimiter = '\t';
    options.quote = '\'';
    CHECK(parse("a\tb\n'1\t2'\t\"\n", options).cells == Texts{"1\t2", "\""});
    options = {};
    options.columns = {"u", "p"};
    CHECK(parse("a,b\n1,2\n", options).cells == Texts{"1", "2"});
    options.header = CsvOptions::Header::Absent;
    const expr::CsvTable table = parse("a,b\n1,2\n", options);
    CHECK(table.columns == Texts{"u", "p"});
    CHECK(table.cells == Texts{"a", "b", "1", "2"});
}

TEST_CASE("Csv: errors name the line", "[expr]") {
    CHECK(error_of("") == "there are no columns");
    CHECK(error_of("a,b\n1,2\n3\n") == "line 3: 1 fields, not 2");
    CHECK(error_of("a\n\"x\ny\n") == "line 2: a quote is not closed");
    CHECK(error_of("a\n\"x\"y\n") == "line 2: text after a closing quote");
    CHECK(error_of("a,a\n1,2\n") == "two columns are named 'a'");
    CHECK(error_of("a\n\"1\n2\"\n3,4\n") == "line 4: 2 fields, not 1");
}

TEST_CASE("Csv: rows become maps of texts", "[expr]") {
    CHECK(expr::rows_of(parse("a,b\n1,x\n")).json() == R"([{"a":"1","b":"x"}])");
}

TEST_CASE("Csv: rows that are split when asked for are those of the table", "[expr]") {
    CsvOptions options;
    options.delimiter = ';';
    const base::Content text(
        "\xEF\xBB\xBF"
        "a;b\r\n1;\"x;\r\n\"\"y\"\r\n\r\n2;\r\n;z");
    const auto made = expr::CsvRows::make(text, options);
    const auto& rows = std::get<expr::CsvRows>(made);
    const expr::CsvTable table = parse(text.view(), options);
    REQUIRE(table.row_count() == 3);
    REQUIRE(rows.row_count() == 3);
    CHECK(rows.columns() == table.columns);
    Texts cells;
    for (const std::size_t row : {0U, 1U, 2U}) {
        Texts fields;
        rows.read(row, fields);
        cells.insert(cells.end(), fields.begin(), fields.end());
    }
    CHECK(cells == table.cells);
    const auto broken = expr::CsvRows::make(base::Content("a\n1;2\n"), options);
    CHECK(std::get<expr::CompileError>(broken).what == "line 2: 2 fields, not 1");
}

namespace {

// Fields of everything that a reader must get right; seldom plain.
std::string random_field(base::Rng& rng, const CsvOptions& options) {
    const std::string characters = std::string("abc\n\r \"'\xC3\xA4") + options.delimiter;
    std::string text;
    for (std::uint64_t left = rng.below(6); left > 0; --left) {
        text += characters[rng.below(characters.size())];
    }
    return text;
}

struct RandomFile {
    std::string text;
    Texts cells;
};

RandomFile random_file(base::Rng& rng, const CsvOptions& options, std::size_t rows) {
    RandomFile file;
    file.text = rng.below(2) == 0 ? "\xEF\xBB\xBF" : "";
    file.text += std::string("a") + options.delimiter + "b";
    for (std::size_t row = 0; row < rows; ++row) {
        file.text += rng.below(2) == 0 ? "\n" : "\r\n";
        file.text += rng.below(8) == 0 ? "\n" : "";
        for (const bool is_first : {true, false}) {
            const std::string field = random_field(rng, options);
            file.cells.push_back(field);
            file.text += is_first ? "" : std::string(1, options.delimiter);
            file.text += options.quote;
            for (const char c : field) {
                file.text += c == options.quote ? std::string(2, c) : std::string(1, c);
            }
            file.text += options.quote;
        }
    }
    file.text += rng.below(2) == 0 ? "\n" : "";
    return file;
}

base::Content mapped(const std::string& text) {
    base::ContentWriter writer(0);
    REQUIRE(writer.append(text));
    auto content = writer.finish();
    REQUIRE(content);
    CHECK(content->is_mapped());
    return std::move(*content);
}

}  // namespace

TEST_CASE("Csv: rows of random files in a mapping are those in memory", "[expr]") {
    const std::uint64_t seed = base::random_seed();
    INFO("seed " << seed);
    base::Rng rng(seed);
    constexpr std::size_t kMark = expr::CsvRows::kRowsPerMark;
    for (std::size_t rows = 0; rows < 4 * kMark; ++rows) {
        CsvOptions options;
        options.delimiter = rng.below(2) == 0 ? ',' : '\t';
        options.quote = rng.below(2) == 0 ? '"' : '\'';
        const RandomFile file = random_file(rng, options, rows);
        INFO("file " << file.text);
        const expr::CsvTable table = parse(file.text, options);
        CHECK(table.cells == file.cells);
        const auto made = expr::CsvRows::make(mapped(file.text), options);
        const auto& large = std::get<expr::CsvRows>(made);
        REQUIRE(large.row_count() == rows);
        Texts fields;  // of rows in any order
        for (std::size_t i = 0; i < rows; ++i) {
            const std::size_t row = (i * 7 + 3) % rows;
            large.read(row, fields);
            CHECK(fields == Texts{table.cells[2 * row], table.cells[2 * row + 1]});
        }
    }
}

TEST_CASE("Csv: a mapping reads to its last byte, at the end of a page as well", "[expr]") {
    constexpr std::size_t kPage = 4096;
    for (std::size_t size = kPage - 3; size <= kPage + 3; ++size) {
        for (const std::string end : {"x", "\"x\"", "x\n", "x\r\n", "x\r"}) {
            const std::string text = "a\n" + std::string(size - 3 - end.size(), 'p') + "\n" + end;
            const auto made = expr::CsvRows::make(mapped(text), {});
            const auto& rows = std::get<expr::CsvRows>(made);
            REQUIRE(rows.row_count() == 2);
            Texts fields;
            rows.read(1, fields);
            CHECK(fields == Texts{"x"});
        }
    }
}
