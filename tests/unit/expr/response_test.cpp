#include "expr/response.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <string>
#include <tuple>

namespace boom::expr {
namespace {

using test::json;
using test::Variables;

constexpr std::array kHeaders{NameValue{"content-type", "application/json"},
                              NameValue{"X-Request-ID", "r1"}, NameValue{"x-request-id", "r2"}};
constexpr std::array kCookies{NameValue{"session", "s1"}, NameValue{"session", "s2"}};

const Variables& variables() {
    static const Variables all({{"id", Value(7)}, {"path", Value("body.a")}});
    return all;
}

ResponseView view(std::string_view body) {
    return {.status_code = 200,
            .proto = "HTTP/1.1",
            .headers = kHeaders,
            .cookies = kCookies,
            .body = body,
            .elapsed = std::chrono::microseconds(1500)};
}

std::string search(ResponseReader& reader, std::string_view text) {
    const auto query = Query::compile(text, variables().resolver());
    if (const auto* error = std::get_if<CompileError>(&query)) {
        return "refused: " + error->what;
    }
    CallContext context;
    const auto value = reader.search(std::get<Query>(query), variables().slots(), context);
    return value ? value->json() : "error: " + context.error;
}

std::string search(std::string_view body, std::string_view text) {
    ResponseReader reader;
    reader.reset(view(body));
    return search(reader, text);
}

TEST_CASE("ResponseReader: every member of a response is found", "[expr]") {
    const std::string body =
        R"({"a":{"b":[1,{"c":"x"}]},"n":12.0,"id":9007199254740993,"big":18446744073709551615,)"
        R"("huge":123456789012345678901234567890,"e":1e5,"t":true,"z":null,"":"empty",)"
        R"("items":[{"p":1,"q":"u"},{"p":2,"q":"v"}]})";
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"status_code", "200"},
        {"proto", "\"HTTP/1.1\""},
        {"elapsed", "1.5"},
        {"headers.Content-Type", "\"application/json\""},
        {"headers.\"CONTENT-TYPE\"", "\"application/json\""},
        {"headers.X-Request-Id", "\"r1\""},
        {"headers.Nope", "null"},
        {"headers", R"({"Content-Type":"application/json","X-Request-Id":"r1"})"},
        {"length(headers)", "2"},
        {"cookies.session", "\"s2\""},
        {"cookies.nope", "null"},
        {"cookies", R"({"session":"s2"})"},
        {"body.a.b[1].c", "\"x\""},
        {"body.a.b[-2]", "1"},
        {"body.a.b[-3]", "null"},
        {"body.a.b[2]", "null"},
        {"body.a.b.c", "null"},
        {"body.a[0]", "null"},
        {"body.a", R"({"b":[1,{"c":"x"}]})"},
        {"body.nope.b", "null"},
        {"body.n", "12.0"},
        {"body.id", "9007199254740993"},
        {"body.big", "18446744073709551615"},
        {"body.huge", "123456789012345678901234567890"},
        {"body.e", "100000.0"},
        {"body.t", "true"},
        {"body.z", "null"},
        {"body.\"\"", "\"empty\""},
        {"body.items[?p > `1`].q | [0]", "\"v\""},
        {"length(body.items)", "2"},
        {"sum(body.items[*].p)", "3"},
        {"{code: status_code, first: body.items[0].p}", R"({"code":200,"first":1})"},
        {"\"q\":\"(\\w)\"", "\"u\""},
        {"nothing(.*)here", "null"},
        {"$id", "7"},
        {"$path", "\"body.a\""},
        {"x$id", "\"x7\""},
        {"abs(body.t)", "error: invalid-type: argument 1 of abs() must be number, not boolean"},
    }));
    INFO(text);
    CHECK(search(body, text) == expected);
}

TEST_CASE("ResponseReader: a chain finds what the general search finds", "[expr]") {
    // With and without the integer that makes the fast parser give up.
    const std::string more = GENERATE(as<std::string>(), "", R"(,"h":123456789012345678901)");
    const std::string body =
        R"({"a":[{"b":1.50},[2,[3]],"é\n",-5],"r":1,"r":{"x":2},"":0)" + more + "}";
    const std::string chain = GENERATE(as<std::string>(), "body", "body.a", "body.a[0].b",
                                       "body.a[1][1][0]", "body.a[2]", "body.a[-1]", "body.a[4]",
                                       "body.a[-5]", "body.r", "body.r.x", "body.\"\"", "body.q");
    INFO(body << " " << chain);
    CHECK(search(body, chain) == search(body, chain + " | @"));
}

TEST_CASE("ResponseReader: any JSON value is a body, anything else is a text", "[expr]") {
    const auto [body, expected] = GENERATE(table<std::string, std::string>({
        {"17", "17"},
        {" \"text\" ", "\"text\""},
        {"null", "null"},
        {"[1]", "[1]"},
        {"", "\"\""},
        {"hello", "\"hello\""},
        {"<html>", "\"<html>\""},
        {"{\"a\":1", "\"{\\\"a\\\":1\""},
        {"{} trailing", "\"{} trailing\""},
        {"123456789012345678901", "123456789012345678901"},
        {"1e400", "\"1e400\""},
    }));
    INFO(body);
    CHECK(search(body, "body") == expected);
    CHECK(search(body, "body | @") == expected);
}

TEST_CASE("ResponseReader: reset forgets the previous response", "[expr]") {
    ResponseReader reader;
    const std::string first = R"({"a":1})";
    reader.reset(view(first));
    CHECK(search(reader, "body.a") == "1");
    CHECK(search(reader, "[body.a]") == "[1]");
    const std::string second = "no json";
    reader.reset(view(second));
    CHECK(search(reader, "body.a") == "null");
    CHECK(search(reader, "[body]") == "[\"no json\"]");
    const std::string third = R"({"a":2})";
    reader.reset(view(third));
    CHECK(search(reader, "[body.a]") == "[2]");
    CHECK(search(reader, "body.a") == "2");
}

TEST_CASE("ResponseReader: bodies of growing and shrinking size are read", "[expr]") {
    ResponseReader reader;
    for (const std::size_t size : {10U, 5000U, 100U, 300'000U, 1U}) {
        const std::string body =
            R"({"pad":")" + std::string(size, 'x') + R"(","n":)" + std::to_string(size) + "}";
        reader.reset(view(body));
        CHECK(search(reader, "body.n") == std::to_string(size));
        CHECK(search(reader, "length(body.pad)") == std::to_string(size));
    }
}

TEST_CASE("ResponseReader: nesting beyond 256 levels makes the body a text", "[expr]") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + "1" + std::string(depth, ']');
    };
    CHECK(search(nested(256), "type(body)") == "\"array\"");
    CHECK(search(nested(256), "body[0][0]").starts_with("[["));
    CHECK(search(nested(257), "type(body)") == "\"string\"");
    CHECK(search(nested(257), "body[0]") == "null");
}

}  // namespace
}  // namespace boom::expr
