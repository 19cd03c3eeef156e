#pragma once
// A blocking HTTP request for everything that is not load: gateways, exporters, checks. Any thread
// that may block. Never longer than its deadline, whatever the other side does.

#include "base/units.hpp"

#include <string>
#include <vector>

namespace boom::net {

struct FetchRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::string> headers;  // "Name: value"
    std::string body;
    base::Duration deadline = std::chrono::seconds(2);
};

struct FetchResult {
    int status = 0;     // 0 = no answer
    std::string body;   // at most 16 MiB
    std::string error;  // why there is no answer; empty otherwise
    [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
};

[[nodiscard]] FetchResult fetch(const FetchRequest& request);

}  // namespace boom::net
