#include "expr/json_path.hpp"

#include "expr/extract.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

namespace boom::expr {
namespace {

using test::json;

std::string found(std::string_view path, std::string_view document) {
    const auto compiled = JsonPath::compile(path);
    if (const auto* error = std::get_if<CompileError>(&compiled)) {
        return error->what;
    }
    return Value(std::get<JsonPath>(compiled).search(json(document))).json();
}

// RFC 9535 section 1.5, with the prices that its results name.
constexpr std::string_view kStore = R"({"store":{"book":[
    {"category":"reference","author":"Rees","title":"Sayings","price":8.95},
    {"category":"fiction","author":"Waugh","title":"Sword","price":12.99},
    {"category":"fiction","author":"Melville","title":"Moby","isbn":"0-553","price":8.99},
    {"category":"fiction","author":"Tolkien","title":"Ring","isbn":"0-395","price":22.99}],
    "bicycle":{"color":"red","price":399}}})";

TEST_CASE("JsonPath: the examples of RFC 9535 section 1.5", "[expr]") {
    const auto [path, result] = GENERATE(table<std::string, std::string>({
        {"$.store.book[*].author", R"(["Rees","Waugh","Melville","Tolkien"])"},
        {"$..author", R"(["Rees","Waugh","Melville","Tolkien"])"},
        {"$.store..price", "[8.95,12.99,8.99,22.99,399]"},
        {"$..book[2].author", R"(["Melville"])"},
        {"$..book[2].publisher", "[]"},
        {"$..book[-1].title", R"(["Ring"])"},
        {"$..book[0,1].title", R"(["Sayings","Sword"])"},
        {"$..book[:2].title", R"(["Sayings","Sword"])"},
        {"$..book[?@.isbn].title", R"(["Moby","Ring"])"},
        {"$..book[?@.price<10].title", R"(["Sayings","Moby"])"},
    }));
    CAPTURE(path);
    CHECK(found(path, kStore) == result);
}

TEST_CASE("JsonPath: names, indices, slices and filters", "[expr]") {
    constexpr std::string_view kLetters = R"(["a","b","c","d","e","f","g"])";
    const auto [path, document, result] =
        GENERATE_COPY(table<std::string, std::string, std::string>({
            {"$", "[1]", "[[1]]"},
            {"$['j j']['k.k']", R"({"j j":{"k.k":3}})", "[3]"},
            {R"($["a\"b"])", R"({"a\"b":1})", "[1]"},
            {"$[1:3]", std::string(kLetters), R"(["b","c"])"},
            {"$[5:]", std::string(kLetters), R"(["f","g"])"},
            {"$[1:5:2]", std::string(kLetters), R"(["b","d"])"},
            {"$[5:1:-2]", std::string(kLetters), R"(["f","d"])"},
            {"$[::-1]", std::string(kLetters), R"(["g","f","e","d","c","b","a"])"},
            {"$[-3:-1]", std::string(kLetters), R"(["e","f"])"},
            {"$[0:9223372036854775807:9223372036854775807]", std::string(kLetters), R"(["a"])"},
            {"$[99]", std::string(kLetters), "[]"},
            {"$.o[?@<3]", R"({"o":{"p":1,"q":2,"r":3}})", "[1,2]"},
            {"$[?(@.a == 'x' && !(@.b >= 2))].n",
             R"([{"a":"x","b":1,"n":1},{"a":"x","b":2,"n":2},{"a":"y","n":3}])", "[1]"},
            {"$.l[?@.k == $.k].v", R"({"k":7,"l":[{"k":7,"v":"seven"},{"k":8,"v":"eight"}]})",
             R"(["seven"])"},
            {"$[?@.a != null || @.b].n", R"([{"a":null,"n":1},{"b":0,"n":2}])", "[2]"},
            {"$[?@.id == 12345678901234567890].id", R"([{"id":12345678901234567890},{"id":1}])",
             "[12345678901234567890]"},
            {"$.*", R"({"a":1,"b":[2]})", "[1,[2]]"},
            {"$..*", R"({"a":{"b":1}})", R"([{"b":1},1])"},
        }));
    CAPTURE(path);
    CHECK(found(path, document) == result);
}

TEST_CASE("JsonPath: what is none is an error", "[expr]") {
    for (const std::string_view path :
         {"$.", "$[", "$['a", "$[?]", "$[?@.a ==]", "$[1:2:0]", "$a", "$[?1]", "$[x]", "$..", ""}) {
        CAPTURE(path);
        CHECK(std::holds_alternative<CompileError>(JsonPath::compile(path)));
    }
    const std::string deep = "$[?" + std::string(100'000, '(') + "@.a";
    CHECK(std::holds_alternative<CompileError>(JsonPath::compile(deep)));
}

std::string extracted(std::string_view query, std::optional<std::int64_t> match) {
    const auto compiled = Query::compile(query, [](std::string_view) { return -1; });
    ExtractOptions options;
    options.match = match;
    auto made = Extract::make(std::get<Query>(compiled), options);
    if (const auto* error = std::get_if<CompileError>(&made)) {
        return error->what;
    }
    ResponseReader reader;
    ResponseView view;
    view.body = kStore;
    reader.reset(view);
    CallContext context;
    return std::get<Extract>(made).find(reader, {}, context)->json();
}

TEST_CASE("JsonPath: an extract takes the one value, all of them, or the match asked for",
          "[expr]") {
    CHECK(extracted("$.store.bicycle.color", {}) == R"("red")");
    CHECK(extracted("$.store.nothing", {}) == "null");
    CHECK(extracted("$..isbn", {}) == R"(["0-553","0-395"])");
    CHECK(extracted("$..isbn", 1) == R"("0-553")");
    CHECK(extracted("$..isbn", 2) == R"("0-395")");
    CHECK(extracted("$..isbn", 3) == "null");
    CHECK(extracted("$..isbn", -1) == R"(["0-553","0-395"])");
    CHECK(extracted("$..isbn", 0).starts_with("\"0-"));
    CHECK(extracted("$.store.bicycle", 1).find("may match several") != std::string::npos);
    CHECK(extracted("body.store", 1).find("needs 'regex'") != std::string::npos);
}

}  // namespace
}  // namespace boom::expr
