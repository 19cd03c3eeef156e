// A `request` step with its extracts and checks.

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 14> kRequestKeys = {
    "method", "url",     "params",          "headers", "cookies",        "json",  "data",
    "body",   "timeout", "allow_redirects", "verify",  "fail_on_status", "http2", "upload"};
constexpr std::array<std::string_view, 6> kPlannedRequestKeys = {"files", "auth",   "proxies",
                                                                 "cert",  "stream", "retry"};
constexpr std::array<std::string_view, 4> kCheckKeys = {"check", "assert", "expect", "msg"};

bool is_method(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

}  // namespace

void CaseCompiler::read_request(const YamlNode& node, const YamlNode& request) {
    RequestStep step;
    step.variables = read_step_variables(node.find("variables"));
    if (!check_map(request, "request", {kRequestKeys, kPlannedRequestKeys}, mistakes_)) {
        return;
    }
    const YamlNode* method = request.find("method");
    step.method = base::to_upper(read_text(method, "method", mistakes_).value_or("GET"));
    if (!is_method(step.method)) {
        mistakes_.add(*method, fmt::format("'{}' is no method", step.method));
    }
    for (const YamlNode* headers : {settings_.headers, request.find("headers")}) {
        for (const std::string& name : read_headers(headers, scope_, step.headers)) {
            warn(fmt::format("header '{}' is not sent as written", name));
        }
    }
    read_url(request, step);
    read_body(request, scope_, step);
    if (const YamlNode* upload = request.find("upload")) {
        read_upload(*upload, step);
    }
    if (const YamlNode* cookies = request.find("cookies")) {
        read_cookies(*cookies, step);
    }
    add_profile_headers(profile_, step.headers, mistakes_);
    step.constant_headers = constant_header_lines(step.headers);
    const YamlNode* timeout = request.find("timeout");
    step.timeout = read_duration(timeout, "timeout", mistakes_).value_or(settings_.timeout);
    if (timeout != nullptr && step.timeout <= base::Duration::zero()) {
        mistakes_.add(*timeout, "a timeout must be above 0");
    }
    step.follows_redirects =
        read_flag(request.find("allow_redirects"), "allow_redirects", mistakes_).value_or(true);
    step.verify = !profile_.no_verify &&
                  read_flag(request.find("verify"), "verify", mistakes_).value_or(settings_.verify);
    step.fail_on_status = read_flag(request.find("fail_on_status"), "fail_on_status", mistakes_)
                              .value_or(settings_.fail_on_status);
    step.http2 = read_flag(request.find("http2"), "http2", mistakes_).value_or(false);
    if (step.http2 && profile_.engine == load::Engine::Http1) {
        mistakes_.add(*request.find("http2"), "the http1 engine speaks no HTTP/2",
                      "leave 'engine' at auto, or set it to curl");
    }
    const YamlNode* url = request.find("url");
    finish_request(node, StepKind::Request, url != nullptr ? url->text : "", std::move(step));
}

// What all steps have that send something.
void CaseCompiler::finish_request(const YamlNode& node, StepKind kind, std::string_view url,
                                  RequestStep step) {
    const YamlNode* name = node.find("name");
    std::string row_name;
    if (name != nullptr && read_text(name, "name", mistakes_)) {
        row_name = scope_.name_text(*name);
    }
    if (row_name.empty()) {
        row_name = fmt::format("{} {}", step.method, url);
    }
    read_hooks(node, step);
    if (const YamlNode* extract = node.find("extract")) {
        read_extract(*extract, step);
    }
    if (const YamlNode* validate = node.find("validate")) {
        read_validate(*validate, step);
    }
    step.value_name = read_value_name(node);
    step.step = add_row({row_name, case_.name, kind, step.method, step.value_name.has_value()});
    emit(OpKind::Request, case_.requests.size());
    case_.requests.push_back(std::move(step));
}

