#pragma once
// The ways of one virtual user to its origins, by origin and connection settings. One thread.
//
// A Lane has `Http1Origin origin`, `Http1Profile* profile`, `std::uint64_t last_use = 0` and
// `int flights = 0`, the number of flights that have chosen it.

#include "net/request_origin.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace boom::net {

struct Http1Profile;

template <typename Lane>
class LaneTable {
public:
    // The lane stays until leave().
    [[nodiscard]] Lane& enter(const Http1Origin& origin, Http1Profile& profile) {
        ++uses_;
        for (const auto& lane : lanes_) {
            if (lane->profile == &profile && lane->origin == origin) {
                lane->last_use = uses_;
                ++lane->flights;
                return *lane;
            }
        }
        if (lanes_.size() >= kMaxLanes) {
            drop_oldest();
        }
        auto lane = std::make_unique<Lane>();
        lane->origin = origin;
        lane->profile = &profile;
        lane->last_use = uses_;
        lane->flights = 1;
        lanes_.push_back(std::move(lane));
        return *lanes_.back();
    }
    void leave(Lane& lane) { --lane.flights; }

    [[nodiscard]] auto begin() const { return lanes_.begin(); }
    [[nodiscard]] auto end() const { return lanes_.end(); }

private:
    // A user that visits more origins connects anew to those that it has not seen for longest.
    static constexpr std::size_t kMaxLanes = 16;

    void drop_oldest() {
        const auto oldest =
            std::min_element(lanes_.begin(), lanes_.end(), [](const auto& a, const auto& b) {
                return a->flights != b->flights ? a->flights < b->flights
                                                : a->last_use < b->last_use;
            });
        if ((*oldest)->flights == 0) {
            lanes_.erase(oldest);
        }
    }

    // Pointers: a flight keeps a reference to its lane.
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::uint64_t uses_ = 0;
};

}  // namespace boom::net
