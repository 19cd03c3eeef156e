// Nanoseconds of CPU for what a generator thread does with a step besides sending it, and whether
// its memory grows over a million iterations:
//   render a request with 5 variables in URL, header and JSON body: budget 1000 ns
//   parse an answer of 0.5 KB, 1 extract and 2 checks: budget 1500 ns
// Leaves with 1 when the memory grew.

#include "bench/net/allocation_count.hpp"
#include "plan/plan.hpp"
#include "user/request_builder.hpp"
#include "user/response_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <malloc.h>
#include <string>
#include <vector>

namespace boom::user {
namespace {

constexpr int kRounds = 7;
constexpr int kRepetitions = 100'000;
constexpr int kIterations = 1'000'000;
constexpr int kSettled = 10'000;  // from here on every buffer has its size

constexpr const char* kCase = R"(
config:
  base_url: http://127.0.0.1:8080
  variables: {name: "${gen_random_string(8)}", token: none}
teststeps:
  - variables: {n: "${random_int(100, 999)}", price: "${random_range(1, 9)}",
                paid: "${random_choice(yes, no)}", note: "${gen_random_string(12)}"}
    request:
      method: POST
      url: /users/$name/orders?price=$price
      headers: {X-Note: "$note"}
      json: {number: $n, paid: $paid, token: none, list: [1, 2, 3]}
    extract: {found: body.token}
    validate:
      - eq: [status_code, 200]
      - eq: [body.x, 1]
)";

std::string body_of_half_a_kilobyte() {
    std::string body = R"({"x":1,"name":"a user of this service","orders":[)";
    for (int i = 0; body.size() < 440; ++i) {
        body += fmt::format(R"({}{{"id":{},"price":{}.5,"paid":true}})", i == 0 ? "" : ",", i, i);
    }
    return body + R"(],"token":"abcdef0123456789"})";
}

// The thread's own time: neighbours on the machine cost others, not this.
double cpu_ns() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Of the fastest round: the caches of the others were disturbed.
template <typename Work>
void measure(std::string_view name, Work work) {
    double best = 1e300;
    const std::int64_t before = bench::allocations();
    for (int round = 0; round < kRounds; ++round) {
        const double start = cpu_ns();
        for (int i = 0; i < kRepetitions; ++i) {
            work();
        }
        best = std::min(best, (cpu_ns() - start) / kRepetitions);
    }
    fmt::print("{:<52} {:>8.0f} ns, {:.2f} allocations\n", name, best,
               static_cast<double>(bench::allocations() - before) / (kRounds * kRepetitions));
}

// One user with one step, as its generator keeps it.
struct Bench {
    Bench() : plan(plan::compile({{"case.yml"}, {{"case.yml", kCase}}}, load::Profile{})) {
        user.slots.resize(1);
        user.slots[0].resize(static_cast<std::size_t>(plan.cases[0].slot_count));
        for (const plan::Assignment& variable : plan.cases[0].variables) {
            user.slots[0][static_cast<std::size_t>(variable.slot)] =
                variable.value.evaluate(user.slots[0], context).value_or(expr::Value());
        }
        user.exchange = std::make_unique<net::Exchange>();
        net::HttpResponse& response = user.exchange->response;
        response.status = 200;
        response.protocol = "HTTP/1.1";
        response.header_block = "Content-Type: application/json\r\nX-Request-Id: 17\r\n";
        response.body = body_of_half_a_kilobyte();
        net::split_headers(response.header_block, response.headers);
    }
    [[nodiscard]] const plan::RequestStep& step() const { return plan.cases[0].requests[0]; }
    void build() { failures += build_request(step(), user, context) ? 0 : 1; }
    void check() {
        const Judgement judgement =
            judge(step(), user.exchange->response, user.slots[0], buffers, context);
        failures += judgement.outcome == stats::Outcome::Passed ? 0 : 1;
    }

    plan::Plan plan;
    VirtualUser user;
    expr::CallContext context;
    JudgeBuffers buffers;
    int failures = 0;
};

int run() {
    Bench bench;
    bench.build();
    bench.check();
    fmt::print("{} {}\n{}\nbody of {} bytes\n", bench.user.exchange->request.method,
               bench.user.exchange->request.url, bench.user.exchange->request.body,
               bench.user.exchange->response.body.size());
    measure("4 variables evaluated, request with 5 rendered", [&] { bench.build(); });
    plan::RequestStep& step = bench.plan.cases[0].requests[0];
    const auto variables = std::move(step.variables);
    step.variables.clear();
    measure("request with 5 variables rendered (budget 1000)", [&] { bench.build(); });
    measure("answer parsed, 1 extract, 2 checks (budget 1500)", [&] { bench.check(); });
    step.variables = variables;
    std::int64_t allocations = 0;
    std::size_t held = 0;
    for (int i = 0; i < kIterations; ++i) {
        if (i == kSettled) {
            allocations = bench::allocations();
            held = ::mallinfo2().uordblks;
        }
        bench.build();
        bench.check();
    }
    const std::int64_t grown =
        static_cast<std::int64_t>(::mallinfo2().uordblks) - static_cast<std::int64_t>(held);
    fmt::print(
        "{} iterations: {:.2f} allocations each, {} bytes more held at the end\n", kIterations,
        static_cast<double>(bench::allocations() - allocations) / (kIterations - kSettled), grown);
    fmt::print("{} failures\n", bench.failures);
    return bench.failures == 0 && grown <= 0 ? 0 : 1;
}

}  // namespace
}  // namespace boom::user

int main() {
    return boom::user::run();
}
