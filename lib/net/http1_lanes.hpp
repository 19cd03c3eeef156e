#pragma once
// The kept connections of one virtual user, by origin and connection settings. The loop's thread.

#include "net/http1_connection.hpp"
#include "net/http1_request.hpp"
#include "net/lane_table.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace boom::net {

// The way to one origin: idle connections, and the TLS session that a new one goes on from.
struct Http1Lane {
    Http1Origin origin;
    Http1Profile* profile = nullptr;
    std::vector<std::unique_ptr<Http1Connection>> idle;
    TlsSession session;
    std::uint64_t last_use = 0;
    int flights = 0;  // that have chosen it
};

class Http1Lanes final : public Http1User {
public:
    // The lane stays until leave().
    [[nodiscard]] Http1Lane& enter(const Http1Origin& origin, Http1Profile& profile) {
        return lanes_.enter(origin, profile);
    }
    void leave(Http1Lane& lane) { lanes_.leave(lane); }

    // Null when there is none.
    [[nodiscard]] std::unique_ptr<Http1Connection> take_idle(Http1Lane& lane, Http1User& user);
    void keep_idle(Http1Lane& lane, std::unique_ptr<Http1Connection> connection);

    void on_ready(Http1Connection& connection) noexcept override;
    void on_bytes(Http1Connection& connection, std::string_view bytes) noexcept override;
    void on_ended(Http1Connection& connection, Http1Failure failure) noexcept override;

    // Closes what is idle, and forgets the sessions: whoever comes next is somebody else.
    void forget();

    // The engine's: how many flights point here, and whether the user is gone.
    int flights = 0;
    bool is_forgotten = false;

private:
    void drop(Http1Connection& connection);

    LaneTable<Http1Lane> lanes_;
};

}  // namespace boom::net
