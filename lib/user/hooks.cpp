#include "user/hooks.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

#include <utility>

namespace boom::user {
namespace {

using expr::Value;

Value headers_value(std::string_view block) {
    expr::Map headers;
    for (const std::string_view line : base::split_text(block, '\n')) {
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) {
            headers.emplace_back(std::string(base::trim(line.substr(0, colon))),
                                 Value(base::trim(line.substr(colon + 1))));
        }
    }
    return Value(std::move(headers));
}

// JSON as what it is, anything else as a text.
Value body_value(std::string_view body) {
    auto json = expr::parse_json(body);
    return json ? std::move(*json) : Value(body);
}

std::string body_text(const Value& body) {
    if (body.is_null()) {
        return {};
    }
    return body.kind() == Value::Kind::Text ? body.as_text() : body.json();
}

bool has_line_break(std::string_view text) {
    return text.find_first_of("\r\n") != std::string_view::npos;
}

bool write_back(const Value& changed, net::HttpRequest& request, expr::CallContext& context) {
    const auto take_text = [&changed](std::string_view name, std::string& to) {
        if (const Value* member = changed.member(name); member != nullptr && !member->is_null()) {
            to = member->text();
        }
    };
    take_text("method", request.method);
    take_text("url", request.url);
    base::escape_url(request.url);
    if (const Value* body = changed.member("body")) {
        request.body = body_text(*body);
    }
    const Value* headers = changed.member("headers");
    if (headers == nullptr || headers->kind() != Value::Kind::Map) {
        return true;
    }
    request.headers.clear();
    for (const auto& [name, value] : headers->as_map()) {
        const std::string text = value.text();
        if (name.empty() || has_line_break(name) || has_line_break(text)) {
            context.error =
                "a hook gave a header that cannot be sent: '" + base::shorten(name, 40) + "'";
            return false;
        }
        request.headers += name + ": " + text + "\r\n";
    }
    return true;
}

// Runs one after the other; each sees what the one before made of it.
bool run(const std::vector<expr::Template>& hooks, plan::Slot slot, std::vector<Value>& slots,
         expr::CallContext& context) {
    context.is_hook = true;
    for (const expr::Template& hook : hooks) {
        auto result = hook.evaluate(slots, context);
        if (!result) {
            context.is_hook = false;
            return false;
        }
        // Any other result is of no meaning, as in the reference.
        if (result->kind() == Value::Kind::Map) {
            slots[static_cast<std::size_t>(slot)] = std::move(*result);
        }
    }
    context.is_hook = false;
    return true;
}

}  // namespace

bool run_setup_hooks(const plan::RequestStep& step, net::HttpRequest& request,
                     std::vector<Value>& slots, expr::CallContext& context) {
    if (step.setup_hooks.empty() && step.teardown_hooks.empty()) {
        return true;
    }
    Value& slot = slots[static_cast<std::size_t>(step.request_slot)];
    expr::Map map;
    map.emplace_back("method", Value(request.method));
    map.emplace_back("url", Value(request.url));
    map.emplace_back("headers", headers_value(request.headers));
    map.emplace_back("body", body_value(request.body));
    slot = Value(std::move(map));
    return step.setup_hooks.empty() ||
           (run(step.setup_hooks, step.request_slot, slots, context) &&
            write_back(slots[static_cast<std::size_t>(step.request_slot)], request, context));
}

bool run_teardown_hooks(const plan::RequestStep& step, expr::ResponseView& view,
                        ChangedResponse& changed, std::vector<Value>& slots,
                        expr::CallContext& context) {
    expr::Map headers;
    for (const expr::NameValue& header : view.headers) {
        headers.emplace_back(std::string(header.name), Value(header.value));
    }
    expr::Map map;
    map.emplace_back("status_code", Value(view.status_code));
    map.emplace_back("proto", Value(view.proto));
    map.emplace_back("headers", Value(std::move(headers)));
    map.emplace_back("body", body_value(view.body));
    slots[static_cast<std::size_t>(step.response_slot)] = Value(std::move(map));
    if (!run(step.teardown_hooks, step.response_slot, slots, context)) {
        return false;
    }
    changed.response = slots[static_cast<std::size_t>(step.response_slot)];
    if (const Value* status = changed.response.member("status_code");
        status != nullptr && status->kind() == Value::Kind::Integer) {
        view.status_code = static_cast<int>(status->as_integer());
    }
    if (const Value* body = changed.response.member("body")) {
        changed.body = body_text(*body);
        view.body = changed.body;
    }
    return true;
}

}  // namespace boom::user
