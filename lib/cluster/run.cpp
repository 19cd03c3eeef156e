#include "cluster/run.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::cluster {

std::vector<wire::Shared> variables_since(const Run& run, std::uint64_t order) {
    std::vector<wire::Shared> result;
    if (order >= run.shared_order) {
        return result;
    }
    for (const auto& [name, shared] : run.shared) {
        if (shared.order > order) {
            result.push_back(shared);
        }
    }
    std::sort(result.begin(), result.end(),
              [](const auto& a, const auto& b) { return a.order < b.order; });
    return result;
}

base::Duration Run::prepare_deadline() const {
    const std::uint64_t seconds = request.bundle.size() / kLeastBytesPerSecond;
    return kPrepareDeadline + std::chrono::seconds(seconds);
}

std::string make_run_id(std::uint64_t random) {
    std::string digits;
    for (const char c : base::wall_time_rfc3339()) {
        if (c >= '0' && c <= '9') {
            digits += c;
        }
    }
    return fmt::format("{}-{}-{:08x}", digits.substr(0, 8), digits.substr(8, 6),
                       random & 0xFFFFFFFFU);
}

}  // namespace boom::cluster
