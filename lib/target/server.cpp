// The shell of the target: its threads.
#include "target/server.hpp"

#include "base/address.hpp"
#include "base/error.hpp"
#include "base/rng.hpp"
#include "net/socket.hpp"
#include "net/tls_stream.hpp"
#include "target/front.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>
#include <unistd.h>
#include <vector>

namespace boom::target {
namespace {

using net::EventLoop;

[[noreturn]] void refuse_port(const Options& options) {
    if (errno == EINVAL) {
        throw base::ConfigError(base::Mistake{{"--listen"},
                                              fmt::format("'{}' is no address", options.address),
                                              "an address is written as 127.0.0.1 or [::1]"});
    }
    throw base::ConfigError(base::Mistake{
        {"--listen"},
        fmt::format("cannot listen on {}: {}", base::Address{options.address, options.port}.text(),
                    std::strerror(errno)),  // NOLINT(concurrency-mt-unsafe)
        "choose another port",
        base::ExitCode::Refused});
}

// Sockets that share a port share it with another process of the same user too: who has it already
// is only seen by one that does not share.
void check_port_is_free(const Options& options) {
    if (options.port == 0) {
        return;
    }
    const auto socket = net::open_listening_socket({options.address, options.port},
                                                   EventLoop::PortSharing::Exclusive);
    if (!socket) {
        refuse_port(options);
    }
    ::close(socket->descriptor);
}

void write_certificate(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    file.close();
    if (!file) {
        throw base::ConfigError(base::Mistake{
            {"--ca-out"}, fmt::format("cannot write '{}'", path), {}, base::ExitCode::Refused});
    }
}

}  // namespace

struct Server::State {
    explicit State(std::uint64_t seed) : records(std::chrono::steady_clock::now(), seed) {}

    Records records;
    Stall stall;
    std::unique_ptr<net::TlsContext> tls;
    std::vector<std::unique_ptr<Front>> fronts;
    std::vector<std::thread> threads;
    int port = 0;
};

Server::Server(const Options& options) : state_(std::make_unique<State>(options.seed)) {
    state_->records.secret = fmt::format("{:x}", base::random_seed());
    make_tls(options);
    const auto sharing =
        options.threads > 1 ? EventLoop::PortSharing::Shared : EventLoop::PortSharing::Exclusive;
    if (sharing == EventLoop::PortSharing::Shared) {
        check_port_is_free(options);
    }
    state_->port = options.port;
    for (int i = 0; i < std::max(options.threads, 1); ++i) {
        state_->fronts.push_back(std::make_unique<Front>(
            Front::Shared{state_->records, state_->stall, state_->tls.get()}));
        const int port = state_->fronts.back()->listen({options.address, state_->port}, sharing);
        if (port <= 0) {
            refuse_port(options);
        }
        state_->port = port;
    }
    for (const auto& front : state_->fronts) {
        state_->threads.emplace_back([served = front.get()] { served->run(); });
    }
}

void Server::make_tls(const Options& options) {
    if (options.security == Options::Security::Plain) {
        return;
    }
    net::TlsContext::Made made;
    if (options.certificate_file.empty()) {
        const net::TlsIdentity identity = net::make_self_signed_identity();
        state_->records.certificate = identity.certificate;
        made = net::TlsContext::for_server(identity);
        if (!options.ca_out_file.empty()) {
            write_certificate(options.ca_out_file, identity.certificate);
        }
    } else {
        made = net::TlsContext::for_server_files(options.certificate_file, options.key_file);
    }
    if (made.context == nullptr) {
        throw base::ConfigError(
            base::Mistake{{"--cert"},
                          fmt::format("cannot use '{}' with '{}': {}", options.certificate_file,
                                      options.key_file, made.error),
                          "--cert and --key name PEM files that belong together"});
    }
    state_->tls = std::move(made.context);
}

Server::~Server() {
    stop();
}

int Server::port() const {
    return state_->port;
}

std::string Server::stats_json() const {
    return state_->records.counters.json();
}

void Server::stop() {
    for (const auto& front : state_->fronts) {
        front->stop();
    }
    for (std::thread& thread : state_->threads) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

}  // namespace boom::target
