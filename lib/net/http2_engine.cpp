// HTTP/2 of our own on the event loop; what asks for HTTP/1.1 goes to an http1 engine of its own.
#include "net/event_loop.hpp"
#include "net/flight_engine.hpp"
#include "net/http.hpp"
#include "net/http2_flight.hpp"

namespace boom::net {
namespace {

class Http2Engine final : public FlightEngine<Http2Flight, Http2Lanes, Http2Shared> {
public:
    explicit Http2Engine(EventLoop& loop) : FlightEngine(loop), others_(make_http1_engine(loop)) {}

    void start(Exchange& exchange) override {
        if (exchange.options->version == ConnectionOptions::Version::Http2) {
            FlightEngine::start(exchange);
        } else {
            others_->start(exchange);
        }
    }
    void cancel(Exchange& exchange) override {
        FlightEngine::cancel(exchange);
        others_->cancel(exchange);
    }
    [[nodiscard]] int in_flight() const override {
        return FlightEngine::in_flight() + others_->in_flight();
    }
    void forget(std::uint64_t owner) override {
        FlightEngine::forget(owner);
        others_->forget(owner);
    }
    void set_expected_users(int users) override {
        FlightEngine::set_expected_users(users);
        others_->set_expected_users(users);
    }
    [[nodiscard]] ConnectionCounts counts() const override {
        ConnectionCounts sum = FlightEngine::counts();
        const ConnectionCounts more = others_->counts();
        sum.opened += more.opened;
        sum.reused += more.reused;
        sum.failed += more.failed;
        return sum;
    }

private:
    std::unique_ptr<HttpEngine> others_;
};

}  // namespace

std::unique_ptr<HttpEngine> make_http2_engine(EventLoop& loop) {
    return std::make_unique<Http2Engine>(loop);
}

}  // namespace boom::net
