#include "stats/outcome.hpp"

#include "stats/catalog.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string_view>
#include <tuple>

using boom::stats::is_transport_error;
using boom::stats::kOutcomeCount;
using boom::stats::name;
using boom::stats::Outcome;
using boom::stats::StepKind;

TEST_CASE("Outcome: names and classes are those of the report", "[stats]") {
    const auto [outcome, text, is_transport] = GENERATE(table<Outcome, std::string_view, bool>({
        {Outcome::Passed, "passed", false},
        {Outcome::BadStatus, "status", false},
        {Outcome::CheckFailed, "check", false},
        {Outcome::ExtractFailed, "extract", false},
        {Outcome::TooManyRedirects, "redirects", false},
        {Outcome::DnsFailed, "dns", true},
        {Outcome::ConnectRefused, "connect refused", true},
        {Outcome::ConnectTimeout, "connect timeout", true},
        {Outcome::ConnectFailed, "connect", true},
        {Outcome::TlsFailed, "tls", true},
        {Outcome::ConnectionReset, "reset", true},
        {Outcome::ResponseTimeout, "response timeout", true},
        {Outcome::BadResponse, "bad response", true},
        {Outcome::LocalPorts, "client: local ports exhausted", true},
        {Outcome::LocalDescriptors, "client: descriptors exhausted", true},
        {Outcome::WebSocketHandshake, "websocket handshake", true},
        {Outcome::WebSocketClosed, "websocket closed", true},
        {Outcome::WebSocketProtocol, "websocket protocol", true},
        {Outcome::OtherTransport, "transport", true},
        {Outcome::Interrupted, "interrupted", false},
    }));
    CHECK(name(outcome) == text);
    CHECK(is_transport_error(outcome) == is_transport);
}

TEST_CASE("Outcome: no two outcomes share a name", "[stats]") {
    std::set<std::string_view> names;
    for (int i = 0; i < kOutcomeCount; ++i) {
        names.insert(name(static_cast<Outcome>(i)));
    }
    CHECK(names.size() == kOutcomeCount);
}

TEST_CASE("StepKind: names are those of the result file", "[stats]") {
    const auto [kind, text] = GENERATE(table<StepKind, std::string_view>({
        {StepKind::Request, "request"},
        {StepKind::Transaction, "transaction"},
        {StepKind::Testcase, "testcase"},
        {StepKind::WebSocket, "websocket"},
    }));
    CHECK(name(kind) == text);
}
