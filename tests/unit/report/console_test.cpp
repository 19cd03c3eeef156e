#include "report/console.hpp"

#include "unit/report/golden.hpp"
#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>

#include <sstream>

namespace boom::report {
namespace {

using Color = TextStyle::Color;
using Charset = TextStyle::Charset;

// The sample, with everything that can go wrong in it.
Result bad_sample() {
    Result result = test::make_sample_run().result;
    result.run.verdict = Verdict::Failed;
    result.run.exit_code = 99;
    result.thresholds = {{"p95<200ms", 200, "ms", 951.2, false},
                         {"error_ratio<5%", 5, "%", 1.36, true},
                         {"buy:p99<1s", 1, "s", std::nullopt, false}};
    result.stages = {{"ramp", 0, 4, result.total}, {"hold", 4, 10, result.total}};
    result.health.limited_by = "cpu";
    result.steps[1].info.name = "\u5546\u54c1\u8be6\u60c5 caf\u00e9 \x1b[2J\xff";
    result.errors.push_back({"check", "got\nnothing \x1b]0;evil\x07", "login", 1, 1, 1, 0, 0, 0});
    for (int i = 0; i < 7; ++i) {
        result.errors.push_back(
            {"reset", "text " + std::to_string(i), "get item", 1, 1, 2, 0, 0, 0});
    }
    return result;
}

Result live_sample() {
    Result result = bad_sample();
    result.run.state = RunState::Running;
    result.progress = 0.4;
    result.left_s = 15;
    return result;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

std::size_t widest(const std::string& text) {
    std::istringstream lines(text);
    std::size_t width = 0;
    for (std::string line; std::getline(lines, line);) {
        width = std::max(width, display_width(line));
    }
    return width;
}

TEST_CASE("Final report: looks as it was looked at", "[report]") {
    const auto [name, style, is_bad] = GENERATE(table<std::string, TextStyle, bool>({
        {"final_wide.txt", {Color::Off, Charset::Utf8, 160, 40}, false},
        {"final_wide_color.txt", {Color::On, Charset::Utf8, 160, 40}, true},
        {"final_80_ascii.txt", {Color::Off, Charset::Ascii, 80, 24}, true},
        {"final_60.txt", {Color::Off, Charset::Utf8, 60, 24}, true},
        {"final_40.txt", {Color::Off, Charset::Ascii, 40, 24}, false},
    }));
    CAPTURE(name);
    const std::string text =
        final_report(is_bad ? bad_sample() : test::make_sample_run().result, style);
    CHECK(text == test::golden(name, text));
}

TEST_CASE("Final report: a run without anything", "[report]") {
    Result result;
    result.run.state = RunState::Aborted;
    result.run.verdict = Verdict::Invalid;
    result.run.exit_code = 103;
    const std::string text = final_report(result, {Color::Off, Charset::Ascii, 80, 24});
    CHECK(text.rfind("invalid: not enough workers in time", 0) == 0);
    CHECK(text == test::golden("final_empty.txt", text));
}

TEST_CASE("Final report: the verdict is the first word", "[report]") {
    CHECK(final_report(test::make_sample_run().result, {}).rfind("passed", 0) == 0);
    CHECK(final_report(bad_sample(), {}).rfind("failed: a threshold failed", 0) == 0);
}

TEST_CASE("Final report: workers that were lost come first, then the busiest", "[report]") {
    Result result = test::make_sample_run().result;
    result.workers.clear();
    constexpr int kWorkers = 30;  // more than are shown
    for (int i = 0; i < kWorkers; ++i) {
        WorkerResult worker;
        worker.name = "box-" + std::to_string(i);
        worker.cpu_percent_max = 3.0 * i;
        worker.is_lost = i == 0;
        result.workers.push_back(worker);
    }
    result.workers[7].cpu_percent_max = 99;
    const std::string text = final_report(result, {Color::On, Charset::Ascii, 120, 24});
    const auto place = [&](const std::string& name) { return text.find(name + " "); };
    CHECK(place("box-0") < place("box-7"));
    CHECK(place("box-7") < place("box-29"));
    CHECK(place("box-29") < place("box-28"));
    CHECK(place("box-2") == std::string::npos);
    CHECK(text.find("\x1b[33;1mbox-7") != std::string::npos);  // hot
}

TEST_CASE("Final report: nothing from outside reaches the terminal's control", "[report]") {
    const std::string text = final_report(bad_sample(), {Color::Off, Charset::Utf8, 120, 24}) +
                             joined(live_view(live_sample(), {Color::Off, Charset::Utf8, 99, 24}));
    for (const char c : text) {
        CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
    }
    const std::string ascii = final_report(bad_sample(), {Color::Off, Charset::Ascii, 120, 24}) +
                              joined(live_view(live_sample(), {}));
    for (const char c : ascii) {
        CHECK(static_cast<unsigned char>(c) < 0x80);
    }
}

TEST_CASE("Live view: looks as it was looked at", "[report]") {
    const auto [name, style] = GENERATE(table<std::string, TextStyle>({
        {"live_100.txt", {Color::Off, Charset::Utf8, 100, 40}},
        {"live_100_color.txt", {Color::On, Charset::Utf8, 100, 40}},
        {"live_60_ascii.txt", {Color::Off, Charset::Ascii, 60, 40}},
        {"live_30.txt", {Color::Off, Charset::Ascii, 30, 8}},
    }));
    CAPTURE(name);
    const std::string text = joined(live_view(live_sample(), style));
    CHECK(text == test::golden(name, text));
}

TEST_CASE("Headers: every figure says of which time it is", "[report]") {
    const TextStyle style{Color::Off, Charset::Ascii, 160, 40};
    std::string headers;
    for (const std::string& line : live_view(live_sample(), style)) {
        headers += line.substr(0, line.find(' ', line.find("  ") + 2)) + "\n";
    }
    std::istringstream final(final_report(test::make_sample_run().result, style));
    for (std::string line; std::getline(final, line);) {
        headers += line.find("p95") != std::string::npos ? line + "\n" : "";
    }
    CHECK(headers == test::golden("headers.txt", headers));
}

TEST_CASE("Live view: fits into any window", "[report]") {
    Result result = live_sample();
    for (int i = 0; i < 100; ++i) {
        result.steps.push_back(result.steps[0]);
    }
    for (int width = 36; width < 200; ++width) {
        const int height = 8 + width % 50;
        const TextStyle style{Color::Off, Charset::Utf8, width, height};
        const auto lines = live_view(result, style);
        CAPTURE(width, height);
        CHECK(widest(joined(lines)) <= static_cast<std::size_t>(width));
        CHECK(lines.size() < static_cast<std::size_t>(height));
    }
}

TEST_CASE("Live screen: redraws over what it drew, also when the window shrank", "[report]") {
    LiveScreen screen;
    const TextStyle wide{Color::Off, Charset::Ascii, 80, 24};
    CHECK(screen.erase().empty());
    CHECK(screen.draw({"a", std::string(70, 'b')}, wide) ==
          "a\x1b[K\r\n" + std::string(70, 'b') + "\x1b[K\r\n");
    CHECK(screen.draw({"c"}, wide) == "\x1b[2A\r\x1b[Jc\x1b[K\r\n");
    (void)screen.draw({std::string(70, 'b'), "\x1b[31;1mred\x1b[0m"}, wide);
    // 70 columns in a window of 30 are three rows, and the red word one.
    const TextStyle narrow{Color::Off, Charset::Ascii, 30, 24};
    CHECK(screen.draw({"d"}, narrow) == "\x1b[4A\r\x1b[Jd\x1b[K\r\n");
    CHECK(screen.erase() == "\x1b[1A\r\x1b[J");
    CHECK(screen.erase().empty());
}

TEST_CASE("Progress line: the last whole second and the sums", "[report]") {
    CHECK(
        progress_line(test::make_sample_run().result, {}) ==
        "    10s  running   users 20/20  workers 2  110 req/s  15 failed  p50 108 ms  p95 208 ms");
}

TEST_CASE("Text style: colour and characters follow the terminal", "[report]") {
    const TerminalFacts good{true, "xterm-256color", "de_DE.UTF-8", false, 120, 50};
    CHECK(style_for(good).color == Color::On);
    CHECK(style_for(good).charset == Charset::Utf8);
    CHECK(style_for(good).width == 120);
    CHECK(can_redraw(good));
    TerminalFacts facts = good;
    facts.has_no_color = true;
    CHECK(style_for(facts).color == Color::Off);
    CHECK(can_redraw(facts));
    facts = good;
    facts.term = "dumb";
    CHECK(style_for(facts).color == Color::Off);
    CHECK_FALSE(can_redraw(facts));
    facts = good;
    facts.is_terminal = false;
    facts.columns = 0;
    CHECK(style_for(facts).color == Color::Off);
    CHECK(style_for(facts).width == 160);
    CHECK_FALSE(can_redraw(facts));
    facts.locale = "C";
    CHECK(style_for(facts).charset == Charset::Ascii);
}

TEST_CASE("Text style: figures as people read them", "[report]") {
    const TextStyle style;
    const auto [us, wanted] = GENERATE(table<double, std::string>({
        {0, "0 us"},
        {999, "999 us"},
        {1000, "1.00 ms"},
        {9994, "9.99 ms"},
        {9996, "10.0 ms"},
        {99'960, "100 ms"},
        {1e6, "1.00 s"},
        {3.6e9, "3600 s"},
    }));
    CHECK(time_text(us, style) == wanted);
    CHECK(percent_text(0) == "0.0 %");
    CHECK(percent_text(1e-9) == "<0.1 %");
    CHECK(percent_text(0.99999) == ">99.9 %");
    CHECK(percent_text(1) == "100.0 %");
    CHECK(bytes_text(999) == "999 B");
    CHECK(bytes_text(1000) == "1.0 kB");
    CHECK(bytes_text(2.5e9) == "2.5 GB");
    CHECK(seconds_text(245) == "4m05s");
    CHECK(seconds_text(7380) == "2h03m");
}

TEST_CASE("Text style: cut by columns and never inside a character", "[report]") {
    const TextStyle style{Color::Off, Charset::Utf8, 80, 24};
    CHECK(fit_text("abcdef", 6, style) == "abcdef");
    CHECK(fit_text("abcdefg", 6, style) == "abcde\u2026");
    CHECK(fit_text("\u5546\u54c1\u8be6", 5, style) == "\u5546\u54c1\u2026");
    CHECK(fit_text("\u5546\u54c1\u8be6", 4, style) == "\u5546\u2026");
    CHECK(fit_text("abc", 0, style).empty());
    CHECK(fit_text("abcdefg", 6, {}) == "abcd..");
    CHECK(clean_text("a\xc3", style) == "a?");
    CHECK(clean_text("\xed\xa0\x80", style) == "???");  // half of a surrogate pair
    CHECK(clean_text("\u202e", style) == "?");
}

}  // namespace
}  // namespace boom::report
