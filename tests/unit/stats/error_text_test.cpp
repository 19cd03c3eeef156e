#include "stats/error_text.hpp"

#include <catch2/catch.hpp>

#include <string>

using boom::stats::kMaxErrorText;
using boom::stats::NormalizedText;

TEST_CASE("Error text: ids, numbers and addresses become one mark, words stay", "[stats]") {
    const auto [text, wanted] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"connection refused", "connection refused"},
        {"status 503", "status #"},
        {"got 17, expected -4.5e3", "got #, expected #"},
        {"order 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is unknown", "order # is unknown"},
        {"at 2026-11-21T01:45:33.123Z from 10.0.0.7:8080.", "at # from #."},
        {"user_42: no", "#: no"},
        {"well-known: so - what", "well-known: so - what"},
        {"\"a1\"=\"b2\"", "\"#\"=\"#\""},
        {"caf\xc3\xa9 7", "caf\xc3\xa9 #"},
        {"12 34", "# #"},
        {"#", "#"},
    }));
    CAPTURE(text);
    const NormalizedText once(text);
    CHECK(once.view() == wanted);
    CHECK(NormalizedText(once.view()).view() == wanted);
}

TEST_CASE("Error text: what is longer than the limit is cut", "[stats]") {
    CHECK(NormalizedText(std::string(2 * kMaxErrorText, '.')).view().size() == kMaxErrorText);
    CHECK(NormalizedText(std::string(2 * kMaxErrorText, '1')).view() == "#");
}
