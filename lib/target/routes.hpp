#pragma once
// What each path answers: functions of the request and of what the server remembers. Any thread.

#include "target/answer.hpp"
#include "target/records.hpp"
#include "target/request.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace boom::target {

struct Context {
    const Request& request;
    std::string_view peer;    // address, without port
    std::string_view scheme;  // "http" or "https"
    base::TimePoint now;
    Records& records;
    std::vector<std::string_view> parts{};  // of the path, after the first one
};

// How many parts may follow the first one of the path.
struct Route {
    std::string_view name;
    std::size_t least = 0;
    std::size_t most = 0;
    Answer (*handler)(const Context& context) = nullptr;
};

// The tables behind answer(): as httpbin and postman-echo, and our own.
[[nodiscard]] std::span<const Route> mirror_routes();
[[nodiscard]] std::span<const Route> session_routes();
[[nodiscard]] std::span<const Route> payload_routes();
[[nodiscard]] std::span<const Route> fault_routes();
[[nodiscard]] std::span<const Route> control_routes();

[[nodiscard]] Answer answer(Context context);

}  // namespace boom::target
