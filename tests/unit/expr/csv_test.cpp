#include "expr/csv.hpp"

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
    const auto text = std::make_shared<const std::string>(
        "\xEF\xBB\xBF"
        "a;b\r\n1;\"x;\r\n\"\"y\"\r\n\r\n2;\r\n;z");
    const auto made = expr::CsvRows::make(text, options);
    const auto& rows = std::get<expr::CsvRows>(made);
    const expr::CsvTable table = parse(*text, options);
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
    const auto broken =
        expr::CsvRows::make(std::make_shared<const std::string>("a\n1;2\n"), options);
    CHECK(std::get<expr::CompileError>(broken).what == "line 2: 2 fields, not 1");
}
