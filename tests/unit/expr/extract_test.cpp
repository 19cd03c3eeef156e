#include "expr/extract.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using expr::ExtractOptions;
using expr::Value;

namespace {

int no_slot(std::string_view /*name*/) {
    return -1;
}

expr::Query query_of(std::string_view text) {
    return std::get<expr::Query>(expr::Query::compile(text, no_slot));
}

std::optional<Value> extract(std::string_view query, const ExtractOptions& options,
                             expr::CallContext& context) {
    expr::ResponseView view;
    view.status_code = 200;
    view.body = R"({"text": "id=1;id=22;id=333", "n": 12345678901234567890})";
    expr::ResponseReader reader;
    reader.reset(view);
    const auto made = expr::Extract::make(query_of(query), options);
    return std::get<expr::Extract>(made).find(reader, {}, context);
}

ExtractOptions regex_of(std::string regex, std::int64_t group, std::int64_t match) {
    ExtractOptions options;
    options.regex = std::move(regex);
    options.group = group;
    options.match = match;
    return options;
}

}  // namespace

TEST_CASE("Extract: group and match number choose what a regular expression gives", "[expr]") {
    const auto [group, match, expected] =
        GENERATE(table<std::int64_t, std::int64_t, std::string>({{1, 1, R"("1")"},
                                                                 {1, 2, R"("22")"},
                                                                 {1, 3, R"("333")"},
                                                                 {1, 4, "null"},
                                                                 {0, 2, R"("id=22")"},
                                                                 {1, -1, R"(["1","22","333"])"}}));
    CAPTURE(group, match);
    expr::CallContext context;
    CHECK(extract("body.text", regex_of("id=(\\d+)", group, match), context)->json() == expected);
}

TEST_CASE("Extract: match 0 takes one by chance", "[expr]") {
    expr::CallContext context;
    std::string seen;
    for (int i = 0; i < 200; ++i) {
        const std::string one = extract("body.text", regex_of("id=(\\d+)", 1, 0), context)->text();
        seen += seen.find(one + ";") == std::string::npos ? one + ";" : "";
    }
    CHECK(seen.size() == 9);
}

TEST_CASE("Extract: what is missing is null, a default or a failure", "[expr]") {
    expr::CallContext context;
    ExtractOptions options;
    CHECK(extract("body.none", options, context)->is_null());
    options.missing = ExtractOptions::Missing::Default;
    options.fallback = Value(7);
    CHECK(extract("body.none", options, context) == Value(7));
    CHECK(extract("body.n", options, context)->json() == "12345678901234567890");
    options.missing = ExtractOptions::Missing::Fail;
    CHECK_FALSE(extract("body.none", options, context).has_value());
    CHECK(context.error == "nothing was found");
}

TEST_CASE("Extract: mistakes are found before the start", "[expr]") {
    const auto error_of = [](const ExtractOptions& options) {
        const auto made = expr::Extract::make(query_of("body"), options);
        return std::get<expr::CompileError>(made).what;
    };
    CHECK(error_of(regex_of("a(b)", 2, 1)) == "the regular expression has 1 groups, no group 2");
    CHECK_THAT(error_of(regex_of("a(b", 1, 1)), Catch::StartsWith("bad regular expression"));
    CHECK_THAT(error_of(regex_of("a(b)", 1, -2)), Catch::StartsWith("'match' is"));
}
