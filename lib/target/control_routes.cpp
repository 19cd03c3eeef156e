// Endpoints about the server itself. They are not counted and no pause holds them back.
#include "target/json_text.hpp"
#include "target/routes.hpp"

#include <fmt/format.h>

#include <array>

namespace boom::target {
namespace {

Answer stats(const Context& context) {
    return json(200, context.records.counters.json());
}

Answer reset(const Context& context) {
    context.records.counters.reset(context.now);
    context.records.measurements.reset(context.now);
    return json(200, "{}");
}

// /__arrivals?path=/get&first=0&limit=100000
Answer arrivals(const Context& context) {
    const auto first = context.request.number("first", 0);
    const auto limit = context.request.number("limit", Measurements::kMaxKept);
    if (!first || !limit) {
        return problem(400, "?first= and &limit= are numbers");
    }
    const std::string path = context.request.parameter("path").value_or("");
    return json(200,
                context.records.measurements.arrivals_json(
                    {path, static_cast<std::size_t>(*first), static_cast<std::size_t>(*limit)}));
}

// /__delays, with every value: ?values=1
Answer delays(const Context& context) {
    return json(200, context.records.measurements.delays_json(context.request.parameter("values")
                                                                  ? Measurements::Values::All
                                                                  : Measurements::Values::Summary));
}

// What clients have to trust with --tls.
Answer certificate(const Context& context) {
    if (context.records.certificate.empty()) {
        return problem(404, "this server speaks without TLS, or with a certificate from a file");
    }
    Answer result;
    result.content_type = "application/x-pem-file";
    result.body = context.records.certificate;
    return result;
}

constexpr std::array kRoutes{
    Route{"__stats", 0, 0, stats},       Route{"__reset", 0, 0, reset},
    Route{"__arrivals", 0, 0, arrivals}, Route{"__delays", 0, 0, delays},
    Route{"__ca", 0, 0, certificate},
};

}  // namespace

std::span<const Route> control_routes() {
    return kRoutes;
}

}  // namespace boom::target
