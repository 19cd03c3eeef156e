// The shell of the target: threads, loops, connections.
#include "target/server.hpp"

#include "base/address.hpp"
#include "base/error.hpp"
#include "net/event_loop.hpp"
#include "target/counters.hpp"
#include "target/request_parser.hpp"
#include "target/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

namespace boom::target {
namespace {

using base::TimePoint;
using net::EventLoop;
using net::StreamId;

// Shared by all threads: until when nobody is answered (a count of nanoseconds of the loop's
// clock).
struct Shared {
    Counters counters;
    std::atomic<std::int64_t> stalled_until{0};
};

// One thread: its loop, its listening socket and its connections.
class Acceptor final : public net::AcceptListener,
                       public net::StreamListener,
                       public net::TimerListener,
                       public net::WakeListener {
public:
    explicit Acceptor(Shared& shared)
        : shared_(shared), loop_(EventLoop::create(net::IoKind::Auto)) {
        loop_->set_wake_listener(this);
    }

    [[nodiscard]] int listen(const Options& options, int port) {
        return loop_->listen({options.address, port},
                             options.threads > 1 ? EventLoop::PortSharing::Shared
                                                 : EventLoop::PortSharing::Exclusive,
                             *this);
    }
    void run() {
        while (!is_stopping_.load()) {
            loop_->run_once(loop_->now() + std::chrono::seconds(1));
        }
    }
    void stop() {
        is_stopping_.store(true);
        loop_->wake();
    }

    net::StreamListener* on_accepted(StreamId stream, const Peer& peer) noexcept override {
        shared_.counters.count_opened();
        connections_[stream.value].peer = peer.address;
        return this;
    }

    void on_data(StreamId stream, std::string_view bytes) noexcept override {
        const auto found = connections_.find(stream.value);
        if (found == connections_.end()) {
            return;
        }
        found->second.unread_bytes += bytes.size();
        found->second.parser.feed(bytes);
        serve(stream);
    }

    void on_closed(StreamId stream, int) noexcept override { forget(stream); }

    void on_timer(std::uint64_t key) noexcept override {
        const auto found = connections_.find(key);
        if (found != connections_.end() && found->second.pending) {
            const Pending pending = std::move(*found->second.pending);
            found->second.pending.reset();
            const StreamId stream{key};
            if (give(stream, pending.answer, pending.request)) {
                serve(stream);
            }
        }
    }

    void on_wake() noexcept override {}

private:
    struct Pending {
        Answer answer;
        Request request;
    };
    struct Connection {
        RequestParser parser;
        std::string peer;
        std::size_t unread_bytes = 0;
        std::optional<Pending> pending;  // an answer that waits for its time
        bool is_hanging = false;
    };

    void forget(StreamId stream) {
        if (connections_.erase(stream.value) > 0) {
            shared_.counters.count_closed();
        }
    }

    // Answers what is complete, one request after the other.
    void serve(StreamId stream) {
        while (true) {
            const auto found = connections_.find(stream.value);
            if (found == connections_.end() || found->second.pending || found->second.is_hanging) {
                return;
            }
            Connection& connection = found->second;
            auto request = connection.parser.next();
            if (!request) {
                if (connection.parser.error() != 0) {
                    Answer refusal;
                    refusal.status = connection.parser.error();
                    loop_->send(stream, serialize(refusal, {}, false));
                    loop_->close(stream, EventLoop::CloseMode::AfterSending);
                    forget(stream);
                }
                return;
            }
            if (request->path.rfind("/__", 0) != 0) {
                shared_.counters.count_request(*request, connection.peer, connection.unread_bytes);
            }
            connection.unread_bytes = 0;
            Answer reply = answer(*request, connection.peer, shared_.counters);
            if (!give_in_time(stream, connection, std::move(reply), std::move(*request))) {
                return;
            }
        }
    }

    bool give_in_time(StreamId stream, Connection& connection, Answer reply, Request request) {
        if (reply.manner == Answer::Manner::Never) {
            connection.is_hanging = true;
            return false;
        }
        const std::int64_t now = loop_->now().time_since_epoch().count();
        if (reply.stall > base::Duration::zero()) {
            shared_.stalled_until.store(now + reply.stall.count());
        }
        const std::int64_t due = std::max(now + reply.delay.count(), shared_.stalled_until.load());
        if (due > now) {
            connection.pending = Pending{std::move(reply), std::move(request)};
            loop_->start_timer(TimePoint(base::Duration(due)), *this, stream.value);
            return false;
        }
        return give(stream, reply, request);
    }

    // False when the connection is gone afterwards.
    bool give(StreamId stream, const Answer& reply, const Request& request) {
        if (reply.manner == Answer::Manner::Reset) {
            loop_->close(stream, EventLoop::CloseMode::Reset);
            forget(stream);
            return false;
        }
        const bool keeps = request.keeps_alive && reply.manner != Answer::Manner::Close;
        const std::string bytes = serialize(reply, request, keeps);
        if (request.path.rfind("/__", 0) != 0) {
            shared_.counters.count_answer(reply.status, bytes.size());
        }
        loop_->send(stream, bytes);
        if (!keeps) {
            loop_->close(stream, EventLoop::CloseMode::AfterSending);
            forget(stream);
        }
        return keeps;
    }

    Shared& shared_;
    std::unique_ptr<EventLoop> loop_;
    std::map<std::uint64_t, Connection> connections_;
    std::atomic<bool> is_stopping_{false};
};

}  // namespace

struct Server::State {
    Shared shared;
    std::vector<std::unique_ptr<Acceptor>> acceptors;
    std::vector<std::thread> threads;
    int port = 0;
};

Server::Server(const Options& options) : state_(std::make_unique<State>()) {
    if (options.security == Options::Security::Tls) {
        throw base::ConfigError(base::Mistake{{"--tls"}, "not supported yet", {}});
    }
    state_->port = options.port;
    for (int i = 0; i < std::max(options.threads, 1); ++i) {
        state_->acceptors.push_back(std::make_unique<Acceptor>(state_->shared));
        const int port = state_->acceptors.back()->listen(options, state_->port);
        if (port <= 0) {
            throw base::ConfigError(base::Mistake{
                {"--listen"},
                fmt::format("cannot listen on {}:{}: {}", options.address, options.port,
                            std::strerror(errno)),  // NOLINT(concurrency-mt-unsafe)
                "choose another port",
                base::ExitCode::Refused});
        }
        state_->port = port;
    }
    for (const auto& acceptor : state_->acceptors) {
        state_->threads.emplace_back([target = acceptor.get()] { target->run(); });
    }
}

Server::~Server() {
    stop();
}

int Server::port() const {
    return state_->port;
}

std::string Server::stats_json() const {
    return state_->shared.counters.json();
}

void Server::stop() {
    for (const auto& acceptor : state_->acceptors) {
        acceptor->stop();
    }
    for (std::thread& thread : state_->threads) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

}  // namespace boom::target
