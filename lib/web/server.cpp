// libmicrohttpd around the routes. One polling thread of the library's own; RunControl calls come
// from it.
#include "web/server.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "web/connection_table.hpp"
#include "web/event_streams.hpp"
#include "web/routes.hpp"

#include <fmt/format.h>
#include <microhttpd.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdarg>
#include <cstring>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace boom::web {
namespace {

constexpr unsigned kMaxConnections = 1000;
constexpr unsigned kMaxConnectionsPerPeer = 400;
constexpr unsigned kIdleSeconds = 60;
// What the kernel holds for a stream whose reader is slow.
constexpr int kStreamSendBuffer = 64 * 1024;
constexpr std::size_t kMaxBody = std::size_t{1} << 20;
// Of all requests that are still coming in.
constexpr std::size_t kMaxBodies = std::size_t{64} << 20;
constexpr base::Duration kAnswerGrace = std::chrono::seconds(1);

// Requests whose answer is not yet sent whole. Any thread.
class InFlight {
public:
    void add(int change) {
        const std::lock_guard lock(mutex_);
        count_ += change;
        changed_.notify_all();
    }
    void wait_for_none(base::Duration at_most) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, at_most, [&] { return count_ == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

// One request while its body comes in and until its answer has gone out.
struct Incoming {
    Incoming(InFlight& count, std::size_t& all) : in_flight(count), all_bodies(all) {
        in_flight.add(1);
    }
    ~Incoming() {
        all_bodies -= held;
        in_flight.add(-1);
    }
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    void take(const char* data, std::size_t size) {
        is_too_large = is_too_large || held + size > kMaxBody || all_bodies + size > kMaxBodies;
        if (!is_too_large) {
            body.append(data, size);
            held += size;
            all_bodies += size;
        }
    }

    InFlight& in_flight;
    std::size_t& all_bodies;
    std::size_t held = 0;
    std::string body;
    bool is_too_large = false;
};

std::string address_text(const sockaddr* address) {
    std::array<char, NI_MAXHOST> text{};
    if (address == nullptr ||
        getnameinfo(address,
                    address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in),
                    text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
        return "unknown";
    }
    return text.data();
}

MHD_Result collect_header(void* target, MHD_ValueKind, const char* name, const char* value) {
    (*static_cast<std::map<std::string, std::string>*>(target))[base::to_lower(name)] =
        value == nullptr ? "" : value;
    return MHD_YES;
}

std::string peer_of(MHD_Connection* connection) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info == nullptr ? "unknown" : address_text(info->client_addr);
}

// Of a connected socket.
std::string peer_of(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    auto* plain = static_cast<sockaddr*>(static_cast<void*>(&address));
    return getpeername(descriptor, plain, &size) == 0 ? address_text(plain) : "unknown";
}

int descriptor_of(MHD_Connection* connection) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == nullptr ? -1 : info->connect_fd;
}

// Takes the response over.
MHD_Result queue(MHD_Connection* connection, const ApiResponse& answer, MHD_Response* response) {
    MHD_add_response_header(response, "Content-Type", answer.content_type.c_str());
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    MHD_add_response_header(response, "Content-Security-Policy", answer.content_policy.c_str());
    if (!answer.allow.empty()) {
        MHD_add_response_header(response, "Allow", answer.allow.c_str());
    }
    if (answer.is_challenge) {
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    }
    const MHD_Result result =
        MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
    MHD_destroy_response(response);
    return result;
}

MHD_Result queue(MHD_Connection* connection, const ApiResponse& answer) {
    return queue(
        connection, answer,
        MHD_create_response_from_buffer(answer.body.size(), const_cast<char*>(answer.body.data()),
                                        MHD_RESPMEM_MUST_COPY));
}

}  // namespace

struct Server::State {
    State(ServerOptions given, RunControl& run_control)
        : options(std::move(given)), control(run_control) {}

