// Endpoints that misbehave: late, never, in part, broken; and the pause of the whole server.
#include "base/text.hpp"
#include "target/distribution.hpp"
#include "target/hostile.hpp"
#include "target/json_text.hpp"
#include "target/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace boom::target {
namespace {

constexpr std::int64_t kMaxDelayMs = 3'600'000;
constexpr std::int64_t kMaxDripBytes = 100'000;

std::optional<base::Duration> milliseconds_of(const Context& context, std::string_view name,
                                              std::int64_t fallback) {
    const auto ms = context.request.number(name, fallback);
    return ms ? std::optional<base::Duration>(std::chrono::milliseconds(std::min(*ms, kMaxDelayMs)))
              : std::nullopt;
}

// /delay/{ms}, or /delay?dist=exponential:20ms.
Answer delay(const Context& context) {
    Answer result;
    if (!context.parts.empty()) {
        const auto ms = base::parse_integer(context.parts[0]);
        if (!ms || *ms < 0) {
            return problem(400, "/delay/MILLISECONDS");
        }
        result = json(200, fmt::format(R"({{"delay_ms":{}}})", *ms));
        result.delay = std::chrono::milliseconds(std::min(*ms, kMaxDelayMs));
        return result;
    }
    const auto law = Distribution::parse(context.request.parameter("dist").value_or(""));
    if (!law) {
        return problem(400,
                       "?dist= is one of fixed:D uniform:D,D exponential:D normal:D,D "
                       "lognormal:D,SIGMA pareto:D,ALPHA two:D,D,SHARE with D such as 20ms");
    }
    const base::Duration drawn = context.records.measurements.draw(*law);
    result = json(200, fmt::format(R"({{"delay_us":{}}})", base::to_us(drawn)));
    result.delay = drawn;
    result.is_delay_drawn = true;
    return result;
}

Answer with_manner(Answer::Manner manner) {
    Answer result = json(200, "{}");
    result.manner = manner;
    return result;
}
Answer hang(const Context& /*context*/) {
    return with_manner(Answer::Manner::Never);
}
Answer close(const Context& /*context*/) {
    return with_manner(Answer::Manner::Close);
}
Answer reset(const Context& /*context*/) {
    return with_manner(Answer::Manner::Reset);
}

// /flaky?ratio=0.5&status=500: the same share in every stretch of requests, in a fixed order.
Answer flaky(const Context& context) {
    const auto ratio = base::parse_real(context.request.parameter("ratio").value_or("0.5"));
    const auto status = context.request.number("status", 500);
    if (!ratio || !(*ratio >= 0 && *ratio <= 1) || !status || *status < 200 || *status > 599) {
        return problem(400, "?ratio= is 0 to 1, &status= is 200 to 599");
    }
    const auto n = static_cast<double>(context.records.counters.next_flaky());
    const bool fails = std::floor((n + 1) * *ratio) > std::floor(n * *ratio);
    return fails ? problem(static_cast<int>(*status), "flaky") : json(200, R"({"ok":true})");
}

// /stall?ms=1000: nobody is answered, this request included. With &after_ms=500 this one is, and
// the pause begins later.
Answer stall(const Context& context) {
    const auto length = milliseconds_of(context, "ms", 1000);
    const auto after = milliseconds_of(context, "after_ms", 0);
    if (!length || !after) {
        return problem(400, "?ms= and &after_ms= are numbers of milliseconds");
    }
    Answer result = json(200, fmt::format(R"({{"stall_ms":{},"after_ms":{}}})",
                                          base::to_ms(*length), base::to_ms(*after)));
    result.stall = Answer::Stall{*after, *length};
    return result;
}

// /drip?bytes=10&ms=1000: the body byte by byte over that time.
Answer drip(const Context& context) {
    const auto count = context.request.number("bytes", 10);
    const auto duration = milliseconds_of(context, "ms", 1000);
    if (!count || *count < 1 || *count > kMaxDripBytes || !duration) {
        return problem(400, "?bytes= is 1 to 100000, &ms= a number of milliseconds");
    }
    Answer result;
    result.manner = Answer::Manner::Raw;
    result.then = context.request.keeps_alive ? Answer::Then::Keep : Answer::Then::Close;
    result.pieces = split_into_pieces(std::string(static_cast<std::size_t>(*count), '*'), 1,
                                      *duration / *count);
    const std::string_view connection = context.request.keeps_alive ? "" : "Connection: close\r\n";
    result.pieces.insert(
        result.pieces.begin(),
        Piece{fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                          "Content-Length: {}\r\n{}\r\n",
                          *count, connection),
              {}});
    if (context.request.method == "HEAD") {
        result.pieces.resize(1);
    }
    return result;
}

Answer hostile(const Context& context) {
    if (context.parts.empty()) {
        return json(200, hostile_kinds_json());
    }
    auto result = hostile_answer(context.parts[0]);
    return result ? *std::move(result) : problem(404, "no such kind: /hostile lists them");
}

constexpr std::array kRoutes{
    Route{"delay", 0, 1, delay}, Route{"hang", 0, 0, hang},       Route{"close", 0, 0, close},
    Route{"reset", 0, 0, reset}, Route{"flaky", 0, 0, flaky},     Route{"stall", 0, 0, stall},
    Route{"drip", 0, 0, drip},   Route{"hostile", 0, 1, hostile},
};

}  // namespace

std::span<const Route> fault_routes() {
    return kRoutes;
}

}  // namespace boom::target
