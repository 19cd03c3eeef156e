#include "net/cookie_date.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::net {
namespace {

using std::chrono::system_clock;

constexpr std::int64_t kNotADate = -1;

std::int64_t unix_seconds(std::string_view text) {
    const auto date = parse_cookie_date(text);
    return date ? std::chrono::floor<std::chrono::seconds>(*date).time_since_epoch().count()
                : kNotADate;
}

// The expected seconds are those of `date -u -d … +%s`.
TEST_CASE("CookieDate: every spelling of the RFCs is understood", "[net]") {
    struct Row {
        std::string text;
        std::int64_t seconds;
    };
    const Row row = GENERATE(values<Row>({
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},   // RFC 1123
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},  // RFC 850
        {"Sun Nov  6 08:49:37 1994", 784111777},        // asctime
        {"Wed, 09-Jun-2021 10:18:14 GMT", 1623233894},  // Netscape
        {"wed, 9 JUN 2021 10:18:14", 1623233894},
        {"2021 June 9 10:18:14 UTC", 1623233894},  // "20" is no day: four digits
        {"10:18:14 9 June 21", 1623233894},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Thu, 01-Jan-70 00:00:00 GMT", 0},
        {"Wed, 31 Dec 69 23:59:59 GMT", 3155759999},  // 69 is 2069
        {"Thu, 29 Feb 2024 1:2:3 GMT", 1709168523},
        {"01 Jan 1971 00:00:00abc", 31536000},                         // trailing text of a time
        {"1st Jan 1971x 00:00:00", 31536000},                          // and of a day and a year
        {"06 Nov 1994 08:49:37 GMT 99 Dec 2000 01:02:03", 784111777},  // the first counts
    }));
    INFO(row.text);
    CHECK(unix_seconds(row.text) == row.seconds);
}

TEST_CASE("CookieDate: what is not a date is refused", "[net]") {
    const std::string text = GENERATE(
        as<std::string>{}, "", "never", "Sun, 06 Nov 1994", "06 Nov 08:49:37", "Nov 1994 08:49:37",
        "06 1994 08:49:37", "06 Nov 1994 24:00:00", "06 Nov 1994 08:60:37", "06 Nov 1994 08:49:60",
        "00 Nov 1994 08:49:37", "32 Nov 1994 08:49:37", "31 Nov 1994 08:49:37",
        "29 Feb 2023 08:49:37", "06 Nov 1600 08:49:37", "06 Nov 19945 08:49:37",
        "06 Nov 1994 084937", "06 Nov 1994 8:49", "784111777", "06/11/1994 08:49:37");
    INFO(text);
    CHECK(unix_seconds(text) == kNotADate);
}

TEST_CASE("CookieDate: dates beyond the clock are its ends", "[net]") {
    CHECK(parse_cookie_date("Fri, 31 Dec 9999 23:59:59 GMT") == system_clock::time_point::max());
    CHECK(parse_cookie_date("Mon, 01 Jan 1601 00:00:00 GMT") == system_clock::time_point::min());
}

}  // namespace
}  // namespace boom::net
