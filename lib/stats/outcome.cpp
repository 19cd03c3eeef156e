#include "stats/outcome.hpp"

#include "base/assert.hpp"

#include <array>

namespace boom::stats {

namespace {

// In the order of the enum.
constexpr std::array<std::string_view, kOutcomeCount> kNames = {
    "passed",
    "status",
    "check",
    "extract",
    "redirects",
    "dns",
    "connect refused",
    "connect timeout",
    "connect",
    "tls",
    "reset",
    "response timeout",
    "bad response",
    "client: local ports exhausted",
    "client: descriptors exhausted",
    "websocket handshake",
    "websocket closed",
    "websocket protocol",
    "transport",
    "interrupted",
};
static_assert(static_cast<int>(Outcome::Interrupted) + 1 == kOutcomeCount);

}  // namespace

std::string_view name(Outcome outcome) {
    const auto index = static_cast<std::size_t>(outcome);
    BOOM_ASSERT(index < kNames.size());
    return kNames[index];
}

}  // namespace boom::stats
