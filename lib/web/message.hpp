#pragma once
// A request of the API and its answer, as plain data.

#include <map>
#include <string>
#include <string_view>

namespace boom::web {

struct ApiRequest {
    std::string method;
    std::string path;  // decoded, without query
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    std::string peer;  // address of the client

    [[nodiscard]] std::string header(const std::string& name) const;  // empty when missing
};

struct ApiResponse {
    enum class Kind { Document, EventStream };
    Kind kind = Kind::Document;
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    std::string body;
    std::string allow;          // of a 405
    bool is_challenge = false;  // of a 401
    std::string content_policy = "default-src 'none'; frame-ancestors 'none'; sandbox";
};

[[nodiscard]] ApiResponse json_response(int status, int code, const std::string& message);
[[nodiscard]] ApiResponse text_response(int status, std::string body);

}  // namespace boom::web
