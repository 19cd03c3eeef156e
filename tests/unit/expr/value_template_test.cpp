#include "support.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::expr {
namespace {

using test::json;
using test::Variables;

const Variables& variables() {
    static const Variables all({
        {"val1", Value("a \"quoted\" text\n")},
        {"var2", Value(123)},
        {"list", json("[1,{\"k\":null}]")},
        {"big", json("123456789012345678901")},
    });
    return all;
}

ValueTemplate compile(std::string_view structure) {
    return std::get<ValueTemplate>(ValueTemplate::compile(json(structure), variables().resolver()));
}

TEST_CASE("ValueTemplate: texts and keys of a structure are templates", "[expr]") {
    const auto [structure, expected] = GENERATE(table<std::string, std::string>({
        {R"({"$var2": "$val1"})", R"({"123":"a \"quoted\" text\n"})"},
        {R"({"a": "$var2", "b": "<$var2>", "c": 1.0})", R"({"a":123,"b":"<123>","c":1.0})"},
        {R"(["$list", [], {}, null, true])", R"([[1,{"k":null}],[],{},null,true])"},
        {R"("$big")", "123456789012345678901"},
        {R"("x $val1")", R"("x a \"quoted\" text\n")"},
        {R"({"k\"$var2": 1, "b": "${max(1,2)}"})", R"({"k\"123":1,"b":2})"},
        {R"({"a": "$$1"})", R"({"a":"$1"})"},
        {R"({"123": 1, "x": 2, "$var2": 3})", R"({"123":3,"x":2})"},
    }));
    INFO(structure);
    const ValueTemplate compiled = compile(structure);
    CallContext context;
    const auto value = compiled.evaluate(variables().slots(), context);
    REQUIRE(value);
    CHECK(value->json() == expected);
    std::string out;
    CHECK(compiled.append_json(out, variables().slots(), context));
    CHECK(out == expected);
}

TEST_CASE("ValueTemplate: constants are known when compiled", "[expr]") {
    REQUIRE(compile(R"({"a":[1,"$$"]})").constant_value() != nullptr);
    CHECK(compile(R"({"a":[1,"$$"]})").constant_value()->json() == R"({"a":[1,"$"]})");
    CHECK(compile(R"(["$var2"])").constant_value() == nullptr);
    CHECK(compile(R"({"$var2":1})").constant_value() == nullptr);
    CHECK(ValueTemplate().constant_value()->is_null());
    CallContext context;
    CHECK(ValueTemplate().evaluate({}, context)->is_null());
    std::string out;
    CHECK(ValueTemplate().append_json(out, {}, context));
    CHECK(out == "null");
}

TEST_CASE("ValueTemplate: slots of keys and values are listed", "[expr]") {
    CHECK(compile(R"({"$list":["$var2", {"x":"${len($var2$val1)}"}]})").slots_read() ==
          std::vector<int>{0, 1, 2});
    CHECK(compile("7").slots_read().empty());
}

TEST_CASE("ValueTemplate: the first error of any text is reported", "[expr]") {
    const auto result =
        ValueTemplate::compile(json(R"([{"a":"$nobody"},"$other"])"), variables().resolver());
    CHECK(std::get<CompileError>(result).what == "variable 'nobody' is not defined");
    Value deep;
    for (int i = 0; i < 300; ++i) {
        List list;
        list.push_back(std::move(deep));
        deep = Value(std::move(list));
    }
    const auto refused = ValueTemplate::compile(deep, variables().resolver());
    CHECK(std::get<CompileError>(refused).what == "nested too deeply");
}

TEST_CASE("ValueTemplate: a failing call fails the whole", "[expr]") {
    const ValueTemplate compiled = compile(R"({"a":["${random_int($val1)}"]})");
    CallContext context;
    std::string out;
    CHECK_FALSE(compiled.evaluate(variables().slots(), context).has_value());
    CHECK_FALSE(compiled.append_json(out, variables().slots(), context));
    CHECK(context.error.starts_with("random_int()"));
}

TEST_CASE("ValueTemplate: source is the structure as written", "[expr]") {
    CHECK(compile(R"("$var2")").source() == "$var2");
    CHECK(compile(R"({"$var2":["$list",1]})").source() == R"({"$var2":["$list",1]})");
    CHECK(compile("200").source() == "200");
}

}  // namespace
}  // namespace boom::expr
