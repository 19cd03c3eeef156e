// libmicrohttpd around the routes. One polling thread of the library's own; RunControl calls come
// from it.
#include "web/server.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "web/routes.hpp"

#include <fmt/format.h>
#include <microhttpd.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <utility>

namespace boom::web {
namespace {

constexpr unsigned kMaxConnections = 1000;
constexpr unsigned kMaxConnectionsPerPeer = 400;
constexpr unsigned kIdleSeconds = 60;
constexpr std::size_t kMaxBody = std::size_t{1} << 20;
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
    explicit Incoming(InFlight& count) : in_flight(count) { in_flight.add(1); }
    ~Incoming() { in_flight.add(-1); }
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    InFlight& in_flight;
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

MHD_Result queue(MHD_Connection* connection, const ApiResponse& answer) {
    MHD_Response* response = MHD_create_response_from_buffer(
        answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", answer.content_type.c_str());
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
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

}  // namespace

struct Server::State {
    ServerOptions options;
    RunControl& control;
    MHD_Daemon* daemon = nullptr;
    int port = 0;
    InFlight in_flight;

    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                                 const char* method, const char*, const char* data,
                                 std::size_t* size, void** request) noexcept;
    static void on_completed(void*, MHD_Connection*, void** request,
                             MHD_RequestTerminationCode) noexcept {
        delete static_cast<Incoming*>(*request);
        *request = nullptr;
    }
    MHD_Result answer(MHD_Connection* connection, const char* url, const char* method,
                      Incoming& incoming);
};

MHD_Result Server::State::on_request(void* self, MHD_Connection* connection, const char* url,
                                     const char* method, const char*, const char* data,
                                     std::size_t* size, void** request) noexcept {
    auto* incoming = static_cast<Incoming*>(*request);
    if (incoming == nullptr) {
        *request = new Incoming(static_cast<State*>(self)->in_flight);
        return MHD_YES;
    }
    if (*size > 0) {
        incoming->is_too_large = incoming->is_too_large || incoming->body.size() + *size > kMaxBody;
        if (!incoming->is_too_large) {
            incoming->body.append(data, *size);
        }
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
    if (incoming.is_too_large) {
        ApiResponse refusal;
        refusal.status = 413;
        refusal.body = R"({"code":2,"message":"the body is longer than 1 MiB"})";
        return queue(connection, refusal);
    }
    ApiRequest request;
    request.method = method;
    request.path = url;
    request.body = std::move(incoming.body);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &collect_header, &request.headers);
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    request.peer = info == nullptr ? "unknown" : address_text(info->client_addr);
    return queue(connection, respond(request, {options.token, options.is_open}, control));
}

Server::Server(ServerOptions options, RunControl& control)
    : state_(new State{std::move(options), control, nullptr, 0, {}}) {
    const base::Address& listen = state_->options.listen;
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(listen.port);
    if (getaddrinfo(listen.host.empty() ? nullptr : listen.host.c_str(), port.c_str(), &hints,
                    &found) != 0) {
        throw base::ConfigError(base::Mistake{
            {"--master-http-address"}, fmt::format("'{}' cannot be resolved", listen.host), {}});
    }
    const unsigned flags =
        static_cast<unsigned>(MHD_USE_EPOLL_INTERNAL_THREAD) |
        (found->ai_family == AF_INET6 ? static_cast<unsigned>(MHD_USE_IPv6) : 0U);
    state_->daemon = MHD_start_daemon(
        flags, static_cast<std::uint16_t>(listen.port), nullptr, nullptr, &State::on_request,
        state_.get(), MHD_OPTION_SOCK_ADDR, found->ai_addr, MHD_OPTION_CONNECTION_LIMIT,
        kMaxConnections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, kMaxConnectionsPerPeer,
        MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
        MHD_OPTION_NOTIFY_COMPLETED, &State::on_completed, nullptr, MHD_OPTION_END);
    freeaddrinfo(found);
    if (state_->daemon == nullptr) {
        throw base::ConfigError(
            base::Mistake{{"--master-http-address"},
                          fmt::format("cannot listen on {}: {}", listen.text(),
                                      std::strerror(errno)),  // NOLINT(concurrency-mt-unsafe)
                          "choose another port, or none",
                          base::ExitCode::Refused});
    }
    const MHD_DaemonInfo* info = MHD_get_daemon_info(state_->daemon, MHD_DAEMON_INFO_BIND_PORT);
    state_->port = info == nullptr ? listen.port : info->port;
}

Server::~Server() {
    // The answer of /quit is still on its way; stopping the daemon would cut it.
    state_->in_flight.wait_for_none(kAnswerGrace);
    MHD_stop_daemon(state_->daemon);
}

int Server::port() const {
    return state_->port;
}

}  // namespace boom::web