// A name with variables that is rendered for each request. None when the written one is the name.
std::optional<expr::Template> CaseCompiler::read_value_name(const YamlNode& node) {
    const YamlNode* flag = node.find("name_per_value");
    if (flag == nullptr || !read_flag(flag, "name_per_value", mistakes_).value_or(false)) {
        return std::nullopt;
    }
    const YamlNode* name = node.find("name");
    if (name == nullptr) {
        mistakes_.add(*flag, "'name_per_value' needs a name", "e.g. name: GET /item/$id");
        return std::nullopt;
    }
    // A call could wait for a function of the user's; a name is wanted when the request is over.
    for (std::size_t at = name->text.find("${"); at != std::string::npos;
         at = name->text.find("${", at + 1)) {
        const std::size_t end = name->text.find_first_of("(}", at);
        if (end != std::string::npos && name->text[end] == '(') {
            mistakes_.add(*name, "a name per value has variables, no functions",
                          "give the result to a variable of the step");
            return std::nullopt;
        }
    }
    expr::Template compiled = scope_.text(*name);
    if (compiled.constant_value() != nullptr) {
        return std::nullopt;  // the same for every request
    }
    return compiled;
}

void CaseCompiler::read_url(const YamlNode& request, RequestStep& step) {
    const YamlNode* url = request.find("url");
    if (const YamlNode* params = request.find("params")) {
        read_params(*params, step);
    }
    if (url == nullptr) {
        mistakes_.add(request, "'request' needs 'url'");
        return;
    }
    if (!read_text(url, "url", mistakes_)) {
        return;
    }
    const std::size_t before = mistakes_.count();
    step.url = scope_.text(*url);
    step.base_url = settings_.base_url;
    const auto base_url = constant_text(settings_.base_url);
    const auto own = constant_text(step.url);
    const bool is_relative =
        own ? own->find("://") == std::string::npos : url->text.starts_with('/');
    // What a mistake of the config made unknown is no mistake of the step.
    const bool is_base_unknown = settings_.has_base_url && (!base_url || base_url->empty());
    if (mistakes_.count() != before || (is_relative && mistakes_.count() > 0 && is_base_unknown)) {
        return;
    }
    if (is_relative && !settings_.has_base_url) {
        mistakes_.add(*url, fmt::format("'{}' has no host", url->text),
                      "set config.base_url or write an absolute URL");
        return;
    }
    if (!own && base_url && !base_url->empty() && !base::parse_url(*base_url)) {
        mistakes_.add(*url, fmt::format("'{}' is no URL", *base_url));
        return;
    }
    if (!own || (is_relative && !base_url)) {
        return;
    }
    std::string joined = base::join_url(base_url.value_or(""), *own);
    if (!base::parse_url(joined)) {
        mistakes_.add(*url,
                      fmt::format("'{}' is no URL", joined.empty() ? *base_url + *own : joined));
        return;
    }
    if (joined.find_first_of("\t\r\n") != std::string::npos) {
        mistakes_.add(*url, fmt::format("'{}' has a tab or a line break", joined),
                      "encode it, or put the value under 'params'");
        return;
    }
    if (const auto query = constant_form(step.params)) {
        joined.erase(std::min(joined.find('#'), joined.size()));
        if (!query->empty()) {
            joined += (joined.find('?') == std::string::npos ? "?" : "&") + *query;
        }
        base::escape_url(joined);
        step.constant_url = std::move(joined);
    }
}

void CaseCompiler::read_params(const YamlNode& node, RequestStep& step) {
    if (!is_map(&node, "params", mistakes_)) {
        return;
    }
    std::vector<std::pair<const YamlNode*, const YamlNode*>> members;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        members.emplace_back(&node.keys[i], &node.items[i]);
    }
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return a.first->text < b.first->text; });
    for (const auto& [key, value] : members) {
        if (value->is_map()) {
            mistakes_.add(*value, fmt::format("'{}' must be a text, not a map", key->text));
        } else if (value->is_list()) {
            for (const YamlNode& item : value->items) {
                if (read_text(&item, key->text, mistakes_)) {
                    step.params.emplace_back(scope_.text(*key), scope_.text(item));
                }
            }
        } else {
            step.params.emplace_back(scope_.text(*key), scope_.text(*value));
        }
    }
}

