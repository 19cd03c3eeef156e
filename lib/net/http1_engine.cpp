// HTTP/1.1 of our own on the event loop: nothing shared between users but names and TLS settings.
#include "base/assert.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"
#include "net/http1_flight.hpp"

#include <algorithm>
#include <typeinfo>
#include <unordered_map>
#include <utility>
#include <vector>

namespace boom::net {
namespace {

class Http1Engine final : public HttpEngine, public Http1Home {
public:
    explicit Http1Engine(EventLoop& loop) : shared_(loop) {}
    ~Http1Engine() override;
    Http1Engine(const Http1Engine&) = delete;
    Http1Engine& operator=(const Http1Engine&) = delete;

    void start(Exchange& exchange) override;
    void cancel(Exchange& exchange) override;
    [[nodiscard]] int in_flight() const override { return in_flight_; }
    void forget(std::uint64_t owner) override;
    void set_expected_users(int users) override;
    [[nodiscard]] ConnectionCounts counts() const override { return counts_; }

    [[nodiscard]] Http1Shared& shared() override { return shared_; }
    [[nodiscard]] Http1Profile& profile_for(const ConnectionOptions& options) override {
        return profiles_.find_or_add(options);
    }
    [[nodiscard]] ConnectionCounts& mutable_counts() override { return counts_; }
    void on_landed() override { --in_flight_; }
    void on_destroyed(Http1Flight& flight) override;
    [[nodiscard]] Http1Lanes& enter_lanes(std::uint64_t owner) override;
    void leave_lanes(std::uint64_t owner) override;

private:
    [[nodiscard]] Http1Flight& flight_of(Exchange& exchange);

    Http1Shared shared_;
    Http1Profiles profiles_;
    std::unordered_map<std::uint64_t, Http1Lanes> lanes_;  // by owner
    std::vector<Http1Flight*> flights_;
    ConnectionCounts counts_;
    int in_flight_ = 0;
};

Http1Engine::~Http1Engine() {
    for (Http1Flight* flight : flights_) {
        flight->leave_home();
    }
}

void Http1Engine::set_expected_users(int users) {
    flights_.reserve(static_cast<std::size_t>(std::max(users, 0)));
}

// The flight that an exchange had before, of whatever engine. Cheaper than a dynamic_cast, which
// looks through all bases.
Http1Flight* known_flight(Exchange& exchange) {
    Exchange::EngineState* state = exchange.engine_state.get();
    if (state == nullptr || typeid(*state) != typeid(Http1Flight)) {
        return nullptr;
    }
    return static_cast<Http1Flight*>(state);
}

Http1Flight& Http1Engine::flight_of(Exchange& exchange) {
    Http1Flight* known = known_flight(exchange);
    if (known != nullptr && known->home() == this) {
        return *known;
    }
    auto fresh = std::make_unique<Http1Flight>(*this);
    Http1Flight& flight = *fresh;
    flight.index = flights_.size();
    flights_.push_back(&flight);
    exchange.engine_state = std::move(fresh);
    return flight;
}

void Http1Engine::on_destroyed(Http1Flight& flight) {
    flights_.back()->index = flight.index;
    flights_[flight.index] = flights_.back();
    flights_.pop_back();
}

Http1Lanes& Http1Engine::enter_lanes(std::uint64_t owner) {
    Http1Lanes& lanes = lanes_[owner];
    ++lanes.flights;
    return lanes;
}

void Http1Engine::leave_lanes(std::uint64_t owner) {
    const auto found = lanes_.find(owner);
    BOOM_ASSERT(found != lanes_.end());
    if (--found->second.flights == 0 && found->second.is_forgotten) {
        lanes_.erase(found);
    }
}

void Http1Engine::forget(std::uint64_t owner) {
    const auto found = lanes_.find(owner);
    if (found == lanes_.end()) {
        return;
    }
    found->second.forget();
    found->second.is_forgotten = true;
    if (found->second.flights == 0) {
        lanes_.erase(found);
    }
}

void Http1Engine::start(Exchange& exchange) {
    ++in_flight_;
    flight_of(exchange).start(exchange);
}

void Http1Engine::cancel(Exchange& exchange) {
    Http1Flight* flight = known_flight(exchange);
    if (flight != nullptr && flight->home() == this) {
        flight->cancel();
    }
}

}  // namespace

std::unique_ptr<HttpEngine> make_http1_engine(EventLoop& loop) {
    return std::make_unique<Http1Engine>(loop);
}

}  // namespace boom::net
