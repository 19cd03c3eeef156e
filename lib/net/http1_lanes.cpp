#include "net/http1_lanes.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace boom::net {

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
