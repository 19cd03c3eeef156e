#include "expr/query.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

namespace boom::expr {
namespace {

using test::Variables;
using Kind = Query::Compiled::Kind;

const Variables& variables() {
    static const Variables all({{"a", Value("AAA")}});
    return all;
}

std::string compile_error(std::string_view text) {
    const auto result = Query::compile(text, variables().resolver());
    const auto* error = std::get_if<CompileError>(&result);
    return error == nullptr ? "none" : error->what;
}

Query compile(std::string_view text) {
    auto result = Query::compile(text, variables().resolver());
    INFO(text);
    REQUIRE(std::holds_alternative<Query>(result));
    return std::get<Query>(std::move(result));
}

TEST_CASE("Query: hyphenated names are quoted as in the reference", "[expr]") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"a.b.c", "a.b.c"},
        {"a.\"b-c\".d", "a.\"b-c\".d"},
        {"a.b-c.d", "a.b-c.d"},
        {"body.args.a[-1]", "body.args.a[-1]"},
        {"covering (.*) testing,", "covering (.*) testing,"},
        {"headers.Content-Type", "headers.\"Content-Type\""},
        {"headers.\"Content-Type\"", "headers.\"Content-Type\""},
        {"headers.Content-Type\"", "headers.\"Content-Type\""},
        {"headers.User-Agent", "headers.\"User-Agent\""},
        {"headers.X-Request-Id", "headers.\"X-Request-Id\""},
        {"cookies.session-id", "cookies.\"session-id\""},
        {"headers.Server", "headers.Server"},
        {"body.headers.X-Id | [0]", "body.headers.\"X-Id\" | [0]"},
        {"body.content-length", "body.\"content-length\""},
        {"body.x == 'headers.a-b'", "body.x == 'headers.a-b'"},
        {"[headers.A-B, `\"headers.c-d\"`]", "[headers.\"A-B\", `\"headers.c-d\"`]"},
    }));
    CHECK(quote_hyphenated_names(text) == expected);
}

TEST_CASE("Query: each text becomes the cheapest form that can answer it", "[expr]") {
    const auto [text, kind] = GENERATE(table<std::string, Kind>({
        {"status_code", Kind::Status},
        {" status_code ", Kind::Status},
        {"proto", Kind::Proto},
        {"elapsed", Kind::Elapsed},
        {"headers.Content-Type", Kind::Header},
        {"headers.\"x-y\"", Kind::Header},
        {"cookies.session", Kind::Cookie},
        {"body", Kind::Body},
        {"body.a[0].\"b c\"", Kind::BodyChain},
        {"body[0]", Kind::BodyChain},
        {"headers", Kind::Path},
        {"body.a[*].b", Kind::Path},
        {"length(body.items)", Kind::Path},
        {"[status_code, proto]", Kind::Path},
        {"@", Kind::Path},
        {"body.a || 'none'", Kind::Path},
        {"covering (.*) testing,", Kind::Regex},
        {"body (.*) end", Kind::Regex},
        {"id=(a|b)", Kind::Regex},
        {"\"token\":\"(\\w+)\"", Kind::Regex},
        {"$a", Kind::Text},
        {"body.$a", Kind::Text},
        {"${upper(x)}", Kind::Text},
        {"total \\$(\\d+)", Kind::Regex},
    }));
    INFO(text);
    CHECK(compile(text).compiled().kind == kind);
    CHECK(compile(text).source() == text);
}

TEST_CASE("Query: mistakes are found when compiled, with a hint", "[expr]") {
    CHECK(
        compile_error("foo").starts_with("'foo' is no part of a response; a query starts with "
                                         "status_code, headers, cookies, body, proto"));
    CHECK(compile_error("status_cod").find("did you mean 'status_code'?") != std::string::npos);
    CHECK(compile_error("body.a || boddy.b").find("did you mean 'body'?") != std::string::npos);
    CHECK(compile_error("elapsed.response_time_ms") ==
          "'elapsed' is one value, nothing is below it");
    CHECK(compile_error("status_code.x").starts_with("'status_code' is one value"));
    CHECK(compile_error("body.a[").starts_with("syntax: expected an index"));
    CHECK(compile_error("body.foo-bar").find("a name with a hyphen needs quotes") !=
          std::string::npos);
    CHECK(compile_error("contains(body.x 'y')").starts_with("syntax: "));
    CHECK(compile_error("lenght(body.x)") == "unknown-function: lenght(), did you mean 'length'?");
    CHECK(compile_error("hello world").find("a query starts with") != std::string::npos);
    CHECK(compile_error("").find("a query starts with") != std::string::npos);
    CHECK(compile_error("token=([a-z+").starts_with("syntax: "));
    CHECK(compile_error("token=(.*)[").starts_with("bad regular expression"));
    CHECK(compile_error("x(?:.*)y") ==
          "the regular expression has no group to take the value from");
    CHECK(compile_error("$nobody") == "variable 'nobody' is not defined");
    CHECK(compile_error("${nofunction(1)}").starts_with("function 'nofunction' is not defined"));
}

TEST_CASE("Query: knows which parts of a response it looks at", "[expr]") {
    const auto [text, status, body, headers] = GENERATE(table<std::string, bool, bool, bool>({
        {"status_code", true, false, false},
        {"body.a", false, true, false},
        {"headers.A", false, false, true},
        {"cookies.a", false, false, true},
        {"elapsed", false, false, false},
        {"[status_code, length(body)]", true, true, false},
        {"@", true, true, true},
        {"x(.*)", false, true, false},
        {"$a", false, false, false},
        {"'text'", false, false, false},
    }));
    INFO(text);
    const Query query = compile(text);
    CHECK(query.looks_at_status() == status);
    CHECK(query.looks_at_body() == body);
    CHECK(query.looks_at_headers() == headers);
}

}  // namespace
}  // namespace boom::expr
