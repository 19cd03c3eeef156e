#include "web/message.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::web {

std::string ApiRequest::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

ApiResponse json_response(int status, int code, const std::string& message) {
    ApiResponse response;
    response.status = status;
    response.body =
        fmt::format(R"({{"code":{},"message":"{}"}})", code, base::escape_json(message));
    return response;
}

ApiResponse text_response(int status, std::string body) {
    ApiResponse response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

}  // namespace boom::web
