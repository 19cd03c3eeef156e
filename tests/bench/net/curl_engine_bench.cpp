// The same work as curl_bare, through our event loop and the curl engine.
#include "bench_report.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"

#include <chrono>
#include <deque>

namespace {

using namespace boom;

class Restarter final : public net::ExchangeListener {
public:
    explicit Restarter(net::HttpEngine& engine) : engine_(engine) {}
    void on_done(net::Exchange& exchange) noexcept override {
        ++requests;
        failures += exchange.response.error != net::TransportError::None ? 1 : 0;
        engine_.start(exchange);
    }
    std::int64_t requests = 0;
    std::int64_t failures = 0;

private:
    net::HttpEngine& engine_;
};

}  // namespace

int main(int count, char** arguments) {
    const auto wanted = bench::parse_client_arguments(count, arguments);
    const auto loop = net::EventLoop::create(net::IoKind::Auto);
    if (!wanted.is_valid() || loop == nullptr) {
        return 2;
    }
    const auto engine = net::make_curl_engine(*loop);
    engine->set_expected_users(wanted.connections);
    Restarter restarter(*engine);
    const net::ConnectionOptions options;
    std::deque<net::Exchange> exchanges;
    for (int index = 0; index < wanted.connections; ++index) {
        net::Exchange& exchange = exchanges.emplace_back();
        exchange.request.method = "GET";
        exchange.request.url = wanted.url;
        exchange.request.headers = "Accept: */*\r\n";
        exchange.options = &options;
        exchange.listener = &restarter;
        engine->start(exchange);
    }
    const auto begin = loop->refresh_now();
    const double cpu_begin = bench::cpu_seconds();
    const auto end = begin + base::from_seconds(wanted.seconds);
    while (loop->now() < end) {
        loop->run_once(end);
    }
    bench::print_client_result(restarter.requests, restarter.failures,
                               base::to_seconds(loop->refresh_now() - begin),
                               bench::cpu_seconds() - cpu_begin);
    for (net::Exchange& exchange : exchanges) {
        engine->cancel(exchange);
    }
    return restarter.failures == 0 ? 0 : 1;
}
