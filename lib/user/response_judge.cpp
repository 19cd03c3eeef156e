#include "user/response_judge.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "user/hooks.hpp"

#include <fmt/format.h>

namespace boom::user {
namespace {

using stats::Outcome;

// Name and value pairs of every Set-Cookie header, without attributes.
void read_cookies(const net::HttpResponse& response, std::vector<expr::NameValue>& out) {
    for (const net::Header& header : response.headers) {
        if (!base::equals_ignoring_case(header.name, "Set-Cookie")) {
            continue;
        }
        const std::string_view pair = header.value.substr(0, header.value.find(';'));
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos) {
            out.push_back(
                {base::trim(pair.substr(0, equals)), base::trim(pair.substr(equals + 1))});
        }
    }
}

Judgement status_judgement(const plan::RequestStep& step, int status) {
    if (!step.checks_status && step.fail_on_status && status >= 400) {
        return {Outcome::BadStatus, fmt::format("status {}", status)};
    }
    return {};
}

}  // namespace

Judgement judge(const plan::RequestStep& step, const net::HttpResponse& response,
                std::vector<expr::Value>& slots, JudgeBuffers& buffers,
                expr::CallContext& context) {
    if (step.extracts.empty() && step.checks.empty() && step.teardown_hooks.empty()) {
        return status_judgement(step, response.status);
    }
    buffers.headers.clear();
    buffers.cookies.clear();
    if (step.needs_headers) {
        for (const net::Header& header : response.headers) {
            buffers.headers.push_back({header.name, header.value});
        }
        read_cookies(response, buffers.cookies);
    }
    expr::ResponseView view;
    view.status_code = response.status;
    view.proto = response.protocol;
    view.headers = buffers.headers;
    view.cookies = buffers.cookies;
    view.body = response.body;
    view.elapsed = response.done_at - response.sent_at;
    ChangedResponse changed;
    if (!step.teardown_hooks.empty() && !run_teardown_hooks(step, view, changed, slots, context)) {
        return {Outcome::ExtractFailed, context.error};
    }
    expr::ResponseReader& reader = buffers.reader;
    reader.reset(view);
    for (const plan::Extract& extract : step.extracts) {
        auto value = extract.from.find(reader, slots, context);
        if (!value) {
            return {Outcome::ExtractFailed,
                    fmt::format("{}: {}", extract.from.subject().source(), context.error)};
        }
        slots[static_cast<std::size_t>(extract.slot)] = std::move(*value);
    }
    for (const expr::Check& check : step.checks) {
        if (auto failure = check.failure(reader, slots, context)) {
            return {Outcome::CheckFailed, std::move(*failure)};
        }
    }
    return status_judgement(step, view.status_code);
}

Outcome outcome_of(net::TransportError error) {
    switch (error) {
        case net::TransportError::Dns:
            return Outcome::DnsFailed;
        case net::TransportError::ConnectRefused:
            return Outcome::ConnectRefused;
        case net::TransportError::ConnectTimeout:
            return Outcome::ConnectTimeout;
        case net::TransportError::ConnectFailed:
            return Outcome::ConnectFailed;
        case net::TransportError::Tls:
            return Outcome::TlsFailed;
        case net::TransportError::Reset:
            return Outcome::ConnectionReset;
        case net::TransportError::ResponseTimeout:
            return Outcome::ResponseTimeout;
        case net::TransportError::BadResponse:
            return Outcome::BadResponse;
        case net::TransportError::LocalPorts:
            return Outcome::LocalPorts;
        case net::TransportError::LocalDescriptors:
            return Outcome::LocalDescriptors;
        case net::TransportError::Cancelled:
            return Outcome::Interrupted;
        case net::TransportError::Other:
            return Outcome::OtherTransport;
        case net::TransportError::None:
            break;
    }
    BOOM_ASSERT(error != net::TransportError::None);
    return Outcome::OtherTransport;
}

}  // namespace boom::user
