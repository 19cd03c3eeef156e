#include "wire/bundle_codec.hpp"
#include "wire/message.hpp"
#include "wire/share_codec.hpp"
#include "wire/snapshot_codec.hpp"

#include <google/protobuf/stubs/logging.h>

#include <utility>

namespace boom::wire {
namespace {

constexpr int kMaxWorkers = 100'000;                                  // entries of a share
constexpr std::int64_t kMaxSecond = std::int64_t{100} * 365 * 86400;  // no run lasts this long

template <typename T>
PartId part_of(const T& p) {
    return {p.run_id(), p.part()};
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

Hello take(const pb::Hello& p) {
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
    Interval m;
    m.part = part_of(p);
    m.sequence = p.sequence();
    m.oldest = p.oldest();
    m.second = p.second();
    m.users = p.users();
    if (m.sequence == 0 || m.oldest > m.sequence || m.second < 0 || m.second > kMaxSecond ||
        m.users < 0 || !from_proto(p.delta(), m.delta)) {
        return std::nullopt;
    }
    return m;
}

Final take(const pb::Final& p) {
    Final m;
    m.part = part_of(p);
    m.last_sequence = p.last_sequence();
    m.requests = p.requests();
    m.failures = p.failures();
    m.exchanges = p.exchanges();
    m.iterations = p.iterations();
    m.was_stopped = p.was_stopped();
    return m;
}

Heartbeat take(const pb::Heartbeat& p) {
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

std::optional<Message> take(const pb::Envelope& e) {
    switch (e.body_case()) {
        case pb::Envelope::kHello:
            return take(e.hello());
        case pb::Envelope::kWelcome:
            return Welcome{e.welcome().version(),
                           std::chrono::milliseconds(e.welcome().heartbeat_ms())};
        case pb::Envelope::kReject:
            return Reject{e.reject().reason()};
        case pb::Envelope::kPrepare:
            return take(e.prepare());
        case pb::Envelope::kBundleRequest:
            return BundleRequest{e.bundle_request().bundle_hash()};
        case pb::Envelope::kBundlePart:
            return take_bundle(e.bundle_part());
        case pb::Envelope::kReady:
            return Ready{part_of(e.ready())};
        case pb::Envelope::kRefused:
            return Refused{part_of(e.refused()), e.refused().reason()};
        case pb::Envelope::kStart:
            return Start{part_of(e.start()), std::chrono::microseconds(e.start().in_us()),
                         std::chrono::microseconds(e.start().elapsed_us())};
        case pb::Envelope::kAdjust:
            return take(e.adjust());
        case pb::Envelope::kStop:
            return Stop{part_of(e.stop()), e.stop().force()};
        case pb::Envelope::kQuit:
            return Quit{};
        case pb::Envelope::kInterval:
            return take(e.interval());
        case pb::Envelope::kAck:
            return Ack{part_of(e.ack()), e.ack().sequence(), e.ack().is_final()};
        case pb::Envelope::kFinal:
            return take(e.final());
        case pb::Envelope::kHeartbeat:
            return take(e.heartbeat());
        case pb::Envelope::kShared:
            return Shared{part_of(e.shared()),    e.shared().name(),        e.shared().json(),
                          e.shared().from_part(), e.shared().from_thread(), e.shared().number()};
        case pb::Envelope::kLog:
            return Log{e.log().level(), e.log().text()};
        case pb::Envelope::kBye:
            return Bye{e.bye().reason()};
        case pb::Envelope::kIdentify:
            return Identify{};
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
