#include "target/routes.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"
#include "target/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace boom::target {
namespace {

std::vector<Route> sorted_routes() {
    std::vector<Route> all;
    for (const auto& table :
         {mirror_routes(), session_routes(), payload_routes(), fault_routes(), control_routes()}) {
        all.insert(all.end(), table.begin(), table.end());
    }
    std::sort(all.begin(), all.end(),
              [](const Route& a, const Route& b) { return a.name < b.name; });
    return all;
}

const Route* find_route(std::string_view name) {
    static const std::vector<Route> kRoutes = sorted_routes();
    const auto found =
        std::lower_bound(kRoutes.begin(), kRoutes.end(), name,
                         [](const Route& route, std::string_view key) { return route.name < key; });
    return found != kRoutes.end() && found->name == name ? &*found : nullptr;
}

// Any answer arrives in pieces on request: ?__piece=BYTES&__pace=PAUSE.
Answer in_pieces(Answer whole, const Context& context) {
    const auto size = context.request.number("__piece", 0);
    const auto pace = base::parse_duration(context.request.parameter("__pace").value_or("1ms"));
    if (!size || *size < 1 || !pace) {
        return problem(400, "?__piece= is a number of bytes, &__pace= a duration");
    }
    const bool keeps = context.request.keeps_alive && whole.manner != Answer::Manner::Close;
    std::string bytes;
    if (whole.manner == Answer::Manner::Raw) {
        for (const Piece& piece : whole.pieces) {
            bytes += piece.bytes;
        }
    } else if (whole.manner == Answer::Manner::Now || whole.manner == Answer::Manner::Chunked ||
               whole.manner == Answer::Manner::Close) {
        bytes =
            serialize(whole, context.request.method, keeps ? Afterwards::Keep : Afterwards::Close);
        whole.then = keeps ? Answer::Then::Keep : Answer::Then::Close;
    } else {
        return whole;
    }
    if (whole.then == Answer::Then::Repeat) {
        return whole;
    }
    whole.manner = Answer::Manner::Raw;
    whole.pieces = split_into_pieces(bytes, static_cast<std::size_t>(*size), *pace);
    return whole;
}

}  // namespace

Answer answer(Context context) {
    const std::string_view path = context.request.path;
    const std::size_t slash = std::min(path.find('/', 1), path.size());
    const Route* route = find_route(path.substr(std::min<std::size_t>(1, path.size()),
                                                slash - std::min<std::size_t>(1, slash)));
    if (slash < path.size()) {
        context.parts = base::split_text(path.substr(slash + 1), '/');
    }
    if (route == nullptr || context.parts.size() < route->least ||
        context.parts.size() > route->most) {
        return problem(404, "no such path");
    }
    Answer result = route->handler(context);
    if (context.request.query.find("__piece") != std::string::npos) {
        return in_pieces(std::move(result), context);
    }
    return result;
}

}  // namespace boom::target
