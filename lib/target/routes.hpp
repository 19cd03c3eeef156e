#pragma once
// What each path answers: a function of the request and the counters.

#include "base/units.hpp"
#include "target/counters.hpp"
#include "target/request.hpp"

#include <string>
#include <utility>
#include <vector>

namespace boom::target {

struct Answer {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    // When and how it is given.
    enum class Manner { Now, Never, Close, Reset, Chunked } manner = Manner::Now;
    base::Duration delay{};
    base::Duration stall{};  // everybody waits this long
};

[[nodiscard]] Answer answer(const Request& request, std::string_view peer, Counters& counters);
// The bytes of an answer. `keeps_alive` false adds "Connection: close".
[[nodiscard]] std::string serialize(const Answer& answer, const Request& request, bool keeps_alive);

}  // namespace boom::target
