#pragma once
// The API as a function: request in, response out. No sockets here.

#include "web/run_control.hpp"

#include <map>
#include <string>
#include <string_view>

namespace boom::web {

struct ApiRequest {
    std::string method;
    std::string path;                            // without query
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    std::string peer;  // address of the client
};

struct ApiResponse {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    std::string body;
    std::string allow;          // of a 405
    bool is_challenge = false;  // of a 401
};

struct AccessRules {
    std::string token;     // empty: none
    bool is_open = false;  // peers that are not loopback are served without a token
};

[[nodiscard]] ApiResponse respond(const ApiRequest& request, const AccessRules& rules,
                                  RunControl& control);

}  // namespace boom::web
