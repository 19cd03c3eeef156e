#include "wire/bundle_codec.hpp"
#include "wire/message.hpp"
#include "wire/share_codec.hpp"
#include "wire/snapshot_codec.hpp"
#include "wire/times.hpp"

#include <google/protobuf/stubs/logging.h>

#include <chrono>
#include <cmath>
#include <utility>

namespace boom::wire {
namespace {

constexpr int kMaxWorkers = 100'000;  // entries of a share
constexpr int kMaxRanges = 100'000;   // of rows in a message
constexpr std::int64_t kMaxRow = 0xFFFF'FFFF;
constexpr int kMaxCases = 10'000;
constexpr std::int64_t kMaxWhole = 0x7FFF'FFFF;
constexpr std::int64_t kMaxUnixMs = std::int64_t{1} << 50;

template <typename T>
PartId part_of(const T& p) {
    return {p.run_id(), p.part()};
}

using Ranges = google::protobuf::RepeatedPtrField<pb::RowRange>;

bool take(const Ranges& p, std::vector<load::RowRange>& ranges) {
    if (p.size() > kMaxRanges) {
        return false;
    }
    for (const pb::RowRange& range : p) {
        if (range.case_index() >= static_cast<std::uint32_t>(kMaxCases) || range.begin() < 0 ||
            range.end() < range.begin() || range.end() > kMaxRow) {
            return false;
        }
        ranges.push_back(
            {static_cast<std::int32_t>(range.case_index()), range.begin(), range.end()});
    }
    return true;
}

std::optional<Share> take(const pb::Share& p) {
    if (p.users_size() > kMaxWorkers || p.index() >= static_cast<std::uint32_t>(p.users_size())) {
        return std::nullopt;
    }
    Share share;
    for (const std::int64_t users : p.users()) {
        if (users < 0) {
            return std::nullopt;
        }
        share.users.push_back(users);
    }
    share.index = p.index();
    share.revision = p.revision();
    if (!(p.spawn_rate() > 0) || !take_load(p, share)) {
        return std::nullopt;
    }
    share.spawn_rate = p.spawn_rate();
    share.rows = p.without_rows() ? Share::Rows::Nothing : Share::Rows::OwnBlock;
    return share;
}

bool is_percent(double value) {
    return std::isfinite(value) && value >= 0;
}

std::optional<Message> take(const pb::Hello& p) {
    if (p.cores() < 0 || p.memory_bytes() < 0 || p.descriptor_limit() < 0 ||
        p.ephemeral_ports() < 0 || p.unix_ms() < 0 || p.unix_ms() > kMaxUnixMs) {
        return std::nullopt;
    }
    Hello m;
    m.protocol = p.protocol();
    m.version = p.version();
    m.id = p.id();
    m.name = p.name();
    m.room = p.room();
    if (p.max_users() > 0) {
        m.max_users = p.max_users();
    }
    m.os = p.os();
    m.arch = p.arch();
    m.cores = p.cores();
    m.memory_bytes = p.memory_bytes();
    m.descriptor_limit = p.descriptor_limit();
    m.ephemeral_ports = p.ephemeral_ports();
    m.unix_ms = p.unix_ms();
    m.part = part_of(p);
    m.is_running = p.is_running();
    return m;
}

std::optional<Message> take(const pb::Prepare& p) {
    auto share = take(p.share());
    if (!share) {
        return std::nullopt;
    }
    Prepare m;
    m.part = part_of(p);
    m.bundle_hash = p.bundle_hash();
    for (const pb::Setting& setting : p.profile()) {
        m.profile.push_back({setting.key(), setting.text()});
    }
    m.share = std::move(*share);
    m.seed = p.seed();
    return m;
}

std::optional<Message> take(const pb::Interval& p) {
    const std::chrono::microseconds oldest(p.oldest_us());
    Interval m;
    m.part = part_of(p);
    m.sequence = p.sequence();
    m.oldest = p.oldest();
    m.second = p.second();
    m.users = p.users();
    if (m.sequence == 0 || m.oldest > m.sequence || m.second < 0 || m.second > kMaxSecond ||
        m.users < 0 || p.rows_taken_size() > kMaxCases || p.waiting() < 0 || !can_be(oldest) ||
        !from_proto(p.delta(), m.delta)) {
        return std::nullopt;
    }
    m.waiting = {p.waiting(), oldest};
    m.rows_taken.assign(p.rows_taken().begin(), p.rows_taken().end());
    return m;
}

std::optional<Message> take(const pb::Final& p) {
    Final m;
    m.part = part_of(p);
    m.last_sequence = p.last_sequence();
    m.requests = p.requests();
    m.failures = p.failures();
    m.exchanges = p.exchanges();
    m.iterations = p.iterations();
    m.was_stopped = p.was_stopped();
    m.last_lease = p.last_lease();
    if (!take(p.unused(), m.unused)) {
        return std::nullopt;
    }
    return m;
}

std::optional<Message> take(const pb::Heartbeat& p) {
    if (p.users() < 0 || !is_percent(p.worker_cpu_percent()) || !is_percent(p.cpu_percent()) ||
        !is_percent(p.worker_memory_percent()) || !is_percent(p.memory_percent())) {
        return std::nullopt;
    }
    Heartbeat m;
    m.part = part_of(p);
    m.state = p.state();
    m.users = p.users();
    m.worker_cpu_percent = p.worker_cpu_percent();
    m.cpu_percent = p.cpu_percent();
    m.worker_memory_percent = p.worker_memory_percent();
    m.memory_percent = p.memory_percent();
    m.is_all_spawned = p.is_all_spawned();
    m.number = p.number();
    m.share_revision = p.share_revision();
    m.is_leaving = p.is_leaving();
    m.last_lease = p.last_lease();
    m.shared_order = p.shared_order();
    m.is_compiling = p.is_compiling();
    return m;
}

std::optional<Message> take(const pb::Shared& p) {
    if (p.oldest() > p.sequence() || p.after() > p.order()) {
        return std::nullopt;
    }
    Shared m;
    m.part = part_of(p);
    m.name = p.name();
    m.json = p.json();
    m.from_part = p.from_part();
    m.from_thread = p.from_thread();
    m.number = p.number();
    m.sequence = p.sequence();
    m.oldest = p.oldest();
    m.order = p.order();
    m.after = p.after();
    m.yours = p.yours();
    return m;
}

std::optional<Message> take(const pb::Start& p) {
    Start m;
    m.part = part_of(p);
    const std::chrono::microseconds in(p.in_us());
    const std::chrono::microseconds elapsed(p.elapsed_us());
    if (!can_be(in) || !can_be(elapsed) || !take(p.leases(), m.leases)) {
        return std::nullopt;
    }
    m.in = in;
    m.elapsed = elapsed;
    return m;
}

std::optional<Message> take(const pb::Rows& p) {
    Rows m;
    m.part = part_of(p);
    m.first = p.first();
    m.recall = p.recall();
    m.give = {p.give_part(), p.give_whole()};
    if (!take(p.leases(), m.leases) || m.first == 0 || m.give.whole < 1 || m.give.part < 0 ||
        m.give.part > m.give.whole || m.give.whole > kMaxWhole) {
        return std::nullopt;
    }
    return m;
}

std::optional<Message> take(const pb::RowsReturn& p) {
    RowsReturn m;
    m.part = part_of(p);
    m.recall = p.recall();
    if (!take(p.rows(), m.rows)) {
        return std::nullopt;
    }
    return m;
}

Gathering take(const pb::Gathering& p) {
    Gathering m;
    m.part = part_of(p);
    m.number = p.number();
    m.is_open = p.is_open();
    m.is_complete = p.is_complete();
    m.users = p.users();
    for (const pb::GatheringCase& one : p.cases()) {
        m.cases.push_back({one.index(), one.generation(), one.waiting(), one.arrivals()});
    }
    return m;
}

Release take(const pb::Release& p) {
    Release m;
    m.part = part_of(p);
    m.is_open = p.is_open();
    for (const pb::GatheringCase& one : p.cases()) {
        m.cases.push_back({one.index(), one.generation()});
    }
    return m;
}

std::optional<Message> take(const pb::Adjust& p) {
    auto share = take(p.share());
    if (!share) {
        return std::nullopt;
    }
    return Adjust{part_of(p), std::move(*share)};
}

std::optional<Message> take(const pb::Welcome& p) {
    const std::chrono::milliseconds heartbeat(p.heartbeat_ms());
    if (!can_be(heartbeat)) {
        return std::nullopt;
    }
    return Welcome{p.version(), heartbeat};
}

std::optional<Message> take(const pb::Envelope& e) {
    switch (e.body_case()) {
        case pb::Envelope::kHello:
            return take(e.hello());
        case pb::Envelope::kWelcome:
            return take(e.welcome());
        case pb::Envelope::kReject:
            return Reject{e.reject().reason()};
        case pb::Envelope::kPrepare:
            return take(e.prepare());
        case pb::Envelope::kBundleRequest:
            return BundleRequest{e.bundle_request().bundle_hash(), e.bundle_request().first()};
        case pb::Envelope::kBundlePart:
            return take_bundle(e.bundle_part());
        case pb::Envelope::kReady:
            return Ready{part_of(e.ready())};
        case pb::Envelope::kRefused:
            return Refused{part_of(e.refused()), e.refused().reason()};
        case pb::Envelope::kStart:
            return take(e.start());
        case pb::Envelope::kAdjust:
            return take(e.adjust());
        case pb::Envelope::kStop:
            return Stop{part_of(e.stop()), e.stop().force()};
        case pb::Envelope::kQuit:
            return Quit{};
        case pb::Envelope::kInterval:
            return take(e.interval());
        case pb::Envelope::kAck:
            return Ack{part_of(e.ack()), e.ack().sequence(), e.ack().is_final(), e.ack().shared()};
        case pb::Envelope::kFinal:
            return take(e.final());
        case pb::Envelope::kHeartbeat:
            return take(e.heartbeat());
        case pb::Envelope::kShared:
            return take(e.shared());
        case pb::Envelope::kLog:
            return Log{e.log().level(), e.log().text()};
        case pb::Envelope::kBye:
            return Bye{e.bye().reason()};
        case pb::Envelope::kIdentify:
            return Identify{};
        case pb::Envelope::kRows:
            return take(e.rows());
        case pb::Envelope::kRowsReturn:
            return take(e.rows_return());
        case pb::Envelope::kGathering:
            return take(e.gathering());
        case pb::Envelope::kRelease:
            return take(e.release());
        case pb::Envelope::BODY_NOT_SET:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Message> decode(std::string_view bytes) noexcept {
    if (bytes.size() > kMaxMessageBytes) {
        return std::nullopt;
    }
    // What strangers send is counted by the caller, not printed by the library.
    [[maybe_unused]] static const auto kSilenced = google::protobuf::SetLogHandler(nullptr);
    pb::Envelope envelope;
    if (!envelope.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return std::nullopt;
    }
    return take(envelope);
}

}  // namespace boom::wire
