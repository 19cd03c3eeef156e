#include "net/http1_lanes.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace boom::net {
namespace {

// A user that visits more origins connects anew to those that it has not seen for longest.
constexpr std::size_t kMaxLanes = 16;

}  // namespace

Http1Lane& Http1Lanes::enter(const Http1Origin& origin, Http1Profile& profile) {
    ++uses_;
    for (const auto& lane : lanes_) {
        if (lane->profile == &profile && lane->origin == origin) {
            lane->last_use = uses_;
            ++lane->flights;
            return *lane;
        }
    }
    if (lanes_.size() >= kMaxLanes) {
        const auto oldest =
            std::min_element(lanes_.begin(), lanes_.end(), [](const auto& a, const auto& b) {
                return a->flights != b->flights ? a->flights < b->flights
                                                : a->last_use < b->last_use;
            });
        if ((*oldest)->flights == 0) {
            lanes_.erase(oldest);
        }
    }
    auto lane = std::make_unique<Http1Lane>();
    lane->origin = origin;
    lane->profile = &profile;
    lane->last_use = uses_;
    lane->flights = 1;
    lanes_.push_back(std::move(lane));
    return *lanes_.back();
}

std::unique_ptr<Http1Connection> Http1Lanes::take_idle(Http1Lane& lane, Http1User& user) {
    if (lane.idle.empty()) {
        return nullptr;
    }
    // The one used last is the likeliest to be open still.
    std::unique_ptr<Http1Connection> connection = std::move(lane.idle.back());
    lane.idle.pop_back();
    connection->set_user(user);
    return connection;
}

void Http1Lanes::keep_idle(Http1Lane& lane, std::unique_ptr<Http1Connection> connection) {
    connection->set_user(*this);
    lane.idle.push_back(std::move(connection));
}

void Http1Lanes::forget() {
    for (const auto& lane : lanes_) {
        lane->idle.clear();
        lane->session = {};
    }
}

void Http1Lanes::on_ready(Http1Connection& /*connection*/) noexcept {
    BOOM_ASSERT(false);  // an idle connection was ready before
}

void Http1Lanes::on_bytes(Http1Connection& connection, std::string_view /*bytes*/) noexcept {
    // Nobody asked: whatever it says, it belongs to no request.
    drop(connection);
}

void Http1Lanes::on_ended(Http1Connection& connection, Http1Failure /*failure*/) noexcept {
    drop(connection);
}

void Http1Lanes::drop(Http1Connection& connection) {
    for (const auto& lane : lanes_) {
        const auto found =
            std::find_if(lane->idle.begin(), lane->idle.end(),
                         [&](const auto& idle) { return idle.get() == &connection; });
        if (found != lane->idle.end()) {
            lane->session = connection.take_session();
            lane->idle.erase(found);
            return;
        }
    }
}

}  // namespace boom::net
