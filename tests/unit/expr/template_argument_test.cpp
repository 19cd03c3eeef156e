// Arguments of calls: hrp-boom EXPR-6 and A.1, with quotes, nesting and literals.

#include "expr/template.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::expr {
namespace {

using test::json;
using test::render;
using test::Variables;

const Variables& variables() {
    static const Variables all({{"var1", Value("one")}, {"n", Value(5)}, {"list", json("[1,2]")}});
    return all;
}

// random_choice() gives its only argument back, with its kind.
std::string argument(const std::string& text) {
    return render("${random_choice([" + text + "])}", variables()).json();
}

std::string whole_argument(const std::string& text) {
    return render("${random_choice(" + text + ")}", variables()).json();
}

TEST_CASE("Template: arguments get the kinds of the reference", "[expr]") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"1", "1"},
        {"-2.3", "-2.3"},
        {"2.0", "2.0"},
        {"123456789012345678901", "123456789012345678901"},
        {"1e3", "\"1e3\""},
        {"1-2", "\"1-2\""},
        // A text with leading zeros is an id, not a number.
        {"007", "\"007\""},
        {"a b", "\"a b\""},
        {"true", "\"true\""},
        {"a=b", "\"a=b\""},
        {"it's", "\"it's\""},
        {"é", "\"é\""},
        {"a+b/c.d-e", "\"a+b/c.d-e\""},
        {"$var1", "\"one\""},
        {" $n ", "5"},
        {"x$n", "\"x5\""},
        {"${n}", "5"},
        {"$5", "\"$5\""},
        {"'$n'", "\"5\""},
        {"'$$n'", "\"$n\""},
        {"'a, b) c'", "\"a, b) c\""},
        {R"("say \"hi\"\n")", R"("say \"hi\"\n")"},
        {"' 1 '", "\" 1 \""},
        {"''", "\"\""},
        {"'a' b", "\"'a' b\""},
        {"(a, b)", "\"(a, b)\""},
        {"upper(x)", "\"X\""},
        {"upper(lower($var1))", "\"ONE\""},
        {"${upper(${lower($var1)})}!", "\"ONE!\""},
        {"len(gen_random_string(5))", "5"},
        {"{\"a\": [1, true, null, 'x', $n]}", R"({"a":[1,true,null,"x",5]})"},
        {"{a: b, url: http://x/}", R"({"a":"b","url":"http://x/"})"},
        {"{}", "{}"},
        {"{a}", "\"{a}\""},
        {"]", "\"]\""},
    }));
    INFO(text);
    CHECK(whole_argument(text) == expected);
}

TEST_CASE("Template: an empty argument is null, no argument is none", "[expr]") {
    CHECK(argument("") == "\"error: random_choice(): the list is empty\"");
    CHECK(argument("[1,,2]") == "[1,null,2]");
    CHECK(argument("[]") == "[]");
    CHECK(argument("[ $var1 , 2 ]") == "[\"one\",2]");
    CHECK(argument("[1, -2.3]") == "[1,-2.3]");
    CHECK(argument("$list") == "[1,2]");
    CHECK(render("${uuid( )}", variables()).as_text().size() == 36);
    CHECK(render("${random_range(1)}", variables()) ==
          Value("error: random_range() takes 2 arguments, not 1"));
    CHECK(render("${date(a,b,c)}", variables()) ==
          Value("error: date() takes 0 to 2 arguments, not 3"));
    CHECK(render("${random_choice()}", variables()) ==
          Value("error: random_choice() takes at least 1 argument, not 0"));
}

TEST_CASE("Template: what is no call stays as it is", "[expr]") {
    const std::string text = GENERATE(as<std::string>(), "${", "${}", "${ }", "${1}", "${a b}",
                                      "${upper(a}", "${upper(a", "${upper('a)}", "${upper(a) }x",
                                      "${x.y}", "${upper(a)(b)}", "${-}", "$(upper)");
    INFO(text);
    const Value value = render(text, variables());
    if (text == "${upper(a) }x") {
        CHECK(value == Value("Ax"));
    } else if (text == "${upper('a)}") {
        // A quote that is never closed is a character like any other.
        CHECK(value == Value("'A"));
    } else {
        CHECK(value == Value(text));
    }
}

}  // namespace
}  // namespace boom::expr
