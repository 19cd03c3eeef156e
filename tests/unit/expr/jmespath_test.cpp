#include "expr/jmespath.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::expr {
namespace {

using test::json;

std::string compile_error(std::string_view text) {
    const auto path = JmesPath::compile(text);
    const auto* error = std::get_if<CompileError>(&path);
    return error == nullptr ? "none" : error->what;
}

std::string search(std::string_view text, const Value& root) {
    const auto path = JmesPath::compile(text);
    if (const auto* error = std::get_if<CompileError>(&path)) {
        return error->what;
    }
    const auto found = std::get<JmesPath>(path).search(root);
    const auto* error = std::get_if<JmesPath::Error>(&found);
    return error != nullptr ? error->what : std::get<Value>(found).json();
}

std::string chain(std::string_view text) {
    const auto path = JmesPath::compile(text);
    const auto* steps = std::get<JmesPath>(path).as_chain();
    if (steps == nullptr) {
        return "none";
    }
    std::string result;
    for (const JmesPath::Step& step : *steps) {
        result += step.is_index ? "#" + std::to_string(step.index) : "/" + step.name;
    }
    return result;
}

TEST_CASE("JmesPath: chains of names and indices are recognized", "[expr]") {
    const auto [text, steps] = GENERATE(table<std::string, std::string>({
        {"a", "/a"},
        {"body.args.a[-1]", "/body/args/a#-1"},
        {"a.\"b-c\".d[0][1].e", "/a/b-c/d#0#1/e"},
        {"(a.b).c", "/a/b/c"},
        {"[0].a", "#0/a"},
        {"@", "none"},
        {"a[*]", "none"},
        {"a[*].b[0]", "none"},
        {"a[0:1]", "none"},
        {"a.length(@)", "none"},
        {"a | b", "none"},
        {"a || b", "none"},
        {"a.[b]", "none"},
        {"'a'", "none"},
    }));
    INFO(text);
    CHECK(chain(text) == steps);
}

TEST_CASE("JmesPath: errors name their class, the place and the remedy", "[expr]") {
    CHECK(compile_error("a.b[") ==
          "syntax: expected an index, a slice or '*', found end of the expression");
    CHECK(compile_error("a[b") == "syntax: expected an index, a slice or '*', found name");
    CHECK(compile_error("lenght(a)") == "unknown-function: lenght(), did you mean 'length'?");
    CHECK(compile_error("length(a, b)") == "invalid-arity: length() takes 1 argument, not 2");
    CHECK(compile_error("merge()") == "invalid-arity: merge() takes at least 1 argument, not 0");
    CHECK(compile_error("sort_by(a, b)") ==
          "invalid-type: argument 2 of sort_by() must be an expression (&name)");
    CHECK(compile_error("length(&a)").starts_with("invalid-type: argument 1 of length()"));
    CHECK(compile_error("&a") == "syntax: unexpected '&'");
    CHECK(compile_error("a[::0]") == "invalid-value: the step of a slice cannot be 0");
    CHECK(search("length(a)", json(R"({"a":1})")) ==
          "invalid-type: argument 1 of length() must be string or array or object, not number");
    const auto path = JmesPath::compile("foo.bar ^ baz");
    CHECK(std::get<CompileError>(path).offset == 8);
}

TEST_CASE("JmesPath: 256 levels are accepted and more refused, of every kind", "[expr]") {
    const auto repeat = [](std::string_view text, std::size_t count) {
        std::string result;
        for (std::size_t i = 0; i < count; ++i) {
            result += text;
        }
        return result;
    };
    CHECK(compile_error(repeat("(", 255) + "a" + repeat(")", 255)) == "none");
    const std::string deep = GENERATE_COPY(
        repeat("(", 100'000), repeat("[", 100'000), repeat("!", 100'000), repeat("{a:", 100'000),
        repeat("abs(", 100'000), "a" + repeat(".a", 100'000), "a" + repeat("[0]", 100'000),
        "a" + repeat("[]", 100'000), "a" + repeat("[*]", 100'000), "a" + repeat(" || a", 100'000),
        "a" + repeat("|a", 100'000), repeat("a[?", 100'000));
    CHECK(compile_error(deep) == "syntax: nested too deeply");
}

TEST_CASE("JmesPath: integers stay exact", "[expr]") {
    const Value root = json(R"({"id":123456789012345678901234567890,
        "list":[9007199254740993, 9007199254740992], "edge":[9223372036854775807, 1]})");
    CHECK(search("id", root) == "123456789012345678901234567890");
    CHECK(search("abs(`-123456789012345678901`)", root) == "123456789012345678901");
    CHECK(search("abs(`-9223372036854775808`)", root) == "9223372036854775808");
    CHECK(search("max(list)", root) == "9007199254740993");
    CHECK(search("sort(list)", root) == "[9007199254740992,9007199254740993]");
    CHECK(search("sum(list)", root) == "18014398509481985");
    CHECK(search("list[?@ > `9007199254740992`]", root) == "[9007199254740993]");
    CHECK(search("id == `123456789012345678901234567891`", root) == "false");
    // Beyond 64 bits a sum is a real number, never a wrapped one.
    CHECK(search("sum(edge)", root) == "9223372036854775808.0");
}

TEST_CASE("JmesPath: extreme indices and slices are harmless", "[expr]") {
    const Value root = json("[0,1,2,3]");
    CHECK(search("[9223372036854775807]", root) == "null");
    CHECK(search("[-9223372036854775808]", root) == "null");
    CHECK(search("[9223372036854775808]", root) == "syntax: number out of range");
    CHECK(search("[::9223372036854775807]", root) == "[0]");
    CHECK(search("[::-9223372036854775808]", root) == "[3]");
    CHECK(search("[-9223372036854775808:9223372036854775807:2]", root) == "[0,2]");
    CHECK(search("[::-1]", json("[]")) == "[]");
}

TEST_CASE("JmesPath: a copy and the original search the same tree", "[expr]") {
    const auto path = JmesPath::compile("a.b | [0]");
    const JmesPath copy = std::get<JmesPath>(path);
    const Value root = json(R"({"a":{"b":[7]}})");
    CHECK(std::get<Value>(copy.search(root)) == Value(7));
    CHECK(std::get<Value>(std::get<JmesPath>(path).search(root)) == Value(7));
}

TEST_CASE("JmesPath: what is found in a temporary value outlives it", "[expr]") {
    const Value root = json(R"({"a":[{"n":"first of the list"},{"n":"second of the list"}]})");
    CHECK(search("reverse(a)[0].n", root) == "\"second of the list\"");
    CHECK(search("{x: a[*].n}.x[1]", root) == "\"second of the list\"");
    CHECK(search("reverse(a) | @ | [1] | n", root) == "\"first of the list\"");
}

}  // namespace
}  // namespace boom::expr
