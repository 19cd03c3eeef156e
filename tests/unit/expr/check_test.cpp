#include "expr/check.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <tuple>

namespace boom::expr {
namespace {

using test::json;
using test::Variables;

const Variables& variables() {
    static const Variables all({{"id", Value(7)}, {"pattern", Value("^o.*k$")}});
    return all;
}

std::variant<Check, CompileError> make(std::string_view subject, std::string_view comparator,
                                       std::string_view expected, std::string message = "") {
    return Check::make(
        std::get<Query>(Query::compile(subject, variables().resolver())),
        find_comparator(comparator).value(),
        std::get<ValueTemplate>(ValueTemplate::compile(json(expected), variables().resolver())),
        std::move(message));
}

const std::string& body() {
    static const std::string text =
        R"({"x":1,"s":"ok","long":")" + std::string(100, 'y') + R"(","list":[1,2]})";
    return text;
}

std::string run(const Check& check) {
    ResponseReader reader;
    reader.reset({.status_code = 503,
                  .proto = "HTTP/1.1",
                  .headers = {},
                  .cookies = {},
                  .body = body(),
                  .elapsed = std::chrono::milliseconds(12)});
    CallContext context;
    return check.failure(reader, variables().slots(), context).value_or("holds");
}

TEST_CASE("Check: a failure says what was claimed and what was found", "[expr]") {
    const auto [subject, comparator, expected, text] =
        GENERATE(table<std::string, std::string, std::string, std::string>({
            {"status_code", "eq", "503", "holds"},
            {"status_code", "eq", "200", "status_code equals 200: got 503"},
            {"status_code", "lt", "400", "status_code less_than 400: got 503"},
            {"body.x", "equal", "1", "holds"},
            {"body.x", "eq", "\"1\"", "body.x equals \"1\": got 1"},
            {"body.y", "eq", "1", "body.y equals 1: got null"},
            {"body.s", "regex_match", "\"^o\"", "holds"},
            {"body.s", "regex_match", "\"^x\"", "body.s regex_match \"^x\": got \"ok\""},
            {"body.s", "not_regex_match", "\"^x\"", "holds"},
            {"status_code", "regex_match", "\"^5\"", "holds"},
            {"body.s", "regex_match", "\"$pattern\"", "holds"},
            {"body.list", "len_gt", "2", "body.list length_greater_than 2: got [1,2]"},
            {"body.s", "gt", "1",
             "body.s greater_than 1: got \"ok\", string and number cannot be compared so"},
            // What differs with every request is not in the text that failures are counted by.
            {"elapsed", "lt", "5", "elapsed less_than 5: got another number"},
            {"body.x", "eq", "\"$id\"", "body.x equals $id: got another number"},
            {"body.q", "eq", "\"$id\"", "body.q equals $id: got null"},
            {"abs(body.s)", "eq", "1",
             "abs(body.s) equals 1: invalid-type: argument 1 of abs() must be number, not string"},
        }));
    INFO(subject << " " << comparator << " " << expected);
    const auto check = make(subject, comparator, expected);
    REQUIRE(std::holds_alternative<Check>(check));
    CHECK(run(std::get<Check>(check)) == text);
}

TEST_CASE("Check: the user's message comes first and long values are cut", "[expr]") {
    CHECK(run(std::get<Check>(make("status_code", "eq", "200", "must work"))) ==
          "must work: status_code equals 200: got 503");
    const std::string text = run(std::get<Check>(make("body.long", "eq", "1")));
    CHECK(text == "body.long equals 1: got \"" + std::string(59, 'y') + "…");
}

TEST_CASE("Check: an expectation that can never be met is refused when made", "[expr]") {
    const auto [comparator, expected, error] =
        GENERATE(table<std::string, std::string, std::string>({
            {"regex_match", "\"(\"", "bad regular expression '('"},
            {"regex_match", "1", "regex_match needs a text, not 1"},
            {"len_eq", "\"2\"", "length_equals needs a number, not \"2\""},
            {"startswith", "2", "startswith needs a text, not 2"},
        }));
    const auto check = make("body.s", comparator, expected);
    REQUIRE(std::holds_alternative<CompileError>(check));
    CHECK(std::get<CompileError>(check).what.starts_with(error));
}

TEST_CASE("Check: without make() it decides the same", "[expr]") {
    Check check;
    check.subject = std::get<Query>(Query::compile("body.s", variables().resolver()));
    check.comparator = Comparator::RegexMatch;
    check.expected =
        std::get<ValueTemplate>(ValueTemplate::compile(Value("^o"), variables().resolver()));
    CHECK(run(check) == "holds");
    check.comparator = Comparator::NotRegexMatch;
    CHECK(run(check) == "body.s not_regex_match \"^o\": got \"ok\"");
}

}  // namespace
}  // namespace boom::expr
