#include "net/cookie_jar.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>

namespace boom::net {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

// 2023-11-14 22:13:20 UTC.
const system_clock::time_point kNow{seconds(1'700'000'000)};
constexpr const char* kPast = "Expires=Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kFuture = "Expires=Wed, 06 Nov 2041 08:49:37 GMT";

base::Url url(std::string_view text) {
    auto parsed = base::parse_url(text);
    REQUIRE(parsed);
    return *parsed;
}

std::string sent(const CookieJar& jar, std::string_view to, system_clock::time_point now = kNow) {
    std::string line;
    jar.append_header(line, url(to), now);
    return line;
}

// What a request to `to` sends after `from` set `cookie`.
std::string sent_after(std::string_view cookie, std::string_view from, std::string_view to) {
    CookieJar jar;
    jar.store(cookie, url(from), kNow);
    return sent(jar, to);
}

TEST_CASE("CookieJar: name and value are what stands around the first equals sign", "[net]") {
    struct Row {
        std::string header;
        std::string sent;
    };
    const Row row = GENERATE(values<Row>({
        {"a=1", "a=1"},
        {"  a  =  1  ; Path=/", "a=1"},
        {"a=1=2", "a=1=2"},
        {"a=\"x y\"", "a=\"x y\""},
        {"a=", "a="},
        {"a=1; unknown; other=2", "a=1"},
        {"a=1;;;", "a=1"},
        {"a", ""},
        {"=1", ""},
        {"", ""},
        {";a=1", ""},
    }));
    INFO(row.header);
    CHECK(sent_after(row.header, "http://h.test/", "http://h.test/") == row.sent);
}

TEST_CASE("CookieJar: a cookie goes to the hosts of its domain", "[net]") {
    struct Row {
        std::string attribute;
        std::string from;
        std::string to;
        bool is_sent;
    };
    const Row row = GENERATE(values<Row>({
        // Without a Domain: this host alone.
        {"", "a.test", "a.test", true},
        {"", "a.test", "A.TEST", true},
        {"", "a.test", "b.a.test", false},
        {"", "a.test", "test", false},
        {"Domain=", "a.test", "b.a.test", false},
        // With one: that host and those below it.
        {"Domain=a.test", "a.test", "a.test", true},
        {"Domain=a.test", "a.test", "b.a.test", true},
        {"Domain=a.test", "a.test", "c.b.a.test", true},
        {"Domain=a.test", "b.a.test", "a.test", true},
        {"Domain=a.test", "b.a.test", "c.a.test", true},
        {"Domain=.a.test", "b.a.test", "c.a.test", true},
        {"domain=A.Test", "a.test", "b.a.test", true},
        {"Domain=a.test", "a.test", "ba.test", false},
        // Not of another host, nor of one below.
        {"Domain=b.test", "a.test", "b.test", false},
        {"Domain=b.a.test", "a.test", "b.a.test", false},
        {"Domain=a.test", "ba.test", "a.test", false},
        // A name without a dot may be a public suffix.
        {"Domain=test", "a.test", "a.test", false},
        {"Domain=localhost", "localhost", "localhost", true},
        {"Domain=localhost", "localhost", "a.localhost", false},
        // Addresses have no domains.
        {"Domain=127.0.0.1", "127.0.0.1", "127.0.0.1", true},
        {"Domain=0.0.1", "127.0.0.1", "127.0.0.1", false},
        {"", "127.0.0.1", "127.0.0.1", true},
        {"", "[::1]", "[::1]", true},
        {"", "[::1]", "[::2]", false},
        // The last of several.
        {"Domain=b.test; Domain=a.test", "a.test", "a.test", true},
    }));
    INFO("'" << row.attribute << "' from " << row.from << " to " << row.to);
    const std::string result =
        sent_after("n=v; " + row.attribute, "http://" + row.from + "/", "http://" + row.to + "/");
    CHECK(result == (row.is_sent ? "n=v" : ""));
}

TEST_CASE("CookieJar: a cookie goes to the paths below its own", "[net]") {
    struct Row {
        std::string attribute;
        std::string from;
        std::string to;
        bool is_sent;
    };
    const Row row = GENERATE(values<Row>({
        // The default: the folder of the request.
        {"", "/", "/x/y", true},
        {"", "/x", "/", true},
        {"", "/a/b", "/a", true},
        {"", "/a/b", "/a/", true},
        {"", "/a/b", "/a/c", true},
        {"", "/a/b", "/", false},
        {"", "/a/b", "/ab", false},
        {"", "/a/b/", "/a/b", true},
        {"", "/a/b/", "/a/c", false},
        {"", "/a/b?x=/c/d", "/a/x", true},
        // A given one.
        {"Path=/a", "/z", "/a", true},
        {"Path=/a", "/z", "/a/b", true},
        {"Path=/a", "/z", "/a?q", true},
        {"Path=/a", "/z", "/ab", false},
        {"Path=/a", "/z", "/A", false},
        {"Path=/a/", "/z", "/a", false},
        {"Path=/a/", "/z", "/a/b", true},
        {"Path=/", "/a/b", "/c", true},
        // What is not a path leaves the default; the last counts.
        {"Path=a", "/x/y", "/x/z", true},
        {"Path=a", "/x/y", "/a", false},
        {"Path", "/x/y", "/x/z", true},
        {"Path=/a; Path=/b", "/z", "/b", true},
        {"Path=/a; Path=/b", "/z", "/a", false},
    }));
    INFO("'" << row.attribute << "' from " << row.from << " to " << row.to);
    const std::string result =
        sent_after("n=v; " + row.attribute, "http://h.test" + row.from, "http://h.test" + row.to);
    CHECK(result == (row.is_sent ? "n=v" : ""));
}

TEST_CASE("CookieJar: a secure cookie goes over TLS only", "[net]") {
    CHECK(sent_after("n=v; Secure", "https://h.test/", "https://h.test/") == "n=v");
    CHECK(sent_after("n=v; secure; HttpOnly", "https://h.test/", "http://h.test/").empty());
    CHECK(sent_after("n=v; Secure", "https://h.test/", "wss://h.test/") == "n=v");
    CHECK(sent_after("n=v", "https://h.test/", "http://h.test/") == "n=v");
}

TEST_CASE("CookieJar: a cookie ends with its Max-Age, else with its Expires", "[net]") {
    constexpr std::int64_t kNever = -1;
    struct Row {
        std::string attributes;
        std::int64_t lives_seconds;  // kNever: as long as the jar
    };
    const std::string past = kPast;
    const std::string future = kFuture;
    constexpr std::int64_t kUntilFuture = 2'267'340'577 - 1'700'000'000;
    const Row row = GENERATE_COPY(values<Row>({
        {"", kNever},
        {"Max-Age=10", 10},
        {"max-age=10", 10},
        {"Max-Age=0", 0},
        {"Max-Age=-1", 0},
        {"Max-Age=-99999999999999999999", 0},
        {past, 0},
        {future, kUntilFuture},
        {"Max-Age=10; " + past, 10},
        {past + "; Max-Age=10", 10},
        {"Max-Age=0; " + future, 0},
        {"Max-Age=5; Max-Age=10", 10},
        {"Max-Age=99999999999999999999", kNever},
        {"Max-Age=9223372036854775807", kNever},
        {"Expires=Fri, 31 Dec 9999 23:59:59 GMT", kNever},
        // What cannot be read is as if it were absent.
        {"Max-Age=", kNever},
        {"Max-Age=1.5", kNever},
        {"Max-Age=+5", kNever},
        {"Max-Age=5 s", kNever},
        {"Expires=tomorrow", kNever},
        {"Max-Age=x; " + past, 0},
    }));
    INFO(row.attributes);
    CookieJar jar;
    jar.store("n=v; " + row.attributes, url("http://h.test/"), kNow);
    CHECK(jar.is_empty() == (row.lives_seconds == 0));
    if (row.lives_seconds == kNever) {
        constexpr std::int64_t kCentury = 100LL * 365 * 86400;
        CHECK(sent(jar, "http://h.test/", kNow + seconds(kCentury)) == "n=v");
    } else if (row.lives_seconds > 0) {
        CHECK(sent(jar, "http://h.test/", kNow + seconds(row.lives_seconds - 1)) == "n=v");
        CHECK(sent(jar, "http://h.test/", kNow + seconds(row.lives_seconds)).empty());
    }
}

TEST_CASE("CookieJar: an expired cookie deletes its namesake", "[net]") {
    CookieJar jar;
    jar.store("a=1", url("http://h.test/"), kNow);
    jar.store("b=2", url("http://h.test/"), kNow);
    jar.store(std::string("a=; ") + kPast, url("http://h.test/"), kNow);
    CHECK(sent(jar, "http://h.test/") == "b=2");
    // Of another path it is another cookie.
    jar.store("b=; Max-Age=0; Path=/x", url("http://h.test/"), kNow);
    CHECK(sent(jar, "http://h.test/") == "b=2");
    jar.store("b=; Max-Age=0", url("http://h.test/"), kNow);
    CHECK(jar.is_empty());
}

TEST_CASE("CookieJar: a cookie replaces the one of its name, domain and path", "[net]") {
    CookieJar jar;
    jar.store("a=1", url("http://h.test/"), kNow);
    jar.store("b=2", url("http://h.test/"), kNow);
    jar.store("a=3", url("http://h.test/"), kNow);
    CHECK(sent(jar, "http://h.test/") == "a=3; b=2");
    jar.store("A=4", url("http://h.test/"), kNow);
    CHECK(sent(jar, "http://h.test/") == "a=3; b=2; A=4");
}

TEST_CASE("CookieJar: longer paths come first, then older cookies", "[net]") {
    CookieJar jar;
    jar.store("root1=1; Path=/", url("http://h.test/"), kNow);
    jar.store("deep=2; Path=/a/b", url("http://h.test/"), kNow);
    jar.store("root2=3; Path=/", url("http://h.test/"), kNow);
    jar.store("middle=4; Path=/a", url("http://h.test/"), kNow);
    CHECK(sent(jar, "http://h.test/a/b") == "deep=2; middle=4; root1=1; root2=3");
    CHECK(sent(jar, "http://h.test/") == "root1=1; root2=3");
}

TEST_CASE("CookieJar: a header is appended to what is there", "[net]") {
    CookieJar jar;
    std::string line = "Cookie: ";
    jar.append_header(line, url("http://h.test/"), kNow);
    CHECK(line == "Cookie: ");
    jar.store("a=1", url("http://h.test/"), kNow);
    jar.append_header(line, url("http://h.test/"), kNow);
    CHECK(line == "Cookie: a=1");
    jar.clear();
    CHECK(jar.is_empty());
}

TEST_CASE("CookieJar: a full jar gives up expired cookies first, then the oldest", "[net]") {
    const base::Url from = url("http://h.test/");
    CookieJar jar;
    jar.store("oldest=1; Path=/a", from, kNow);
    jar.store("short=1; Max-Age=10", from, kNow);
    for (std::size_t index = 2; index < CookieJar::kMaxCookies; ++index) {
        jar.store(fmt::format("n{}=1; Path=/b", index), from, kNow);
    }
    jar.store("oldest=2; Path=/a", from, kNow);  // replaced: no younger for that
    const auto later = kNow + seconds(11);
    jar.store("new1=1", from, later);
    CHECK(sent(jar, "http://h.test/a", later) == "oldest=2; new1=1");
    jar.store("new2=1", from, later);
    CHECK(sent(jar, "http://h.test/a", later) == "new1=1; new2=1");
    CHECK(sent(jar, "http://h.test/b", later).substr(0, 5) == "n2=1;");
    jar.store("new3=1", from, later);
    CHECK(sent(jar, "http://h.test/b", later).substr(0, 5) == "n3=1;");
}

TEST_CASE("CookieJar: a parsed cookie has all of its parts", "[net]") {
    const auto cookie = parse_set_cookie("sid=31d4; Path=/p; Domain=.h.test; Secure; Max-Age=60",
                                         url("https://www.h.test/x"), kNow);
    REQUIRE(cookie);
    CHECK(cookie->name == "sid");
    CHECK(cookie->value == "31d4");
    CHECK(cookie->domain == "h.test");
    CHECK(cookie->path == "/p");
    CHECK_FALSE(cookie->is_host_only);
    CHECK(cookie->is_secure);
    CHECK(cookie->expires == kNow + seconds(60));
}

}  // namespace
}  // namespace boom::net
