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
    // PEM texts of --http-cert and --http-key: TLS when they are given.
    std::string certificate, key;
    std::string option = "--master-http-address";  // to name in complaints
};

class Server {
public:
    // Throws ConfigError{Refused} naming the address when it is busy. Port 0 picks one.
    Server(ServerOptions options, RunControl& control);
    ~Server();  // answers what is in flight, then closes
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] int port() const;
    // Any thread. The event log has news.
    void wake_streams();
    // Any thread, about once a second: cuts what is too slow, keeps quiet streams alive.
    void tick();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace boom::web
