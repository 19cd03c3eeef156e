// A `websocket` step: one action on a user's websocket (hrp-boom 6.13).

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

using Kind = WebSocketAction::Kind;

constexpr std::array<std::string_view, 12> kKeys = {
    "type",           "url",          "params",  "headers", "cookies",       "text", "binary",
    "new_connection", "close_status", "timeout", "verify",  "fail_on_status"};
constexpr std::array<std::string_view, 3> kConfigKeys = {
    "reconnection_times", "reconnection_interval", "max_message_size"};
// The handshake's own.
constexpr std::array<std::string_view, 7> kReservedHeaders = {
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Extensions",
    "Content-Type",
};
constexpr std::int64_t kMaxMessageLimit = std::int64_t{1} << 30;
constexpr std::int64_t kFirstCloseStatus = 1000;
constexpr std::int64_t kLastCloseStatus = 4999;

struct ActionName {
    std::string_view name;  // of the reference
    std::string_view words;
    Kind kind;
};
constexpr std::array kActions{
    ActionName{"open", "connect", Kind::Open},
    ActionName{"ping", "ping", Kind::Ping},
    ActionName{"wr", "write_and_read", Kind::WriteAndRead},
    ActionName{"r", "read", Kind::Read},
    ActionName{"w", "write", Kind::Write},
    ActionName{"close", "close", Kind::Close},
};

const ActionName* find_action(std::string_view text) {
    const auto found = std::find_if(kActions.begin(), kActions.end(), [text](const auto& action) {
        return action.name == text || action.words == text;
    });
    return found == kActions.end() ? nullptr : found;
}

bool is_reserved(std::string_view header) {
    return std::any_of(kReservedHeaders.begin(), kReservedHeaders.end(),
                       [&](auto reserved) { return base::equals_ignoring_case(header, reserved); });
}

// The codes that an endpoint may send (RFC 6455 section 7.4.2).
bool may_be_sent(std::int64_t code) {
    const bool is_defined = code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    return is_defined || code >= 3000;
}

bool sends_payload(Kind kind) {
    return kind != Kind::Open && kind != Kind::Read;
}

}  // namespace

void CaseCompiler::read_web_socket_settings(const YamlNode& node) {
    if (!check_map(node, "websocket", {kConfigKeys, {}}, mistakes_)) {
        return;
    }
    for (const std::string_view key : {"reconnection_times", "reconnection_interval"}) {
        if (node.find(key) != nullptr) {
            warn(fmt::format("'{}' has no effect: a step of type open opens a connection", key));
        }
    }
    const YamlNode* limit = node.find("max_message_size");
    if (const auto bytes = read_integer(limit, "max_message_size", mistakes_)) {
        settings_.max_message_bytes = *bytes;
        if (*bytes < 1 || *bytes > kMaxMessageLimit) {
            mistakes_.add(*limit, "'max_message_size' is a number of bytes, up to 1 GB");
        }
    }
}

std::optional<WebSocketAction> CaseCompiler::read_action(const YamlNode& node) {
    WebSocketAction action;
    action.max_message_bytes = settings_.max_message_bytes;
    const YamlNode* type = node.find("type");
    const auto name = read_text(type, "type", mistakes_);
    const ActionName* known = name ? find_action(*name) : nullptr;
    if (known == nullptr) {
        mistakes_.add(type != nullptr ? *type : node,
                      name ? fmt::format("unknown action '{}' of a websocket", *name)
                           : "'websocket' needs 'type'",
                      "open, ping, wr (write and read), r (read), w (write) or close");
        return std::nullopt;
    }
    action.kind = known->kind;
    action.has_url = node.find("url") != nullptr;
    const YamlNode* fresh = node.find("new_connection");
    action.is_fresh = read_flag(fresh, "new_connection", mistakes_).value_or(false);
    if (action.is_fresh && action.kind == Kind::Close) {
        mistakes_.add(*fresh, "'new_connection' has no effect on a 'close'");
    }
    const YamlNode* status = node.find("close_status");
    if (const auto code = read_integer(status, "close_status", mistakes_)) {
        if (action.kind != Kind::Close) {
            mistakes_.add(*status, "'close_status' belongs to 'type: close'");
        } else if (*code < kFirstCloseStatus || *code > kLastCloseStatus) {
            warn(fmt::format("'close_status' {} is no code: 1000 is sent", *code));
        } else if (!may_be_sent(*code)) {
            mistakes_.add(*status, fmt::format("the code {} cannot be sent", *code),
                          "1000 to 1003, 1007 to 1014 or 3000 to 4999");
        } else {
            action.close_code = static_cast<int>(*code);
        }
    }
    return action;
}

