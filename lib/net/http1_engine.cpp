// HTTP/1.1 of our own on the event loop: nothing shared between users but names and TLS settings.
#include "net/event_loop.hpp"
#include "net/flight_engine.hpp"
#include "net/http.hpp"
#include "net/http1_flight.hpp"

namespace boom::net {
namespace {

using Http1Engine = FlightEngine<Http1Flight, Http1Lanes, Http1Shared>;

}  // namespace

std::unique_ptr<HttpEngine> make_http1_engine(EventLoop& loop) {
    return std::make_unique<Http1Engine>(loop);
}

}  // namespace boom::net
