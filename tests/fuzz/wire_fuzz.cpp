// The messages between master and workers, and the records of a journal: whatever is accepted says
// the same after another round trip. One half of the inputs are foreign bytes; the other half makes
// a message of the input, which must arrive, and damages its encoding in one place.
#include "base/assert.hpp"
#include "wire/journal_record.hpp"
#include "wire/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace {

using namespace boom;

void check_message(std::string_view bytes) {
    const auto message = wire::decode(bytes);
    if (!message) {
        return;
    }
    const std::string encoded = wire::encode(*message);
    const auto again = wire::decode(encoded);
    BOOM_ASSERT(again.has_value());
    BOOM_ASSERT(again->index() == message->index());
    BOOM_ASSERT(wire::encode(*again) == encoded);
}

void check_record(std::string_view bytes) {
    const auto record = wire::decode_record(bytes);
    if (!record) {
        return;
    }
    const std::string encoded = wire::encode_record(*record);
    const auto again = wire::decode_record(encoded);
    BOOM_ASSERT(again.has_value());
    BOOM_ASSERT(again->index() == record->index());
    BOOM_ASSERT(wire::encode_record(*again) == encoded);
}

// Values from the input; zeros when it is used up.
class Source {
public:
    explicit Source(std::string_view bytes) : bytes_(bytes) {}
    std::uint64_t number() {
        std::uint64_t value = 0;
        const std::size_t size = byte() % 8U + 1;
        for (std::size_t i = 0; i < size; ++i) {
            value = value << 8 | byte();
        }
        return value;
    }
    std::int64_t count() { return static_cast<std::int64_t>(number() >> 2); }
    std::size_t below(std::size_t limit) { return number() % limit; }
    std::string text() {
        const std::size_t size = below(40);
        const std::string result(bytes_.substr(0, size));
        bytes_.remove_prefix(result.size());
        return result;
    }

private:
    unsigned byte() {
        if (bytes_.empty()) {
            return 0;
        }
        const auto value = static_cast<unsigned char>(bytes_.front());
        bytes_.remove_prefix(1);
        return value;
    }
    std::string_view bytes_;
};

