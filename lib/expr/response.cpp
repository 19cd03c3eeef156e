#include "expr/response.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "expr/document.hpp"
#include "expr/limits.hpp"
#include "expr/query.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>

namespace boom::expr {
namespace {

using Kind = Query::Compiled::Kind;

// "content-type" as "Content-Type", the way Go and most documentation write it.
std::string canonical_name(std::string_view name) {
    std::string result = base::to_lower(name);
    bool is_start = true;
    for (char& c : result) {
        c = is_start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        is_start = c == '-';
    }
    return result;
}

Value elapsed_ms(base::Duration elapsed) {
    return Value(std::chrono::duration<double, std::milli>(elapsed).count());
}

// The first header of a name counts, as in the reference.
Value header(std::span<const NameValue> headers, std::string_view name) {
    const auto found = std::find_if(headers.begin(), headers.end(), [name](const NameValue& entry) {
        return base::equals_ignoring_case(entry.name, name);
    });
    return found == headers.end() ? Value() : Value(found->value);
}

// The last cookie of a name counts: it is the one that a client keeps.
Value cookie(std::span<const NameValue> cookies, std::string_view name) {
    const auto found = std::find_if(cookies.rbegin(), cookies.rend(),
                                    [name](const NameValue& entry) { return entry.name == name; });
    return found == cookies.rend() ? Value() : Value(found->value);
}

Value all_headers(std::span<const NameValue> headers) {
    Map map;
    for (const NameValue& entry : headers) {
        std::string name = canonical_name(entry.name);
        const bool is_known = std::any_of(
            map.begin(), map.end(), [&name](const auto& member) { return member.first == name; });
        if (!is_known) {
            map.emplace_back(std::move(name), Value(entry.value));
        }
    }
    return Value(std::move(map));
}

Value all_cookies(std::span<const NameValue> cookies) {
    Map map;
    for (const NameValue& entry : cookies) {
        const auto known = std::find_if(map.begin(), map.end(), [&entry](const auto& member) {
            return member.first == entry.name;
        });
        if (known != map.end()) {
            known->second = Value(entry.value);
        } else {
            map.emplace_back(std::string(entry.name), Value(entry.value));
        }
    }
    return Value(std::move(map));
}

}  // namespace

struct ResponseReader::State {
    ResponseView response;
    Document body;
    std::optional<Value> document;  // all members, for paths that are no chain

    const Value& whole() {
        if (!document) {
            Map map;
            map.emplace_back("proto", Value(response.proto));
            map.emplace_back("status_code", Value(response.status_code));
            map.emplace_back("headers", all_headers(response.headers));
            map.emplace_back("cookies", all_cookies(response.cookies));
            map.emplace_back("elapsed", elapsed_ms(response.elapsed));
            map.emplace_back("body", body.find({}));
            document = Value(std::move(map));
        }
        return *document;
    }

    std::optional<Value> search_path(const JmesPath& path, CallContext& context) {
        auto result = path.search(whole());
        if (auto* error = std::get_if<JmesPath::Error>(&result)) {
            context.error = std::move(error->what);
            return std::nullopt;
        }
        return std::move(std::get<Value>(result));
    }
};

ResponseReader::ResponseReader() : state_(std::make_unique<State>()) {}
ResponseReader::~ResponseReader() = default;

void ResponseReader::reset(const ResponseView& response) {
    state_->response = response;
    state_->body.reset(response.body);
    state_->document.reset();
}

std::optional<Value> ResponseReader::search(const Query& query, Slots slots, CallContext& context) {
    const Query::Compiled& compiled = query.compiled();
    const ResponseView& response = state_->response;
    switch (compiled.kind) {
        case Kind::Text:
            return compiled.text.evaluate(slots, context);
        case Kind::Status:
            return Value(response.status_code);
        case Kind::Proto:
            return Value(response.proto);
        case Kind::Elapsed:
            return elapsed_ms(response.elapsed);
        case Kind::Header:
            return header(response.headers, compiled.name);
        case Kind::Cookie:
            return cookie(response.cookies, compiled.name);
        case Kind::Body:
        case Kind::BodyChain:
            return state_->body.find(compiled.steps);
        case Kind::Path:
            return state_->search_path(*compiled.path, context);
        case Kind::JsonPath: {
            List found = compiled.json_path->search(state_->body.find({}));
            if (!compiled.json_path->is_single()) {
                return found.empty() ? Value() : Value(std::move(found));
            }
            return found.empty() ? Value() : std::move(found.front());
        }
        case Kind::Regex: {
            const auto group = compiled.pattern->first_group(response.body);
            return group ? Value(*group) : Value();
        }
    }
    return std::nullopt;
}

}  // namespace boom::expr
