#pragma once
// A request to the API as it comes from this machine.

#include "web/routes.hpp"

#include <string>
#include <utility>

namespace boom::test {

inline web::ApiRequest request(std::string method, std::string path, std::string body = {}) {
    web::ApiRequest result;
    result.method = std::move(method);
    result.path = std::move(path);
    result.body = std::move(body);
    result.headers = {{"host", "127.0.0.1:9771"}};
    result.peer = "127.0.0.1";
    return result;
}

}  // namespace boom::test
