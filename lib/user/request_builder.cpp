#include "user/request_builder.hpp"

#include "base/text.hpp"
#include "user/hooks.hpp"

#include <algorithm>
#include <chrono>

namespace boom::user {
namespace {

using expr::CallContext;
using expr::Slots;

bool assign(const std::vector<plan::Assignment>& assignments, std::vector<expr::Value>& slots,
            CallContext& context) {
    for (const plan::Assignment& assignment : assignments) {
        auto value = assignment.value.evaluate(slots, context);
        if (!value) {
            return false;
        }
        slots[static_cast<std::size_t>(assignment.slot)] = std::move(*value);
    }
    return true;
}

bool append_pairs(std::string& out,
                  const std::vector<std::pair<expr::Template, expr::Template>>& pairs, Slots slots,
                  CallContext& context) {
    std::string text;
    const char* separator = "";
    for (const auto& [name, value] : pairs) {
        out += separator;
        text.clear();
        if (!name.append(text, slots, context)) {
            return false;
        }
        out += base::form_encode(text) + "=";
        text.clear();
        if (!value.append(text, slots, context)) {
            return false;
        }
        out += base::form_encode(text);
        separator = "&";
    }
    return true;
}

bool append_params(const plan::RequestStep& step, std::string& out, Slots slots,
                   CallContext& context) {
    if (step.params.empty()) {
        return true;
    }
    out += out.find('?') == std::string::npos ? '?' : '&';
    return append_pairs(out, step.params, slots, context);
}

// As base::join_url() takes it, where it never changes: the compiler has seen that it is a URL.
// Empty for any other.
std::string_view constant_base(const plan::RequestStep& step) {
    const expr::Value* value = step.base_url.constant_value();
    if (value == nullptr || value->kind() != expr::Value::Kind::Text) {
        return {};
    }
    std::string_view base = base::trim(value->as_text());
    base = base.substr(0, std::min(base.find('?'), base.find('#')));
    while (!base.empty() && base.back() == '/') {
        base.remove_suffix(1);
    }
    return base;
}

bool is_relative(std::string_view url) {
    return !url.empty() && url.find("://") == std::string_view::npos &&
           base::trim(url).size() == url.size();
}

bool build_url(const plan::RequestStep& step, std::string& out, Slots slots, CallContext& context) {
    if (step.constant_url) {
        out = *step.constant_url;
        return true;
    }
    std::string base_url;
    std::string url;
    // The common case first: behind a constant base, rendered in place.
    if (const std::string_view base = constant_base(step); !base.empty()) {
        out.assign(base);
        out += '/';
        const std::size_t begin = out.size();
        if (!step.url.append(out, slots, context)) {
            return false;
        }
        if (is_relative(std::string_view(out).substr(begin))) {
            out.erase(begin, std::min(out.find_first_not_of('/', begin), out.size()) - begin);
            base::escape_url(out);
            return append_params(step, out, slots, context);
        }
        // Not rendered again: its functions may count.
        url = out.substr(begin);
    } else if (!step.url.append(url, slots, context)) {
        return false;
    }
    if (!step.base_url.append(base_url, slots, context)) {
        return false;
    }
    out = base::join_url(base_url, url);
    base::escape_url(out);
    if (!append_params(step, out, slots, context)) {
        return false;
    }
    if (!base::parse_url(out)) {
        context.error =
            "'" + base::shorten(out.empty() ? url : out, 60) + "' is not an absolute URL";
        return false;
    }
    return true;
}

bool build_headers(const plan::RequestStep& step, std::string& out, Slots slots,
                   CallContext& context) {
    if (step.constant_headers) {
        out = *step.constant_headers;
        return true;
    }
    out.clear();
    for (const plan::HeaderTemplate& header : step.headers) {
        out += header.name;
        out += ": ";
        const std::size_t begin = out.size();
        if (!header.value.append(out, slots, context)) {
            return false;
        }
        if (out.find('\r', begin) != std::string::npos ||
            out.find('\n', begin) != std::string::npos) {
            context.error = "header '" + header.name + "' would contain a line break";
            return false;
        }
        out += "\r\n";
    }
    return true;
}

bool append_cookies(const plan::RequestStep& step, const VirtualUser& user,
                    net::HttpRequest& request, Slots slots, CallContext& context) {
    if (step.cookies.empty() && user.cookies.is_empty()) {
        return true;
    }
    std::string line;
    if (!user.cookies.is_empty()) {
        if (const auto url = base::parse_url(request.url)) {
            user.cookies.append_header(line, *url, std::chrono::system_clock::now());
        }
    }
    for (const auto& [name, value] : step.cookies) {
        line += line.empty() ? "" : "; ";
        if (!name.append(line, slots, context)) {
            return false;
        }
        line += '=';
        if (!value.append(line, slots, context)) {
            return false;
        }
    }
    if (!line.empty()) {
        request.headers += "Cookie: " + line + "\r\n";
    }
    return true;
}

bool append_form(const expr::ValueTemplate& body, std::string& out, Slots slots,
                 CallContext& context) {
    const auto value = body.evaluate(slots, context);
    if (!value) {
        return false;
    }
    if (value->kind() != expr::Value::Kind::Map) {
        value->append_text(out);
        return true;
    }
    const char* separator = "";
    for (const auto& [name, member] : value->as_map()) {
        out += separator + base::form_encode(name) + "=" + base::form_encode(member.text());
        separator = "&";
    }
    return true;
}

bool append_parts(const plan::RequestStep& step, std::string& out, Slots slots,
                  CallContext& context) {
    for (const plan::FormPart& part : step.parts) {
        out += "--" + step.boundary + "\r\n" + part.head;
        if (part.file) {
            out += part.file->view();
        } else if (!part.text.append(out, slots, context)) {
            return false;
        }
        out += "\r\n";
    }
    out += "--" + step.boundary + "--\r\n";
    return true;
}

bool build_body(const plan::RequestStep& step, std::string& out, Slots slots,
                CallContext& context) {
    if (step.constant_body) {
        out = *step.constant_body;
        return true;
    }
    out.clear();
    switch (step.body_kind) {
        case plan::BodyKind::None:
            return true;
        case plan::BodyKind::Json:
            return step.body.append_json(out, slots, context);
        case plan::BodyKind::Form:
            return append_form(step.body, out, slots, context);
        case plan::BodyKind::Text:
            return step.text_body.append(out, slots, context);
        case plan::BodyKind::Multipart:
            return append_parts(step, out, slots, context);
    }
    return true;
}

}  // namespace

bool build_request(const plan::RequestStep& step, VirtualUser& user, CallContext& context) {
    std::vector<expr::Value>& slots = user.slots[static_cast<std::size_t>(user.case_index)];
    net::HttpRequest& request = user.exchange->request;
    if (!assign(step.variables, slots, context)) {
        return false;
    }
    const std::uint64_t constant = user.cookies.is_empty() ? step.constant : 0;
    if (constant != 0 && request.constant == constant) {
        return true;  // it is there already
    }
    request.constant = constant;
    request.method = step.method;
    return build_url(step, request.url, slots, context) &&
           build_headers(step, request.headers, slots, context) &&
           append_cookies(step, user, request, slots, context) &&
           build_body(step, request.body, slots, context) &&
           run_setup_hooks(step, request, slots, context);
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void set_header_line(std::string& block, std::string_view name, std::string_view value) {
    std::size_t begin = 0;
    while (begin < block.size()) {
        const std::size_t end = block.find("\r\n", begin);
        const std::string_view line = std::string_view(block).substr(begin, end - begin);
        const std::string_view line_name = line.substr(0, line.find(':'));
        const std::size_t next = end == std::string::npos ? block.size() : end + 2;
        if (base::equals_ignoring_case(line_name, name)) {
            block.erase(begin, next - begin);
        } else {
            begin = next;
        }
    }
    if (!value.empty()) {
        block += std::string(name) + ": " + std::string(value) + "\r\n";
    }
}

bool follow_redirect(net::HttpRequest& request, int status, std::string_view location) {
    const auto from = base::parse_url(request.url);
    if (!from) {
        return false;
    }
    const auto to = base::resolve_url(*from, location);
    if (!to || to->scheme.substr(0, 4) != "http") {
        return false;
    }
    request.constant = 0;
    const bool is_post_turned_get =
        status == 303 ? request.method != "HEAD"
                      : (status == 301 || status == 302) && request.method == "POST";
    if (is_post_turned_get) {
        request.method = "GET";
        request.body.clear();
        set_header_line(request.headers, "Content-Type", "");
        set_header_line(request.headers, "Content-Length", "");
    }
    if (to->origin() != from->origin()) {
        set_header_line(request.headers, "Authorization", "");
        set_header_line(request.headers, "Host", "");
    }
    set_header_line(request.headers, "Cookie", "");
    request.url = to->text();
    base::escape_url(request.url);
    return true;
}

}  // namespace boom::user