    ServerOptions options;
    RunControl& control;
    MHD_Daemon* daemon = nullptr;
    int port = 0;
    InFlight in_flight;
    std::size_t body_bytes = 0;  // the library's thread
    EventStreams streams{control.events()};
    base::SteadyClock clock;
    ConnectionTable connections;
    std::atomic<int> ticks{0};

    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                                 const char* method, const char*, const char* data,
                                 std::size_t* size, void** request) noexcept;
    static void on_completed(void* self, MHD_Connection* connection, void** request,
                             MHD_RequestTerminationCode) noexcept {
        auto* state = static_cast<State*>(self);
        state->enter(connection, ConnectionTable::Phase::Request);
        delete static_cast<Incoming*>(*request);
        *request = nullptr;
    }
    // The library tells of requests that it cannot read, and of connections beyond its limits.
    static void on_log(void* self, const char* format, va_list) noexcept {
        const std::string_view text = format;
        auto* state = static_cast<State*>(self);
        if (text.find("rror processing request") != std::string_view::npos) {
            state->control.refused("HTTP port", "malformed or oversized request");
        } else if (text.find("limit") != std::string_view::npos) {
            state->control.refused("HTTP port", "more connections than one peer or all may have");
        }
    }
    static void on_connection(void* self, MHD_Connection* connection, void**,
                              MHD_ConnectionNotificationCode code) noexcept {
        auto* state = static_cast<State*>(self);
        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
            state->connections.opened(descriptor_of(connection), state->clock.now());
        } else {
            state->connections.closed(descriptor_of(connection));
        }
    }
    void enter(MHD_Connection* connection, ConnectionTable::Phase phase) {
        connections.entered(descriptor_of(connection), phase, clock.now());
    }
    MHD_Result stream(MHD_Connection* connection, const ApiRequest& request,
                      const ApiResponse& answer);
    void listen();
    MHD_Result answer(MHD_Connection* connection, const char* url, const char* method,
                      Incoming& incoming);
};

MHD_Result Server::State::on_request(void* self, MHD_Connection* connection, const char* url,
                                     const char* method, const char*, const char* data,
                                     std::size_t* size, void** request) noexcept {
    auto* incoming = static_cast<Incoming*>(*request);
    if (incoming == nullptr) {
        *request = new Incoming(static_cast<State*>(self)->in_flight,
                                static_cast<State*>(self)->body_bytes);
        return MHD_YES;
    }
    if (*size > 0) {
        incoming->take(data, *size);
        *size = 0;
        return MHD_YES;
    }
    try {
        return static_cast<State*>(self)->answer(connection, url, method, *incoming);
    } catch (const std::exception&) {
        ApiResponse failed;
        failed.status = 500;
        failed.body = R"({"code":2,"message":"internal error"})";
        return queue(connection, failed);
    }
}

MHD_Result Server::State::answer(MHD_Connection* connection, const char* url, const char* method,
                                 Incoming& incoming) {
    enter(connection, ConnectionTable::Phase::Answer);
    if (incoming.is_too_large) {
        ApiResponse refusal;
        refusal.status = 413;
        refusal.body = R"({"code":2,"message":"the body is longer than 1 MiB"})";
        control.refused(peer_of(connection), "the body of a request is too large");
        return queue(connection, refusal);
    }
    ApiRequest request;
    request.method = method;
    request.path = url;
    request.body = std::move(incoming.body);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &collect_header, &request.headers);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &collect_header, &request.query);
    request.peer = peer_of(connection);
    const ApiResponse answer = respond(request, {options.token, options.is_open}, control);
    if (answer.status == 401 || answer.status == 403) {
        control.refused(request.peer, answer.status == 401 ? "no valid token for the HTTP API"
                                                           : "not allowed to use the HTTP API");
    }
    return answer.kind == ApiResponse::Kind::EventStream ? stream(connection, request, answer)
                                                         : queue(connection, answer);
}