void CaseCompiler::read_cookies(const YamlNode& node, RequestStep& step) {
    if (!is_map(&node, "cookies", mistakes_)) {
        return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        if (read_text(&node.items[i], node.keys[i].text, mistakes_)) {
            step.cookies.emplace_back(scope_.text(node.keys[i]), scope_.text(node.items[i]));
        }
    }
}

void CaseCompiler::read_validate(const YamlNode& node, RequestStep& step) {
    if (is_list(&node, "validate", mistakes_)) {
        for (const YamlNode& item : node.items) {
            read_check(item, step);
        }
    }
}

void CaseCompiler::read_check(const YamlNode& node, RequestStep& step) {
    if (!is_map(&node, "a check", mistakes_)) {
        return;
    }
    if (node.keys.size() == 1 && node.find("check") == nullptr) {
        const YamlNode& items = node.items.front();
        if (!items.is_list() || items.items.size() < 2 || items.items.size() > 3) {
            mistakes_.add(items,
                          fmt::format("'{}' needs [subject, expected]", node.keys.front().text),
                          "and a message, if you like");
            return;
        }
        add_check(items.items[0], node.keys.front(), &items.items[1],
                  items.items.size() == 3 ? &items.items[2] : nullptr, step);
        return;
    }
    const std::size_t before = mistakes_.count();
    static_cast<void>(check_map(node, "a check", {kCheckKeys, {}}, mistakes_));
    const YamlNode* subject = node.find("check");
    const YamlNode* comparator = node.find("assert");
    const YamlNode* expected = node.find("expect");
    if (subject == nullptr || comparator == nullptr || expected == nullptr) {
        if (mistakes_.count() == before) {
            mistakes_.add(node, "a check needs 'check', 'assert' and 'expect'");
        }
        return;
    }
    add_check(*subject, *comparator, expected, node.find("msg"), step);
}

void CaseCompiler::add_check(const YamlNode& subject, const YamlNode& comparator,
                             const YamlNode* expected, const YamlNode* message, RequestStep& step) {
    const std::size_t before = mistakes_.count();
    const auto text = read_text(&subject, "check", mistakes_);
    const auto name = read_text(&comparator, "assert", mistakes_);
    const auto found = expr::find_comparator(name.value_or(""));
    if (name && !found) {
        mistakes_.add(comparator, fmt::format("unknown comparator '{}'", *name),
                      base::did_you_mean(*name, expr::comparator_names()));
    }
    auto query = expr::Query::compile(text.value_or("body"), scope_.resolver());
    if (const auto* error = std::get_if<expr::CompileError>(&query)) {
        scope_.explain(subject, *error);
    }
    expr::ValueTemplate wanted = scope_.structure(*expected);
    const std::string note = read_text(message, "msg", mistakes_).value_or("");
    if (mistakes_.count() != before) {
        return;
    }
    auto check =
        expr::Check::make(std::move(std::get<expr::Query>(query)), *found, std::move(wanted), note);
    if (const auto* error = std::get_if<expr::CompileError>(&check)) {
        mistakes_.add(*expected, error->what);
        return;
    }
    step.checks.push_back(std::move(std::get<expr::Check>(check)));
    const expr::Query& query_of_check = step.checks.back().subject;
    step.checks_status = step.checks_status || query_of_check.looks_at_status();
    step.needs_body = step.needs_body || query_of_check.looks_at_body();
    step.needs_headers = step.needs_headers || query_of_check.looks_at_headers();
}

}  // namespace boom::plan
