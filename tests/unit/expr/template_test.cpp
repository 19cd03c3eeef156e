// The golden table of the expression parser: hrp-boom appendix A.1, "sane result".

#include "expr/template.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

namespace boom::expr {
namespace {

using test::json;
using test::render;
using test::Variables;

const Variables& variables() {
    static const Variables all({
        {"a", Value("AAA")},
        {"name", Value("bob")},
        {"var_1", Value("abc")},
        {"var_2", Value("def")},
        {"var_3", Value(123)},
        {"var_4", json(R"({"a":1})")},
        {"var_5", Value(true)},
        {"var_6", Value()},
        {"v", Value(4.5)},
        {"_v", Value(6.9)},
        {"dollar", Value("$name ${name}")},
    });
    return all;
}

TEST_CASE("Template: the golden table holds", "[expr]") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"b=${max(1,2)}&a=$a", "b=2&a=AAA"},
        {"${upper($a)}-$a", "AAA-AAA"},
        {"${lower(X)}${upper(y)}", "xY"},
        {"a=$a&b=${max(1,2)}", "a=AAA&b=2"},
        {"x$a${lower(F)}", "xAAAf"},
        {"cost $5 for $name", "cost $5 for bob"},
        {"$5 $name", "$5 bob"},
        {"US$ $name!", "US$ bob!"},
        {"a $$ b $name", "a $ b bob"},
        {"${upper(a:b)}", "A:B"},
        {"${upper('a')}", "A"},
        {"${upper(\"a b\")}", "A B"},
        {"${ name }", "bob"},
        {"${name", "${name"},
        {"{$name}", "{bob}"},
        {"$a.b", "AAA.b"},
    }));
    INFO(text);
    CHECK(render(text, variables()) == Value(expected));
}

TEST_CASE("Template: the reference's own unit tests hold", "[expr]") {
    // Two rows differ on purpose: null and maps are shown as JSON ("null", "{"a":1}"), where the
    // reference shows Go's "<nil>" and "map[a:1]", which no server understands.
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"var_1$_v", "var_16.9"},
        {"$var_1#XYZ", "abc#XYZ"},
        {"/$var_1/$var_2/var3", "/abc/def/var3"},
        {"ABC$var_1${var_3}", "ABCabc123"},
        {"func1($var_1, $var_3)", "func1(abc, 123)"},
        {"abc$var_4", R"(abc{"a":1})"},
        {"abc$var_5", "abctrue"},
        {"abc$var_6", "abcnull"},
        {"$", "$"},
        {"var_1$123", "var_1$123"},
        {"ABC$var_1{", "ABCabc{"},
        {"ABC$$var_1{", "ABC$var_1{"},
        {"ABC$$$var_1{", "ABC$abc{"},
        {"ABC$$$$var_1{", "ABC$$var_1{"},
        {"ABC$var_1${a", "ABCabc${a"},
        {"ABC$var_1$}a", "ABCabc$}a"},
        {"$v", "4.5"},
        {"", ""},
        {"no reference", "no reference"},
    }));
    INFO(text);
    CHECK(render(text, variables()).text() == expected);
}

TEST_CASE("Template: a lone reference keeps the kind of the value", "[expr]") {
    CHECK(render("$var_3", variables()).kind() == Value::Kind::Integer);
    CHECK(render("${var_4}", variables()) == json(R"({"a":1})"));
    CHECK(render("$var_5", variables()).kind() == Value::Kind::Bool);
    CHECK(render("$var_6", variables()).is_null());
    CHECK(render("$v", variables()).kind() == Value::Kind::Real);
    CHECK(render("${max(1, 2)}", variables()) == Value(2));
    CHECK(render(" $var_3", variables()) == Value(" 123"));
    CHECK(render("$var_3$var_3", variables()) == Value("123123"));
}

TEST_CASE("Template: a value is never read as a template again", "[expr]") {
    CHECK(render("<$dollar>", variables()) == Value("<$name ${name}>"));
    CHECK(render("${upper($dollar)}", variables()) == Value("$NAME ${NAME}"));
}