MHD_Result Server::State::stream(MHD_Connection* connection, const ApiRequest& request,
                                 const ApiResponse& answer) {
    const auto hdr = request.query.find("hdr");
    const bool is_lean = hdr != request.query.end() && hdr->second == "0";
    MHD_Response* response =
        streams.open(connection, request.header("last-event-id"),
                     is_lean ? EventLog::Form::WithoutHistograms : EventLog::Form::Whole);
    if (response == nullptr) {
        return queue(connection, json_response(503, 2, "too many event streams are open"));
    }
    const int descriptor = descriptor_of(connection);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &kStreamSendBuffer, sizeof(kStreamSendBuffer));
    connections.entered(descriptor, ConnectionTable::Phase::Stream, clock.now());
    return queue(connection, answer, response);
}

void Server::State::listen() {
    const base::Address& address = options.listen;
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const std::string port_text = std::to_string(address.port);
    if (getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(), port_text.c_str(),
                    &hints, &found) != 0) {
        throw base::ConfigError(base::Mistake{
            {options.option}, fmt::format("'{}' cannot be resolved", address.host), {}});
    }
    std::vector<MHD_OptionItem> security;
    if (!options.certificate.empty()) {
        security.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, options.certificate.data()});
        security.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, options.key.data()});
    }
    security.push_back({MHD_OPTION_END, 0, nullptr});
    const unsigned flags = static_cast<unsigned>(MHD_USE_EPOLL_INTERNAL_THREAD) |
                           static_cast<unsigned>(MHD_ALLOW_SUSPEND_RESUME) |
                           static_cast<unsigned>(MHD_USE_ERROR_LOG) |
                           (options.certificate.empty() ? 0U : unsigned{MHD_USE_TLS}) |
                           (found->ai_family == AF_INET6 ? unsigned{MHD_USE_IPv6} : 0U);
    daemon = MHD_start_daemon(
        flags, static_cast<std::uint16_t>(address.port), nullptr, nullptr, &State::on_request, this,
        MHD_OPTION_EXTERNAL_LOGGER, &State::on_log, this, MHD_OPTION_SOCK_ADDR, found->ai_addr,
        MHD_OPTION_CONNECTION_LIMIT, kMaxConnections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        kMaxConnectionsPerPeer, MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_NOTIFY_COMPLETED, &State::on_completed,
        this, MHD_OPTION_NOTIFY_CONNECTION, &State::on_connection, this, MHD_OPTION_ARRAY,
        security.data(), MHD_OPTION_END);
    const int failure = errno;
    freeaddrinfo(found);
    if (daemon == nullptr) {
        const bool is_security = !options.certificate.empty() && failure != EADDRINUSE;
        throw base::ConfigError(
            base::Mistake{{options.option},
                          fmt::format("cannot listen on {}: {}", address.text(),
                                      std::strerror(failure)),  // NOLINT(concurrency-mt-unsafe)
                          is_security ? "do --http-cert and --http-key fit each other?"
                                      : "choose another port, or none",
                          base::ExitCode::Refused});
    }
    const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    port = info == nullptr ? address.port : info->port;
}

Server::Server(ServerOptions options, RunControl& control)
    : state_(std::make_unique<State>(std::move(options), control)) {
    state_->listen();
}

Server::~Server() {
    state_->streams.close();
    // The answer of /quit is still on its way; stopping the daemon would cut it.
    state_->in_flight.wait_for_none(kAnswerGrace);
    MHD_stop_daemon(state_->daemon);
}

int Server::port() const {
    return state_->port;
}

void Server::wake_streams() {
    state_->streams.wake();
}

void Server::tick() {
    constexpr int kTicksPerPing = 5;
    state_->connections.sweep(state_->clock.now(), [this](int descriptor) {
        state_->control.refused(peer_of(descriptor), "a request or its answer took too long");
        shutdown(descriptor, SHUT_RDWR);
    });
    if (++state_->ticks % kTicksPerPing == 0) {
        state_->streams.wake();
    }
}

}  // namespace boom::web
