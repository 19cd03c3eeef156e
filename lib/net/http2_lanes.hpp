#pragma once
// The HTTP/2 connections of one virtual user, or of all, by origin and settings. The loop's thread.

#include "net/http2_connection.hpp"
#include "net/lane_table.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace boom::net {

// The ways to one origin, and the TLS session that a new one goes on from.
struct Http2Lane {
    Http2Lane() = default;
    ~Http2Lane();
    Http2Lane(const Http2Lane&) = delete;
    Http2Lane& operator=(const Http2Lane&) = delete;

    // One that takes another flight; null when there is none.
    [[nodiscard]] Http2Connection* find_room() const;
    Http2Connection& add(std::unique_ptr<Http2Connection> connection);
    // To the graveyard.
    void remove(Http2Connection& connection);
    void close_all();

    Http1Origin origin;
    Http1Profile* profile = nullptr;
    Http2Graveyard* graveyard = nullptr;
    std::vector<std::unique_ptr<Http2Connection>> connections;
    TlsSession session;
    std::uint64_t last_use = 0;
    int flights = 0;  // that have chosen it
};

class Http2Lanes {
public:
    // The lane stays until leave().
    [[nodiscard]] Http2Lane& enter(const Http1Origin& origin, Http1Profile& profile,
                                   Http2Graveyard& graveyard);
    void leave(Http2Lane& lane) { lanes_.leave(lane); }
    // Closes all, and forgets the sessions: whoever comes next is somebody else.
    void forget();

    // The engine's: how many flights point here, and whether the user is gone.
    int flights = 0;
    bool is_forgotten = false;

private:
    LaneTable<Http2Lane> lanes_;
};

}  // namespace boom::net