TEST_CASE("Template: unknown names are errors with their place", "[expr]") {
    CHECK(render("$name_x", variables()) == Value("error: variable 'name_x' is not defined"));
    CHECK(render("/api/$SECRET_KEY", variables()) ==
          Value("error: variable 'SECRET_KEY' is not defined"));
    CHECK(render("${uper(a)}", variables()) ==
          Value("error: function 'uper' is not defined, did you mean 'upper'?"));
    CHECK(render("${zzzzzzzzzz()}", variables()) ==
          Value("error: function 'zzzzzzzzzz' is not defined"));
    const auto result = Template::compile("0123 ${upper($x)}", variables().resolver());
    CHECK(std::get<CompileError>(result).offset == 13);
}

TEST_CASE("Template: constants are known when compiled", "[expr]") {
    const auto constant = [](std::string_view text) {
        const auto result = Template::compile(text, variables().resolver());
        const Value* value = std::get<Template>(result).constant_value();
        return value == nullptr ? std::string("none") : value->json();
    };
    CHECK(constant("") == "\"\"");
    CHECK(constant("a$$b$") == "\"a$b$\"");
    CHECK(constant("${max(1, ${max(3, 2)})}") == "3");
    CHECK(constant("<${upper(a)}>") == "\"<A>\"");
    CHECK(constant("${upper(a)}${upper(b)}") == "\"AB\"");
    CHECK(constant("$a") == "none");
    CHECK(constant("${upper($a)}") == "none");
    CHECK(constant("${uuid()}") == "none");
    CHECK(*Template().constant_value() == Value(""));
    CHECK(*Template::constant(Value(7)).constant_value() == Value(7));
}

TEST_CASE("Template: slots_read lists each slot once, ascending, also of arguments", "[expr]") {
    const auto result =
        Template::compile("$name ${upper(${lower($a)}$v)} $name [$_v]", variables().resolver());
    CHECK(std::get<Template>(result).slots_read() == std::vector<int>{0, 1, 8, 9});
}

TEST_CASE("Template: append gives the text of evaluate", "[expr]") {
    const std::string text =
        GENERATE(as<std::string>(), "", "x", "$var_3", "$var_4$var_6", "a ${max(1,2)} $v");
    const auto compiled = std::get<Template>(Template::compile(text, variables().resolver()));
    CallContext context;
    std::string out = "before ";
    REQUIRE(compiled.append(out, variables().slots(), context));
    CHECK(out == "before " + compiled.evaluate(variables().slots(), context)->text());
    CHECK(compiled.source() == text);
}

TEST_CASE("Template: a function that fails when called sets the error", "[expr]") {
    const auto compiled =
        std::get<Template>(Template::compile("n=${random_int($a)}", variables().resolver()));
    CallContext context;
    std::string out;
    CHECK_FALSE(compiled.evaluate(variables().slots(), context).has_value());
    CHECK_FALSE(compiled.append(out, variables().slots(), context));
    CHECK(context.error == "random_int(): the bound must be at least 1, not \"AAA\"");
    // With constant arguments it is found when compiled.
    CHECK(render("${int(abc)}", variables()) == Value("error: int(): \"abc\" is no number"));
}

TEST_CASE("Template: referenced_names lists names in order, defined or not", "[expr]") {
    CHECK(referenced_names("$b ${a} $b $$c ${f($d, ${g(${e})}, [$x, {\"k\": $y}])} $5 ${z") ==
          std::vector<std::string>{"b", "a", "d", "e", "x", "y"});
    CHECK(referenced_names("plain").empty());
}

TEST_CASE("Template: deep nesting is an error, not a crash", "[expr]") {
    std::string calls;
    std::string lists = "${len(";
    for (int i = 0; i < 2000; ++i) {
        calls += "${upper(";
        lists += "[";
    }
    std::string bare = "${";
    for (int i = 0; i < 2000; ++i) {
        bare += "upper(";
    }
    bare.append(2000, ')').append("}");
    calls += "x";
    for (int i = 0; i < 2000; ++i) {
        calls += ")}";
    }
    lists.append(2000, ']').append(")}");
    CHECK(render(calls, variables()) == Value("error: nested too deeply"));
    CHECK(render(bare, variables()) == Value("error: nested too deeply"));
    CHECK(render(lists, variables()) == Value("error: nested too deeply"));
}

}  // namespace
}  // namespace boom::expr
