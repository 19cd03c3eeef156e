#include "expr/function.hpp"

#include "support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <set>
#include <string>

namespace boom::expr {
namespace {

using test::json;

Value call(std::string_view name, List arguments, CallContext& context) {
    const Function* function = find_built_in(name);
    REQUIRE(function != nullptr);
    const auto result = function->call(context, arguments);
    return result ? *result : Value("error: " + context.error);
}

Value call(std::string_view name, List arguments = {}) {
    CallContext context;
    return call(name, std::move(arguments), context);
}

TEST_CASE("Function: results agree with published test vectors", "[expr]") {
    // RFC 1321 A.5, FIPS 180-2 B.1, RFC 4231 test case 2, RFC 4648 section 10.
    CHECK(call("md5", {Value("abc")}) == Value("900150983cd24fb0d6963f7d28e17f72"));
    CHECK(call("sha256", {Value("abc")}) ==
          Value("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    // FIPS 180-2 A.1 and C.1; RFC 2202 test case 2; RFC 4231 test case 2.
    CHECK(call("sha1", {Value("abc")}) == Value("a9993e364706816aba3e25717850c26c9cd0d89d"));
    CHECK(call("sha512", {Value("abc")}).as_text().starts_with("ddaf35a193617abacc417349ae204131"));
    CHECK(call("md5", {Value("abc"), Value("base64")}) == Value("kAFQmDzST7DWlj99KOF/cg=="));
    CHECK(call("md5", {Value("abc"), Value("raw")}).as_text().starts_with("error: the form"));
    CHECK(call("hmac_md5", {Value("Jefe"), Value("what do ya want for nothing?")}) ==
          Value("750c783e6ab0b503eaa86e310a5db738"));
    CHECK(call("hmac_sha1", {Value("Jefe"), Value("what do ya want for nothing?")}) ==
          Value("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
    CHECK(call("hmac_sha512", {Value("Jefe"), Value("what do ya want for nothing?")})
              .as_text()
              .starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"));
    CHECK(call("hmac_sha256", {Value("Jefe"), Value("what do ya want for nothing?")}) ==
          Value("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    CHECK(call("base64_encode", {Value("foobar")}) == Value("Zm9vYmFy"));
    CHECK(call("base64_decode", {Value("Zm9vYmE=")}) == Value("fooba"));
    CHECK(call("base64_decode", {Value("%")}) ==
          Value("error: base64_decode(): '%' is not base64"));
}

TEST_CASE("Function: md5 of a number hashes its digits", "[expr]") {
    CHECK(call("md5", {Value(123)}) == Value("202cb962ac59075b964b07152d234b70"));
    CHECK(call("md5", {Value("123")}) == Value("202cb962ac59075b964b07152d234b70"));
}

TEST_CASE("Function: texts and conversions", "[expr]") {
    CHECK(call("url_encode", {Value("a b&c=é/~")}) == Value("a%20b%26c%3D%C3%A9%2F~"));
    CHECK(call("url_decode", {Value("a%20b+c%26")}) == Value("a b c&"));
    CHECK(call("upper", {Value("aBc1")}) == Value("ABC1"));
    CHECK(call("lower", {Value("aBc1")}) == Value("abc1"));
    CHECK(call("split_by_comma", {Value("a,b,,c")}) == json(R"(["a","b","","c"])"));
    CHECK(call("len", {Value("abc")}) == Value(3));
    CHECK(call("len", {json("[1,2]")}) == Value(2));
    CHECK(call("len", {json(R"({"a":1})")}) == Value(1));
    CHECK(call("len", {Value()}) == Value("error: len(): null has no length"));
    CHECK(call("int", {Value("12")}) == Value(12));
    CHECK(call("int", {Value(-12.9)}) == Value(-12));
    CHECK(call("int", {Value(true)}) == Value(1));
    CHECK(call("int", {Value(1e20)}) == json("100000000000000000000"));
    CHECK(call("int", {Value("x")}) == Value("error: int(): \"x\" is no number"));
    CHECK(call("float", {Value("1.5")}) == Value(1.5));
    CHECK(call("float", {Value(2)}).kind() == Value::Kind::Real);
    CHECK(call("float", {Value("nan")}).as_text().starts_with("error: "));
    CHECK(call("str", {Value(12.0)}) == Value("12"));
    CHECK(call("str", {json("[1]")}) == Value("[1]"));
}

TEST_CASE("Function: max gives the larger number, of texts of numbers too", "[expr]") {
    CHECK(call("max", {Value(1), Value(2)}).json() == "2");
    CHECK(call("max", {Value(1.5), Value(1)}).json() == "1.5");
    CHECK(call("max", {Value("10"), Value("9")}).json() == "10");
    CHECK(call("max", {Value("a"), Value(1)}).as_text().starts_with("error: max()"));
    CHECK(call("max", {Value(1), Value(7), Value(3)}).json() == "7");
    CHECK(call("min", {Value(2), Value(1.5), Value(3)}).json() == "1.5");
    CHECK(call("min", {Value(2), Value()}).as_text().starts_with("error: min()"));
}

TEST_CASE("Function: times are those of the system clock", "[expr]") {
    const auto now = [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    };
    const auto before = now();
    const auto ms = call("get_timestamp").as_integer();
    const auto seconds = call("timestamp_s").as_integer();
    const auto also_seconds = call("timestamp").as_integer();
    const auto also_ms = call("timestamp", {Value("ms")}).as_integer();
    const auto after = now();
    CHECK((before <= ms && ms <= after));
    CHECK((before <= also_ms && also_ms <= after));
    CHECK((before / 1000 <= seconds && seconds <= after / 1000));
    CHECK((before / 1000 <= also_seconds && also_seconds <= after / 1000));
    CHECK(call("timestamp", {Value("h")}).as_text().starts_with("error: "));
    CHECK(call("timestamp", {Value("s"), Value(-also_seconds)}).as_integer() <= 1);
    CHECK(call("timestamp", {Value("ms"), Value(60)}).as_integer() >= also_ms + 60'000);
    CHECK(call("timestamp", {Value("us")}).as_integer() / 1000 >= before);
    CHECK(call("timestamp", {Value("ms"), Value(std::int64_t{1} << 60)})
              .as_text()
              .starts_with("error: timestamp()"));
}

TEST_CASE("Function: date formats UTC and shifts it", "[expr]") {
    const auto seconds = call("timestamp_s").as_integer();
    CHECK(call("date", {Value("%Y-%m-%dT%H:%M:%S"), Value(-seconds)})
              .as_text()
              .starts_with("1970-01-01T00:00:0"));
    CHECK(call("date", {Value("%Y"), Value(-seconds + 86'400 * 366)}) == Value("1971"));
    CHECK(call("date").as_text().size() == std::string("2000-01-01 00:00:00").size());
    CHECK(call("date", {Value("")}) == Value(""));
    CHECK(call("date", {Value("%Y"), Value("soon")}).as_text().starts_with("error: "));
    CHECK(call("date", {Value("%Y"), Value(std::int64_t{9'000'000'000'000'000'000})})
              .as_text()
              .starts_with("error: "));
    CHECK(call("date", {Value(std::string(300, 'x'))}).as_text().starts_with("error: "));
}

TEST_CASE("Function: chance stays within its bounds and follows the seed", "[expr]") {
    const std::uint64_t seed = base::random_seed();
    INFO("seed " << seed);
    CallContext context;
    context.rng = base::Rng(seed);
    std::set<std::string> choices;
    for (int i = 0; i < 200; ++i) {
        const auto integer = call("random_int", {Value(3)}, context).as_integer();
        CHECK((integer >= 0 && integer < 3));
        const double real = call("random_range", {Value(-1), Value(1.5)}, context).as_real();
        CHECK((real >= -1 && real < 1.5));
        const auto between = call("random_int", {Value(-1), Value(1)}, context).as_integer();
        CHECK((between >= -1 && between <= 1));
        choices.insert(call("random_choice", {json("[1,2,3]")}, context).text());
    }
    CHECK(choices == std::set<std::string>{"1", "2", "3"});
    const Value text = call("gen_random_string", {Value(20)}, context);
    CHECK(text.as_text().size() == 20);
    CHECK(std::all_of(text.as_text().begin(), text.as_text().end(),
                      [](unsigned char c) { return std::isalnum(c) != 0; }));
    CallContext again;
    again.rng = base::Rng(seed);
    CallContext third;
    third.rng = base::Rng(seed);
    CHECK(call("uuid", {}, again) == call("uuid", {}, third));
}

TEST_CASE("Function: wrong bounds fail with the value", "[expr]") {
    CHECK(call("random_int", {Value(0)}) ==
          Value("error: random_int(): the bound must be at least 1, not 0"));
    CHECK(call("random_int", {Value(2), Value(1)}).as_text().starts_with("error: random_int()"));
    CHECK(call("random_int", {Value(INT64_MIN), Value(INT64_MAX)}).as_text().starts_with("error"));
    CHECK(call("gen_random_string", {Value(5), Value("a")}) == Value("aaaaa"));
    CHECK(call("random_range", {Value(2), Value(1)}).as_text().starts_with("error: "));
    CHECK(call("random_choice", {json("[]")}) ==
          Value("error: random_choice(): the list is empty"));
    CHECK(call("gen_random_string", {Value(-1)}).as_text().starts_with("error: "));
    CHECK(call("gen_random_string", {Value(std::int64_t{1} << 40)}).as_text().starts_with("error"));
    CHECK(call("gen_random_string", {Value("3")}).as_text().size() == 3);
}

TEST_CASE("Function: a uuid has version 4 and variant 10", "[expr]") {
    CallContext context;
    context.rng = base::Rng(7);
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string uuid = call("uuid", {}, context).as_text();
        REQUIRE(uuid.size() == 36);
        CHECK(uuid[14] == '4');
        CHECK(std::string_view("89ab").find(uuid[19]) != std::string_view::npos);
        CHECK((uuid[8] == '-' && uuid[13] == '-' && uuid[18] == '-' && uuid[23] == '-'));
        seen.insert(uuid);
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("Function: the context says who calls and what the environment holds", "[expr]") {
    const std::function<std::optional<std::string>(std::string_view)> environment =
        [](std::string_view name) {
            return name == "HOST" ? std::optional<std::string>("h1") : std::nullopt;
        };
    CallContext context;
    context.user = 41;
    context.iteration = 7;
    CHECK(call("user_id", {}, context) == Value(41));
    CHECK(call("iteration", {}, context) == Value(7));
    CHECK(call("ENV", {Value("HOST")}, context) == Value(""));
    context.environment = &environment;
    CHECK(call("ENV", {Value("HOST")}, context) == Value("h1"));
    CHECK(call("environ", {Value("NOPE")}, context) == Value(""));
}

TEST_CASE("Function: a form is built as CASE-11 says, with its Content-Type", "[expr]") {
    const FileTable files{{"test.env", base::Content("A=1\r\n")}};
    CallContext context;
    context.files = &files;
    const auto body = [&context](std::string_view item) {
        return call("multipart_encoder", {Value(Map{{"f", Value(item)}})}, context).text();
    };
    const std::string form = body("@test.env;type=text/x;filename=\"a;b.txt\"");
    const std::string type = call("multipart_content_type", {Value(form)}, context).text();
    REQUIRE(type.starts_with("multipart/form-data; boundary=boom-"));
    const std::string boundary = type.substr(type.find('=') + 1);
    CHECK(form == "--" + boundary +
                      "\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a;b.txt\"\r\n"
                      "Content-Type: text/x\r\n\r\nA=1\r\n\r\n--" +
                      boundary + "--\r\n");
    CHECK(body("@\"test.env\"").find("\r\n\r\nA=1\r\n") != std::string::npos);
    CHECK(body("\"@test.env\"").find("\r\n\r\n@test.env\r\n") != std::string::npos);
    CHECK(body("\"bar1\"").find("name=\"f\"\r\n\r\nbar1\r\n") != std::string::npos);
    CHECK(body(";filename=empty").find("filename=\"empty\"\r\n\r\n\r\n") != std::string::npos);
    CHECK(body("").find("name=\"f\"\r\n\r\n\r\n") != std::string::npos);
    CHECK(body("@no.txt").starts_with("error: file 'no.txt' does not travel"));
    CHECK(call("multipart_content_type", {Value("x")}).as_text().starts_with("error: "));
    CHECK(call("multipart_encoder", {Value("x")}).as_text().starts_with("error: "));
    const Value empty = call("multipart_encoder", {Value(Map{})});
    CHECK_FALSE(call("multipart_content_type", {empty}).as_text().ends_with("-"));
}

TEST_CASE("Function: names are found exactly, else by their common name", "[expr]") {
    REQUIRE(find_built_in("get_timestamp") != nullptr);
    CHECK(find_built_in("GetTimestamp") == find_built_in("get_timestamp"));
    CHECK(find_built_in("env") == find_built_in("ENV"));
    CHECK(find_built_in("Base64Encode") == find_built_in("base64_encode"));
    CHECK(find_built_in("nope") == nullptr);
    CHECK(find_built_in("") == nullptr);
}

TEST_CASE("Function: every built-in has a name, a help line and sane bounds", "[expr]") {
    std::set<std::string_view> names;
    for (const Function& function : built_in_functions()) {
        INFO(function.name);
        CHECK(names.insert(function.name).second);
        CHECK(function.help.starts_with(function.name));
        CHECK(function.min_arguments <= function.max_arguments);
        CHECK((function.call != nullptr) != function.is_of_user);
        CHECK(find_built_in(function.name) == &function);
    }
    CHECK(names.size() >= 45);
    // The fifteen names of hrp-boom 6.14.
    for (const std::string_view name :
         {"get_timestamp", "sleep", "gen_random_string", "random_int", "random_range", "max", "md5",
          "parameterize", "P", "split_by_comma", "environ", "ENV", "load_ws_message",
          "multipart_encoder", "multipart_content_type"}) {
        CHECK(names.contains(name));
    }
}

}  // namespace
}  // namespace boom::expr