stats::Snapshot snapshot_of(Source& in) {
    stats::Snapshot snapshot;
    const std::size_t steps = 1 + in.below(4);
    for (std::size_t i = in.below(6); i > 0; --i) {
        const auto phase = static_cast<stats::PhaseId>(in.below(4)) - 1;
        const stats::StepId id{static_cast<std::int32_t>(in.below(steps))};
        stats::StepStats& step = snapshot.at(phase, id, steps);
        step.requests += 1 + static_cast<std::int64_t>(in.below(1000));
        step.failures += static_cast<std::int64_t>(in.below(1000));
        step.status[static_cast<int>(in.below(700))] = in.count();
        step.response_time.record(static_cast<std::int64_t>(in.below(3'600'000'000U)));
    }
    stats::ErrorKey key;
    key.outcome = static_cast<stats::Outcome>(in.below(stats::kOutcomeCount));
    key.message = in.text();
    snapshot.errors[key].count = in.count();
    snapshot.ascribe_errors(1 + static_cast<std::uint32_t>(in.below(5)));
    snapshot.lateness.record(static_cast<std::int64_t>(in.below(10'000'000)));
    snapshot.health.descriptors = in.count();
    return snapshot;
}

wire::Share share_of(Source& in) {
    wire::Share share;
    share.revision = in.number();
    share.users.resize(1 + in.below(5));
    for (std::int64_t& users : share.users) {
        users = in.count();
    }
    share.index = static_cast<std::uint32_t>(in.below(share.users.size()));
    share.spawn_rate = 1 + static_cast<double>(in.below(1000));
    const double target = static_cast<double>(in.below(1000));
    share.streams.push_back({load::Curve::constant(target), share.users, in.count()});
    if (in.below(2) == 0) {
        share.ceiling = load::Curve::constant(target);
    }
    return share;
}

std::vector<load::RowRange> rows_of(Source& in) {
    std::vector<load::RowRange> rows(in.below(4));
    for (load::RowRange& range : rows) {
        range.case_index = static_cast<std::int32_t>(in.below(10));
        range.begin = static_cast<std::int64_t>(in.below(1'000'000));
        range.end = range.begin + 1 + static_cast<std::int64_t>(in.below(1'000'000));
    }
    return rows;
}

wire::Shared shared_of(Source& in) {
    wire::Shared shared;
    shared.name = in.text();
    shared.json = in.text();
    shared.from_part = static_cast<std::uint32_t>(in.below(100));
    shared.from_thread = static_cast<std::uint32_t>(in.below(100));
    shared.number = in.number();
    return shared;
}

wire::Gathering gathering_of(Source& in) {
    wire::Gathering gathering;
    gathering.number = in.number();
    gathering.is_open = in.below(2) == 0;
    gathering.users = in.count();
    for (std::size_t i = in.below(3); i > 0; --i) {
        gathering.cases.push_back({static_cast<std::int32_t>(in.below(10)),
                                   static_cast<std::uint32_t>(in.below(100)), in.count(),
                                   in.number()});
    }
    return gathering;
}

// Of those that came with data rows, shared variables and rendezvous.
wire::Message later_message_of(const wire::PartId& part, std::size_t kind, Source& in) {
    switch (kind) {
        case 17:
            return wire::Bye{in.text()};
        case 19: {
            wire::Shared shared = shared_of(in);
            shared.part = part;
            return shared;
        }
        case 20: {
            wire::Rows rows;
            rows.part = part;
            rows.first = 1 + in.below(1000);
            rows.leases = rows_of(in);
            rows.recall = in.number();
            rows.give.whole = 1 + static_cast<std::int64_t>(in.below(100));
            rows.give.part =
                static_cast<std::int64_t>(in.below(static_cast<std::size_t>(rows.give.whole)));
            return rows;
        }
        case 21:
            return wire::RowsReturn{part, in.number(), rows_of(in)};
        case 22: {
            wire::Gathering gathering = gathering_of(in);
            gathering.part = part;
            return gathering;
        }
        case 23: {
            wire::Release release{part, in.below(2) == 0, {}};
            release.cases.push_back({static_cast<std::int32_t>(in.below(10)),
                                     static_cast<std::uint32_t>(in.below(100))});
            return release;
        }
        default:
            return wire::Identify{};
    }
}

wire::Ack ack_of(const wire::PartId& part, Source& in) {
    wire::Ack ack;
    ack.part = part;
    ack.sequence = in.number();
    ack.is_final = in.below(2) == 0;
    return ack;
}

wire::Final final_of(const wire::PartId& part, Source& in) {
    wire::Final final;
    final.part = part;
    final.last_sequence = in.number();
    final.requests = in.count();
    final.failures = in.count();
    final.last_lease = in.number();
    final.unused = rows_of(in);
    return final;
}

wire::Heartbeat heartbeat_of(const wire::PartId& part, Source& in) {
    wire::Heartbeat heartbeat;
    heartbeat.number = in.number();
    heartbeat.part = part;
    heartbeat.share_revision = in.number();
    heartbeat.is_leaving = in.below(2) == 0;
    heartbeat.last_lease = in.number();
    return heartbeat;
}

wire::Message message_of(Source& in) {
    const wire::PartId part{in.text(), static_cast<std::uint32_t>(in.below(100))};
    const std::size_t kind = in.below(std::variant_size_v<wire::Message>);
    switch (kind) {
        case 0: {
            wire::Hello hello;
            hello.id = in.text();
            hello.room = in.text();
            hello.max_users = 1 + static_cast<std::int64_t>(in.below(1000));
            hello.part = part;
            hello.is_running = in.below(2) == 0;
            return hello;
        }
        case 1:
            return wire::Welcome{in.text()};
        case 2:
            return wire::Reject{in.text()};
        case 3:
            return wire::Prepare{
                part, in.text(), {{in.text(), in.text()}}, share_of(in), in.number()};
        case 4:
            return wire::BundleRequest{in.text(), 0};
        case 5:
            return wire::BundlePart{
                in.text(), {in.text()}, {{in.text(), in.text()}}, in.below(2) == 0};
        case 6:
            return wire::Ready{part};
        case 7:
            return wire::Refused{part, in.text()};
        case 8:
            return wire::Start{part, std::chrono::microseconds(in.below(1000)),
                               std::chrono::microseconds(in.below(1000)), rows_of(in)};
        case 9:
            return wire::Adjust{part, share_of(in)};
        case 10:
            return wire::Stop{part, in.below(2) == 0};
        case 11:
            return wire::Quit{};
        case 12: {
            wire::Interval interval;
            interval.part = part;
            interval.sequence = 1 + in.below(1000);
            interval.oldest = in.below(interval.sequence);
            interval.delta = snapshot_of(in);
            interval.rows_taken.push_back(static_cast<std::int64_t>(in.below(1000)));
            return interval;
        }
        case 13:
            return ack_of(part, in);
        case 14:
            return final_of(part, in);
        case 15:
            return heartbeat_of(part, in);
        case 16:
            return wire::Log{static_cast<int>(in.below(5)), in.text()};
        default:
            return later_message_of(part, kind, in);
    }
}

wire::JournalRecord record_of(Source& in) {
    wire::JournalEntry entry;
    entry.at = base::Duration(in.count());
    wire::JournalPart& part = entry.parts.emplace_back();
    part.number = 1 + static_cast<std::uint32_t>(in.below(100));
    part.id = in.text();
    part.load_box.lateness.record(static_cast<std::int64_t>(in.below(1'000'000)));
    entry.seconds.push_back({static_cast<std::int64_t>(in.below(10'000)), snapshot_of(in)});
    entry.notes.push_back(in.text());
    entry.adjustments.emplace_back().spawn_count = in.count();
    for (const load::RowRange& rows : rows_of(in)) {
        entry.row_moves.push_back({rows, static_cast<std::uint32_t>(in.below(100)),
                                   static_cast<std::uint32_t>(in.below(100))});
    }
    entry.shared.push_back(shared_of(in));
    return entry;
}

std::string damaged(std::string bytes, Source& in) {
    if (!bytes.empty()) {
        const std::size_t at = in.below(bytes.size());
        bytes[at] = static_cast<char>(in.number());
    }
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string bytes(data + 1, data + size);
    Source in(bytes);
    switch (data[0] % 4) {
        case 0:
            check_message(bytes);
            break;
        case 1:
            check_record(bytes);
            break;
        case 2: {
            const std::string encoded = wire::encode(message_of(in));
            BOOM_ASSERT(wire::decode(encoded).has_value());
            check_message(encoded);
            check_message(damaged(encoded, in));
            break;
        }
        default: {
            const std::string encoded = wire::encode_record(record_of(in));
            BOOM_ASSERT(wire::decode_record(encoded).has_value());
            check_record(encoded);
            check_record(damaged(encoded, in));
            break;
        }
    }
    return 0;
}
