#pragma once
// What the engines of our own have in common: the flights of their exchanges and the connections of
// their users. The kind of flight adds the protocol. The loop's thread.
//
// A Flight has `Shared`, `start`, `cancel`, `leave_home`, `home` and `index`, and is made with its
// home; Flight::state_of(exchange) is where it is kept. Lanes have `flights`, `is_forgotten` and
// `forget()`.

#include "base/assert.hpp"
#include "net/http.hpp"
#include "net/http1_connection.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <typeinfo>
#include <unordered_map>
#include <utility>
#include <vector>

namespace boom::net {

// An engine, as its flights see it.
template <typename Flight, typename Lanes, typename Shared>
class FlightHome {
public:
    virtual ~FlightHome() = default;
    [[nodiscard]] virtual Shared& shared() = 0;
    [[nodiscard]] virtual Http1Profile& profile_for(const ConnectionOptions& options) = 0;
    [[nodiscard]] virtual HttpEngine::ConnectionCounts& mutable_counts() = 0;
    // The flight has ended; `in_flight` falls.
    virtual void on_landed() = 0;
    virtual void on_destroyed(Flight& flight) = 0;
    // The connections of an owner; the reference is good until as many calls of leave_lanes().
    [[nodiscard]] virtual Lanes& enter_lanes(std::uint64_t owner) = 0;
    virtual void leave_lanes(std::uint64_t owner) = 0;
};

template <typename Flight, typename Lanes, typename Shared>
class FlightEngine : public HttpEngine, public FlightHome<Flight, Lanes, Shared> {
public:
    explicit FlightEngine(EventLoop& loop) : shared_(loop) {}
    ~FlightEngine() override {
        for (Flight* flight : flights_) {
            flight->leave_home();
        }
    }
    FlightEngine(const FlightEngine&) = delete;
    FlightEngine& operator=(const FlightEngine&) = delete;

    void start(Exchange& exchange) override {
        ++in_flight_;
        flight_of(exchange).start(exchange);
    }
    void cancel(Exchange& exchange) override {
        Flight* flight = known_flight(exchange);
        if (flight != nullptr && flight->home() == this) {
            flight->cancel();
        }
    }
    [[nodiscard]] int in_flight() const override { return in_flight_; }
    void forget(std::uint64_t owner) override {
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
    void set_expected_users(int users) override {
        flights_.reserve(static_cast<std::size_t>(std::max(users, 0)));
    }
    [[nodiscard]] HttpEngine::ConnectionCounts counts() const override { return counts_; }

    [[nodiscard]] Shared& shared() final { return shared_; }
    [[nodiscard]] Http1Profile& profile_for(const ConnectionOptions& options) final {
        return profiles_.find_or_add(options);
    }
    [[nodiscard]] HttpEngine::ConnectionCounts& mutable_counts() final { return counts_; }
    void on_landed() final { --in_flight_; }
    void on_destroyed(Flight& flight) final {
        flights_.back()->index = flight.index;
        flights_[flight.index] = flights_.back();
        flights_.pop_back();
    }
    [[nodiscard]] Lanes& enter_lanes(std::uint64_t owner) final {
        Lanes& lanes = lanes_[owner];
        ++lanes.flights;
        return lanes;
    }
    void leave_lanes(std::uint64_t owner) final {
        const auto found = lanes_.find(owner);
        BOOM_ASSERT(found != lanes_.end());
        if (--found->second.flights == 0 && found->second.is_forgotten) {
            lanes_.erase(found);
        }
    }

private:
    // The flight that an exchange had before, of whatever engine. Cheaper than a dynamic_cast,
    // which looks through all bases.
    [[nodiscard]] static Flight* known_flight(Exchange& exchange) {
        Exchange::EngineState* state = Flight::state_of(exchange).get();
        if (state == nullptr || typeid(*state) != typeid(Flight)) {
            return nullptr;
        }
        return static_cast<Flight*>(state);
    }
    [[nodiscard]] Flight& flight_of(Exchange& exchange) {
        Flight* known = known_flight(exchange);
        if (known != nullptr && known->home() == this) {
            return *known;
        }
        auto fresh = std::make_unique<Flight>(*this);
        Flight& flight = *fresh;
        flight.index = flights_.size();
        flights_.push_back(&flight);
        Flight::state_of(exchange) = std::move(fresh);
        return flight;
    }

    Shared shared_;
    Http1Profiles profiles_;
    std::unordered_map<std::uint64_t, Lanes> lanes_;  // by owner
    std::vector<Flight*> flights_;
    HttpEngine::ConnectionCounts counts_;
    int in_flight_ = 0;
};

}  // namespace boom::net
