// WebSockets of all users of a loop.
#include "base/assert.hpp"
#include "net/event_loop.hpp"
#include "net/web_socket.hpp"
#include "net/web_socket_session.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace boom::net {
namespace {

using Sessions = std::vector<std::unique_ptr<WebSocketSession>>;

class Engine final : public WebSocketEngine, public WebSocketHome {
public:
    Engine(EventLoop& loop, std::uint64_t seed) : shared_(loop), rng_(seed) {}

    void start(Exchange& exchange) override;
    void cancel(Exchange& exchange) override;
    [[nodiscard]] int in_flight() const override { return in_flight_; }
    void set_expected_users(int users) override {
        sessions_.reserve(static_cast<std::size_t>(std::max(users, 0)));
    }
    [[nodiscard]] ConnectionCounts counts() const override { return counts_; }
    void keep_open(std::uint64_t owner) override;
    void close_unused(std::uint64_t owner) override;
    void forget(std::uint64_t owner) override;
    [[nodiscard]] int leaving() const override { return static_cast<int>(leaving_.size()); }

    [[nodiscard]] Http1Shared& shared() override { return shared_; }
    [[nodiscard]] base::Rng& rng() override { return rng_; }
    [[nodiscard]] ConnectionCounts& mutable_counts() override { return counts_; }
    void on_landed() override { --in_flight_; }
    void on_left(WebSocketSession& session) override;

private:
    [[nodiscard]] WebSocketSession* find(Sessions& sessions, const Exchange& exchange);
    [[nodiscard]] WebSocketSession& add(Sessions& sessions, const Exchange& exchange);
    void dismiss(std::unique_ptr<WebSocketSession> session);

    // Before the sessions, which use them.
    Http1Shared shared_;
    Http1Profiles profiles_;
    base::Rng rng_;
    ConnectionCounts counts_;
    int in_flight_ = 0;
    std::unordered_map<std::uint64_t, Sessions> sessions_;  // by owner; the one used last is last
    Sessions leaving_;
};

std::string_view without_query(std::string_view url) {
    return url.substr(0, url.find('?'));
}

// The one to exactly this URL, else the last one that differs in the query only, else the last one
// where that may be meant.
WebSocketSession* Engine::find(Sessions& sessions, const Exchange& exchange) {
    std::erase_if(sessions, [](const auto& session) { return session->is_useless(); });
    const std::string_view url = exchange.request.url;
    const auto is_same = [url](const auto& session) { return session->url() == url; };
    const auto is_alike = [url](const auto& session) {
        return without_query(session->url()) == without_query(url);
    };
    auto found = std::find_if(sessions.rbegin(), sessions.rend(), is_same);
    const WebSocketCommand& command = *exchange.options->web_socket;
    if (found == sessions.rend() && command.kind != WebSocketCommand::Kind::Open) {
        found = std::find_if(sessions.rbegin(), sessions.rend(), is_alike);
        if (found == sessions.rend() && command.target == WebSocketCommand::Target::UrlOrLast) {
            found = sessions.rbegin();
        }
    }
    if (found == sessions.rend()) {
        return nullptr;
    }
    std::rotate(std::prev(found.base()), found.base(), sessions.end());
    return sessions.back().get();
}

WebSocketSession& Engine::add(Sessions& sessions, const Exchange& exchange) {
    sessions.push_back(
        std::make_unique<WebSocketSession>(*this, exchange.options->web_socket->max_message_bytes));
    return *sessions.back();
}

void Engine::start(Exchange& exchange) {
    BOOM_ASSERT(exchange.listener != nullptr);
    const WebSocketCommand& command = *exchange.options->web_socket;
    ++in_flight_;
    Sessions& sessions = sessions_[exchange.owner];
    WebSocketSession* session = find(sessions, exchange);
    const bool is_opening = command.kind == WebSocketCommand::Kind::Open ||
                            command.connection == WebSocketCommand::Connection::New;
    const bool is_in_the_way =
        session != nullptr && is_opening &&
        (session->has_ended() || command.connection == WebSocketCommand::Connection::New);
    if (is_in_the_way) {
        dismiss(std::move(sessions.back()));
        sessions.pop_back();
        session = nullptr;
    }
    if (session != nullptr) {
        session->act(exchange);
    } else if (is_opening) {
        add(sessions, exchange).open(exchange, profiles_.find_or_add(*exchange.options));
    } else {
        add(sessions, exchange).refuse(exchange, "no websocket is open: 'type: open' comes first");
    }
}

void Engine::cancel(Exchange& exchange) {
    for (const auto& session : sessions_[exchange.owner]) {
        if (session->exchange() == &exchange) {
            session->cancel();
        }
    }
}

void Engine::keep_open(std::uint64_t owner) {
    for (const auto& session : sessions_[owner]) {
        session->is_kept = true;
    }
}

void Engine::close_unused(std::uint64_t owner) {
    Sessions& sessions = sessions_[owner];
    for (auto& session : sessions) {
        if (!session->is_kept) {
            dismiss(std::move(session));
        }
    }
    std::erase(sessions, nullptr);
}

void Engine::forget(std::uint64_t owner) {
    const auto found = sessions_.find(owner);
    if (found != sessions_.end()) {
        for (auto& session : found->second) {
            dismiss(std::move(session));
        }
        sessions_.erase(found);
    }
}

void Engine::dismiss(std::unique_ptr<WebSocketSession> session) {
    WebSocketSession& leaver = *session;
    leaving_.push_back(std::move(session));
    leaver.leave();
}

void Engine::on_left(WebSocketSession& session) {
    std::erase_if(leaving_, [&session](const auto& one) { return one.get() == &session; });
}

}  // namespace

std::unique_ptr<WebSocketEngine> make_web_socket_engine(EventLoop& loop, std::uint64_t seed) {
    return std::make_unique<Engine>(loop, seed);
}

}  // namespace boom::net
