// The same work as curl_bare, through our event loop and one of our engines (BOOM_BENCH_ENGINE:
// http1, http2 or curl; BOOM_BENCH_IO: uring or epoll; BOOM_BENCH_CONNECTIONS: per_user or shared).
// With an engine of our own it fails when a request of the steady state allocates.
#include "allocation_count.hpp"
#include "bench_report.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"

#include <chrono>
#include <deque>
#include <string_view>

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

std::string_view setting(const char* name, std::string_view otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::string_view(value);
}

net::IoKind wanted_io() {
    const std::string_view io = setting("BOOM_BENCH_IO", "auto");
    return io == "epoll"   ? net::IoKind::Epoll
           : io == "uring" ? net::IoKind::Uring
                           : net::IoKind::Auto;
}

net::ConnectionOptions wanted_options(std::string_view engine) {
    net::ConnectionOptions options;
    options.verify = net::ConnectionOptions::Verify::Nothing;
    if (engine == "http2") {
        options.version = net::ConnectionOptions::Version::Http2;
    }
    if (setting("BOOM_BENCH_CONNECTIONS", "per_user") == "shared") {
        options.connections = net::ConnectionOptions::Connections::Shared;
    }
    return options;
}

}  // namespace

int main(int count, char** arguments) {
    const auto wanted = bench::parse_client_arguments(count, arguments);
    const auto loop = net::EventLoop::create(wanted_io());
    if (!wanted.is_valid() || loop == nullptr) {
        return 2;
    }
    const std::string_view name = setting("BOOM_BENCH_ENGINE", "http1");
    const bool is_curl = name == "curl";
    const auto engine = is_curl           ? net::make_curl_engine(*loop)
                        : name == "http2" ? net::make_http2_engine(*loop)
                                          : net::make_http1_engine(*loop);
    engine->set_expected_users(wanted.connections);
    Restarter restarter(*engine);
    const net::ConnectionOptions options = wanted_options(name);
    std::deque<net::Exchange> exchanges;
    for (int index = 0; index < wanted.connections; ++index) {
        net::Exchange& exchange = exchanges.emplace_back();
        exchange.request.method = "GET";
        exchange.request.url = wanted.url;
        exchange.request.headers = "Accept: */*\r\n";
        exchange.options = &options;
        exchange.listener = &restarter;
        exchange.owner = static_cast<std::uint64_t>(index);
        engine->start(exchange);
    }
    const auto begin = loop->refresh_now();
    const double cpu_begin = bench::cpu_seconds();
    const auto end = begin + base::from_seconds(wanted.seconds);
    // The first fifth warms buffers up.
    const auto steady = begin + base::from_seconds(wanted.seconds / 5);
    std::int64_t allocations = -1;
    std::int64_t steady_requests = 0;
    while (loop->now() < end) {
        loop->run_once(end);
        if (allocations < 0 && loop->now() >= steady) {
            allocations = bench::allocations();
            steady_requests = restarter.requests;
        }
    }
    allocations = bench::allocations() - allocations;
    steady_requests = restarter.requests - steady_requests;
    bench::print_client_result(restarter.requests, restarter.failures,
                               base::to_seconds(loop->refresh_now() - begin),
                               bench::cpu_seconds() - cpu_begin);
    std::printf("allocations %lld steady_requests %lld\n", static_cast<long long>(allocations),
                static_cast<long long>(steady_requests));
    for (net::Exchange& exchange : exchanges) {
        engine->cancel(exchange);
    }
    // A buffer of each connection may still grow once; a request that allocates shows as more.
    const bool allocates =
        !is_curl && allocations > std::int64_t{4} * wanted.connections + steady_requests / 1000;
    return restarter.failures == 0 && !allocates ? 0 : 1;
}