void CaseCompiler::read_payload(const YamlNode& node, RequestStep& step) {
    WebSocketAction& action = *step.web_socket;
    const YamlNode* text = node.find("text");
    const YamlNode* binary = node.find("binary");
    if (!sends_payload(action.kind)) {
        for (const YamlNode* payload : {text, binary}) {
            if (payload != nullptr) {
                mistakes_.add(*payload, "nothing is sent by this action");
            }
        }
        return;
    }
    if (text != nullptr && binary != nullptr) {
        warn("'text' and 'binary' of a websocket: the text is sent");
    }
    const bool is_message = action.kind == Kind::Write || action.kind == Kind::WriteAndRead;
    if (binary != nullptr && !is_message) {
        mistakes_.add(*binary, "'binary' belongs to the actions that write a message",
                      "use 'text'");
    }
    const YamlNode* payload = text != nullptr ? text : binary;
    action.is_binary = text == nullptr && is_message;
    if (payload == nullptr) {
        return;
    }
    if (payload->is_scalar() && value_of(*payload).kind() == expr::Value::Kind::Text) {
        step.body_kind = BodyKind::Text;
        step.text_body = scope_.text(*payload);
        step.constant_body = constant_text(step.text_body);
    } else {
        step.body_kind = BodyKind::Json;
        step.body = scope_.structure(*payload);
        if (const expr::Value* value = step.body.constant_value()) {
            step.constant_body = value->json();
        }
    }
}

// Only what opens a connection has a handshake with a header.
void CaseCompiler::read_handshake(const YamlNode& node, RequestStep& step) {
    const bool opens = step.web_socket->kind == Kind::Open || step.web_socket->is_fresh;
    if (!opens) {
        for (const std::string_view key : {"headers", "cookies"}) {
            if (node.find(key) != nullptr) {
                warn(fmt::format("'{}' of a websocket have an effect when it is opened only", key));
            }
        }
        step.constant_headers = std::string();
        return;
    }
    for (const YamlNode* headers : {settings_.headers, node.find("headers")}) {
        for (const std::string& name : read_headers(headers, scope_, step.headers)) {
            warn(fmt::format("header '{}' is not sent as written", name));
        }
    }
    for (const HeaderTemplate& header : step.headers) {
        if (is_reserved(header.name)) {
            warn(fmt::format("header '{}' is not sent as written by a websocket", header.name));
        }
    }
    if (const YamlNode* cookies = node.find("cookies")) {
        read_cookies(*cookies, step);
    }
    add_profile_headers(profile_, step.headers, mistakes_);
    std::erase_if(step.headers, [](const auto& header) { return is_reserved(header.name); });
    step.constant_headers = constant_header_lines(step.headers);
}

void CaseCompiler::read_web_socket_url(const YamlNode& node, RequestStep& step) {
    if (node.find("url") != nullptr) {
        read_url(node, step);
        return;
    }
    const bool opens = step.web_socket->kind == Kind::Open || step.web_socket->is_fresh;
    if (settings_.has_base_url) {
        YamlNode whole = node;
        YamlNode key, url;
        key.text = "url";
        url.line = node.line;
        url.column = node.column;
        url.file = node.file;
        whole.keys.push_back(std::move(key));
        whole.items.push_back(std::move(url));
        whole.keys.back().kind = whole.items.back().kind = YamlNode::Kind::Scalar;
        read_url(whole, step);
    } else if (opens) {
        mistakes_.add(node, "'websocket' needs 'url' to open one");
    } else {
        step.constant_url = std::string();  // the one used last
    }
}

void CaseCompiler::read_web_socket(const YamlNode& node, const YamlNode& web_socket) {
    RequestStep step;
    step.variables = read_step_variables(node.find("variables"));
    if (!check_map(web_socket, "websocket", {kKeys, {}}, mistakes_)) {
        return;
    }
    step.web_socket = read_action(web_socket);
    if (!step.web_socket) {
        return;
    }
    if (!profile_.proxy.empty()) {
        mistakes_.add(web_socket, "a websocket goes through no proxy");
    }
    const std::string_view words = find_action(web_socket.find("type")->text)->words;
    step.method = base::to_upper(words);
    read_handshake(web_socket, step);
    read_web_socket_url(web_socket, step);
    read_payload(web_socket, step);
    // As the reference: a bare number is in milliseconds.
    const YamlNode* timeout = web_socket.find("timeout");
    step.timeout = settings_.timeout;
    if (timeout != nullptr) {
        const expr::Value value = value_of(*timeout);
        step.timeout = value.is_number()
                           ? base::from_seconds(value.number() / 1000)
                           : read_duration(timeout, "timeout", mistakes_).value_or(step.timeout);
        if (step.timeout <= base::Duration::zero()) {
            mistakes_.add(*timeout, "a timeout must be above 0");
        }
    }
    step.follows_redirects = false;
    step.needs_body = true;
    step.verify =
        !profile_.no_verify &&
        read_flag(web_socket.find("verify"), "verify", mistakes_).value_or(settings_.verify);
    const bool fails_on_status =
        read_flag(web_socket.find("fail_on_status"), "fail_on_status", mistakes_)
            .value_or(settings_.fail_on_status);
    // The status of a `close` is a code of websockets.
    step.fail_on_status = fails_on_status && step.web_socket->kind != Kind::Close;
    finish_request(node, StepKind::WebSocket,
                   web_socket.find("url") != nullptr ? web_socket.find("url")->text : "",
                   std::move(step));
}

}  // namespace boom::plan
