#pragma once
// The target server, `boom target`: event-driven HTTP/1.1 with counters and faults, for the demo
// and for tests. Threads of its own, each with a loop and a listening socket.

#include <cstdint>
#include <memory>
#include <string>

namespace boom::target {

struct Options {
    std::string address = "127.0.0.1";
    int port = 8080;  // 0 picks one
    int threads = 1;
    enum class Security { Plain, Tls } security = Security::Plain;
    // PEM files; both empty: a certificate for localhost is made.
    std::string certificate_file;
    std::string key_file;
    std::string ca_out_file;  // where the made one is written; nowhere when empty
    std::uint64_t seed = 1;   // of the delays drawn by /delay?dist=
};

// Any thread.
class Server {
public:
    // Throws ConfigError: Refused when the port is busy, naming it; BadInput for a certificate
    // that cannot be used.
    explicit Server(const Options& options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] int port() const;
    [[nodiscard]] std::string stats_json() const;
    void stop();

private:
    struct State;
    void make_tls(const Options& options);
    std::unique_ptr<State> state_;
};

}  // namespace boom::target
