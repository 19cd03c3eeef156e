// Many workers in one process, as a master sees them: real sockets and messages, no load. Each
// tells of a given number of steps and requests every second, until the run ends.
//   cluster_workers PORT WORKERS STEPS REQUESTS_PER_STEP
// Prints the bytes of results that each worker sent per interval.
#include "base/clock.hpp"
#include "base/process_usage.hpp"
#include "base/rng.hpp"
#include "wire/message.hpp"

#include <fmt/format.h>
#include <zmq.hpp>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace boom;
using namespace std::chrono_literals;

constexpr int kMaxSockets = 8192;  // libzmq's default is 1023 a context

struct Shape {
    std::size_t steps = 50;
    std::int64_t requests = 20;
};

// Times around 20 ms with a long tail, as of a service under load.
stats::Snapshot one_second(const Shape& shape, base::Rng& rng) {
    stats::Snapshot snapshot;
    for (std::size_t i = 0; i < shape.steps; ++i) {
        const stats::StepId id{static_cast<std::int32_t>(i)};
        stats::StepStats& step = snapshot.at(stats::kMainPhase, id, shape.steps);
        for (std::int64_t k = 0; k < shape.requests; ++k) {
            const double unit = std::max(rng.unit(), 1e-6);
            const auto time = static_cast<std::int64_t>(20'000 * std::pow(unit, -0.4));
            ++step.requests;
            step.bytes_sent += 200;
            step.bytes_received += 500;
            ++step.status[200];
            step.response_time.record(time);
            step.service_time.record(time);
            snapshot.lateness.record(time / 500);
        }
    }
    const auto count = static_cast<std::int64_t>(shape.steps) * shape.requests;
    snapshot.connections.exchanges = count;
    snapshot.iterations.started = count;
    snapshot.iterations.finished = count;
    return snapshot;
}

class FakeWorker {
public:
    FakeWorker(zmq::context_t& context, const std::string& endpoint, std::size_t index,
               const std::string& delta, const Shape& shape)
        : socket_(context, zmq::socket_type::dealer), delta_(delta), shape_(shape) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.connect(endpoint);
        hello_.id = fmt::format("fake-{}-{}", ::getpid(), index);
        hello_.version = "bench";
        beat_at_ = base::SteadyClock().now() + 1ms * static_cast<int>(index % 1000);
    }

    void step(base::TimePoint now) {
        zmq::message_t frame;
        while (socket_.recv(frame, zmq::recv_flags::dontwait)) {
            if (const auto message = wire::decode(frame.to_string_view())) {
                handle(*message, now);
            }
        }
        if (now >= beat_at_) {
            beat_at_ += 1s;
            beat();
        }
        while (is_started_ && !is_stopped_ && now >= started_ + 1s * static_cast<int>(sent_ + 1)) {
            send_interval();
        }
        if (is_stopped_ && !is_over_ && acknowledged_ == sent_ && now >= final_at_) {
            final_at_ = now + 500ms;
            send_final();
        }
    }
    [[nodiscard]] bool is_over() const { return is_over_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t intervals() const { return sent_; }

private:
    void send(const wire::Message& message) { send_bytes(wire::encode(message)); }
    void send_bytes(const std::string& bytes) {
        (void)socket_.send(zmq::buffer(bytes), zmq::send_flags::dontwait);
    }

    void handle(const wire::Message& message, base::TimePoint now) {
        if (std::holds_alternative<wire::Welcome>(message)) {
            is_welcome_ = true;
        } else if (const auto* prepare = std::get_if<wire::Prepare>(&message)) {
            part_ = prepare->part;
            share_ = prepare->share;
            length_ = seconds_of(prepare->profile);
            send(wire::Ready{part_});
        } else if (const auto* start = std::get_if<wire::Start>(&message); start && !is_started_) {
            is_started_ = true;
            started_ = now - start->elapsed;
        } else if (const auto* adjust = std::get_if<wire::Adjust>(&message)) {
            share_ = adjust->share;
        } else if (std::holds_alternative<wire::Stop>(message)) {
            is_stopped_ = true;
        } else if (const auto* ack = std::get_if<wire::Ack>(&message)) {
            acknowledged_ = std::max(acknowledged_, ack->sequence);
            is_over_ = is_over_ || ack->is_final;
        }
    }

    static std::uint64_t seconds_of(const std::vector<load::Setting>& profile) {
        for (const load::Setting& setting : profile) {
            if (setting.key == "run-time") {
                return std::strtoull(setting.text.c_str(), nullptr, 10);
            }
        }
        return 10;
    }

    void beat() {
        if (!is_welcome_) {
            send(hello_);
            return;
        }
        wire::Heartbeat heartbeat;
        heartbeat.number = ++beats_;
        heartbeat.state = is_started_ ? 3 : 1;
        heartbeat.part = is_over_ ? wire::PartId{} : part_;
        heartbeat.users = is_started_ ? share_.users.at(share_.index) : 0;
        heartbeat.share_revision = is_started_ ? share_.revision : 0;
        heartbeat.is_all_spawned = is_started_;
        send(heartbeat);
    }

    // Encoded messages behind each other are one message with the fields of both: the results are
    // encoded once, so that this process leaves the processor to the master.
    void send_interval() {
        wire::Interval interval;
        interval.part = part_;
        interval.sequence = ++sent_;
        interval.oldest = acknowledged_ + 1;
        interval.second = static_cast<std::int64_t>(sent_ - 1);
        interval.users = share_.users.at(share_.index);
        const std::string bytes = delta_ + wire::encode(interval);
        bytes_ += bytes.size();
        send_bytes(bytes);
        is_stopped_ = is_stopped_ || sent_ >= length_;
    }

    void send_final() {
        wire::Final sums;
        sums.part = part_;
        sums.last_sequence = sent_;
        sums.requests = static_cast<std::int64_t>(sent_ * shape_.steps) * shape_.requests;
        sums.exchanges = sums.requests;
        sums.iterations = sums.requests;
        send(sums);
    }

    zmq::socket_t socket_;
    const std::string& delta_;
    Shape shape_;
    wire::Hello hello_;
    wire::PartId part_;
    wire::Share share_;
    base::TimePoint started_{}, beat_at_{}, final_at_{};
    std::uint64_t beats_ = 0, sent_ = 0, acknowledged_ = 0, bytes_ = 0, length_ = 10;
    bool is_welcome_ = false, is_started_ = false, is_stopped_ = false, is_over_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        return 2;
    }
    (void)base::raise_descriptor_limit();
    const auto count = std::strtoul(argv[2], nullptr, 10);
    const Shape shape{std::strtoul(argv[3], nullptr, 10), std::strtol(argv[4], nullptr, 10)};
    base::Rng rng(1);
    wire::Interval first;
    first.part = {"", 0};
    first.sequence = 1;
    first.delta = one_second(shape, rng);
    const std::string delta = wire::encode(first);
    zmq::context_t context(1);
    context.set(zmq::ctxopt::max_sockets, kMaxSockets);
    std::vector<std::unique_ptr<FakeWorker>> workers;
    for (std::size_t i = 0; i < count; ++i) {
        workers.push_back(std::make_unique<FakeWorker>(
            context, fmt::format("tcp://127.0.0.1:{}", argv[1]), i, delta, shape));
    }
    const base::SteadyClock clock;
    const base::TimePoint deadline = clock.now() + 300s;
    std::size_t over = 0;
    while (over < count && clock.now() < deadline) {
        over = 0;
        for (const auto& worker : workers) {
            worker->step(clock.now());
            over += worker->is_over() ? 1U : 0U;
        }
        zmq_poll(nullptr, 0, 20);
    }
    std::uint64_t bytes = 0;
    std::uint64_t intervals = 0;
    for (const auto& worker : workers) {
        bytes += worker->bytes();
        intervals += worker->intervals();
    }
    fmt::print("{} {} {}\n", over, intervals, intervals == 0 ? 0 : bytes / intervals);
    return over == count ? 0 : 1;
}
