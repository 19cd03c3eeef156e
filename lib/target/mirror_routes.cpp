// Endpoints that say what came: as postman-echo and httpbin, and /echo.
#include "base/digest.hpp"
#include "base/text.hpp"
#include "target/json_text.hpp"
#include "target/multipart.hpp"
#include "target/routes.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace boom::target {
namespace {

constexpr std::size_t kUsualSize = 512;

std::string url_of(const Context& context) {
    const Request& request = context.request;
    std::string url(context.scheme);
    url.append("://").append(request.header("Host")).append(request.path);
    return request.query.empty() ? url : url.append("?").append(request.query);
}

// What postman-echo makes of a body.
struct Body {
    std::string data = R"("")";
    std::string form = "{}";
    std::string files = "{}";
    std::string json = "null";
};

Body read_upload(const std::vector<FormPart>& parts) {
    Fields form;
    Fields files;
    for (const FormPart& part : parts) {
        if (part.filename) {
            const std::string type =
                part.content_type.empty() ? "application/octet-stream" : part.content_type;
            files.emplace_back(*part.filename, fmt::format("data:{};base64,{}", type,
                                                           base::encode_base64(part.content)));
        } else {
            form.emplace_back(part.name, part.content);
        }
    }
    Body body;
    body.form = object(form);
    body.files = object(files);
    return body;
}

// Empty when the body is not what its Content-Type says.
std::optional<Body> read_body(const Request& request) {
    const std::string_view type = request.header("Content-Type");
    Body body;
    if (request.body.empty()) {
        return body;
    }
    if (type.find("json") != std::string_view::npos) {
        if (!nlohmann::json::accept(request.body)) {
            return std::nullopt;
        }
        body.data = body.json = request.body;
    } else if (type.find("x-www-form-urlencoded") != std::string_view::npos) {
        body.form = body.json = object(parse_form(request.body));
    } else if (type.find("multipart/form-data") != std::string_view::npos) {
        const auto parts = parse_multipart(type, request.body);
        return parts ? std::optional(read_upload(*parts)) : std::nullopt;
    } else {
        body.data = json_string(request.body);
    }
    return body;
}

Answer mirror(const Context& context) {
    const auto body = read_body(context.request);
    if (!body) {
        return problem(400, "the body is not what its Content-Type says");
    }
    // Put together by hand: this is the path that benchmarks ask for.
    std::string text;
    text.reserve(kUsualSize + 2 * context.request.body.size());
    text += R"({"args":)";
    append_object(text, context.request.parameters());
    text.append(R"(,"data":)").append(body->data).append(R"(,"files":)").append(body->files);
    text.append(R"(,"form":)").append(body->form).append(R"(,"json":)").append(body->json);
    text += R"(,"headers":)";
    append_headers(text, context.request);
    text += R"(,"url":)";
    append_json_string(text, url_of(context));
    text += '}';
    return json(200, std::move(text));
}

// /get wants GET, /post wants POST.
Answer method_mirror(const Context& context) {
    const std::string_view path = context.request.path;
    const std::string& method = context.request.method;
    const std::string wanted = base::to_upper(path.substr(1));
    if (method == wanted || (method == "HEAD" && wanted == "GET")) {
        return mirror(context);
    }
    Answer result = problem(405, "wrong method");
    result.headers.emplace_back("Allow", wanted == "GET" ? "GET, HEAD" : wanted);
    return result;
}

Answer echo(const Context& context) {
    const Request& request = context.request;
    return json(200, fmt::format(R"({{"method":{},"path":{},"args":{},"headers":{},"body":{}}})",
                                 json_string(request.method), json_string(request.path),
                                 object(request.parameters()), headers_object(request),
                                 json_string(request.body)));
}

Answer headers(const Context& context) {
    return json(200, fmt::format(R"({{"headers":{}}})", headers_object(context.request)));
}

Answer ip(const Context& context) {
    return json(200, fmt::format(R"({{"ip":{0},"origin":{0}}})", json_string(context.peer)));
}

Answer user_agent(const Context& context) {
    return json(200, fmt::format(R"({{"user-agent":{}}})",
                                 json_string(context.request.header("User-Agent"))));
}

// Multipart bodies by part, others as a whole: sizes and digests, so that gigabytes are not echoed.
Answer upload(const Context& context) {
    const Request& request = context.request;
    if (request.method != "POST" && request.method != "PUT") {
        Answer result = problem(405, "wrong method");
        result.headers.emplace_back("Allow", "POST, PUT");
        return result;
    }
    const std::string_view type = request.header("Content-Type");
    if (type.find("multipart/form-data") == std::string_view::npos) {
        return json(200, fmt::format(R"({{"size":{},"sha256":"{}"}})", request.body.size(),
                                     base::sha256_hex(request.body)));
    }
    const auto parts = parse_multipart(type, request.body);
    if (!parts) {
        return problem(400, "the body is no multipart/form-data of that boundary");
    }
    Fields fields;
    std::vector<std::string> files;
    for (const FormPart& part : *parts) {
        if (!part.filename) {
            fields.emplace_back(part.name, part.content);
            continue;
        }
        files.push_back(fmt::format(
            R"({{"name":{},"filename":{},"content_type":{},"size":{},"sha256":"{}"}})",
            json_string(part.name), json_string(*part.filename), json_string(part.content_type),
            part.content.size(), base::sha256_hex(part.content)));
    }
    return json(
        200, fmt::format(R"({{"fields":{},"files":[{}]}})", object(fields), fmt::join(files, ",")));
}

constexpr std::size_t kAnyParts = 100;
constexpr std::array kRoutes{
    Route{"get", 0, 0, method_mirror},
    Route{"post", 0, 0, method_mirror},
    Route{"put", 0, 0, method_mirror},
    Route{"patch", 0, 0, method_mirror},
    Route{"delete", 0, 0, method_mirror},
    Route{"anything", 0, kAnyParts, mirror},
    Route{"echo", 0, kAnyParts, echo},
    Route{"headers", 0, 0, headers},
    Route{"ip", 0, 0, ip},
    Route{"user-agent", 0, 0, user_agent},
    Route{"upload", 0, 0, upload},
};

}  // namespace

std::span<const Route> mirror_routes() {
    return kRoutes;
}

}  // namespace boom::target
