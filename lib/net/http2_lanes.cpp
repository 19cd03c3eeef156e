#include "net/http2_lanes.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace boom::net {

Http2Lane::~Http2Lane() {
    close_all();
}

Http2Connection* Http2Lane::find_room() const {
    for (const auto& connection : connections) {
        if (connection->has_room()) {
            return connection.get();
        }
    }
    return nullptr;
}

Http2Connection& Http2Lane::add(std::unique_ptr<Http2Connection> connection) {
    connections.push_back(std::move(connection));
    return *connections.back();
}

void Http2Lane::remove(Http2Connection& connection) {
    const auto found = std::find_if(connections.begin(), connections.end(),
                                    [&](const auto& one) { return one.get() == &connection; });
    BOOM_ASSERT(found != connections.end());
    std::unique_ptr<Http2Connection> removed = std::move(*found);
    connections.erase(found);
    graveyard->bury(std::move(removed));
}

void Http2Lane::close_all() {
    while (!connections.empty()) {
        connections.back()->leave_lane();
        graveyard->bury(std::move(connections.back()));
        connections.pop_back();
    }
}

Http2Lane& Http2Lanes::enter(const Http1Origin& origin, Http1Profile& profile,
                             Http2Graveyard& graveyard) {
    Http2Lane& lane = lanes_.enter(origin, profile);
    lane.graveyard = &graveyard;
    return lane;
}

void Http2Lanes::forget() {
    for (const auto& lane : lanes_) {
        lane->close_all();
        lane->session = {};
    }
}

}  // namespace boom::net
