#pragma once
// The HTTP control API on libmicrohttpd: one thread, bounded connections, bodies and idle time.

#include "base/address.hpp"
#include "web/run_control.hpp"

#include <memory>
#include <string>

namespace boom::web {

struct ServerOptions {
    base::Address listen{"0.0.0.0", 9771};
    std::string token;     // empty: only loopback peers are served, unless `is_open`
    bool is_open = false;  // --insecure-cluster
};

class Server {
public:
    // Throws ConfigError{Refused} naming the address when it is busy. Port 0 picks one.
    Server(ServerOptions options, RunControl& control);
    ~Server();  // answers what is in flight, then closes
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] int port() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace boom::web
