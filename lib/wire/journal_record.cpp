#include "wire/journal_record.hpp"

#include "wire/bundle_codec.hpp"
#include "wire/serialize.hpp"
#include "wire/snapshot_codec.hpp"
#include "wire/times.hpp"

#include <journal.pb.h>
#include <utility>

namespace boom::wire {
namespace {

constexpr std::uint32_t kMaxCases = 10'000;

void put(const JournalHeader& header, pb::JournalHeader& out) {
    out.set_version(header.version);
    out.set_run_id(header.run_id);
    out.set_seed(header.seed);
    out.set_started_at(header.started_at);
    out.set_barrier_unix_ns(header.barrier_unix_ns);
    for (const load::Setting& setting : header.profile) {
        pb::Setting& s = *out.add_profile();
        s.set_key(setting.key);
        s.set_text(setting.text);
    }
}

void put(const JournalPart& part, pb::JournalPart& out) {
    out.set_number(part.number);
    out.set_id(part.id);
    out.set_name(part.name);
    out.set_room(part.room);
    out.set_max_users(part.max_users.value_or(0));
    out.set_state(part.state);
    out.set_is_start_confirmed(part.is_start_confirmed);
    out.set_was_lost(part.was_lost);
    out.set_has_finished(part.has_finished);
    out.set_last_sequence(part.last_sequence);
    out.set_users_peak(part.users_peak);
    out.set_cpu_percent_max(part.cpu_percent_max);
    out.set_requests(part.sums.requests);
    out.set_failures(part.sums.failures);
    out.set_exchanges(part.sums.exchanges);
    out.set_iterations(part.sums.iterations);
    out.mutable_rows_taken()->Assign(part.rows_taken.begin(), part.rows_taken.end());
    out.set_recalls(part.recalls);
    out.set_is_recalled(part.is_recalled);
    if (part.recall) {
        out.mutable_recall()->set_part(part.recall->give.part);
        out.mutable_recall()->set_whole(part.recall->give.whole);
        out.mutable_recall()->set_to(part.recall->to);
    }
    to_proto(part.load_box, *out.mutable_load_box());
}

void put(const JournalAdjustment& adjustment, pb::JournalAdjustment& out) {
    if (adjustment.spawn_count) {
        out.set_spawn_count(*adjustment.spawn_count);
    }
    if (adjustment.spawn_rate) {
        out.set_spawn_rate(*adjustment.spawn_rate);
    }
    if (adjustment.max_rps) {
        out.set_max_rps(*adjustment.max_rps);
    }
    if (adjustment.rate) {
        out.set_rate(*adjustment.rate);
    }
    for (const JournalStage& stage : adjustment.stages) {
        pb::JournalStage& one = *out.add_stages();
        one.set_length_ns(stage.length.count());
        one.set_target(stage.target);
    }
    out.set_worker(adjustment.worker);
    out.set_from_ns(adjustment.from.count());
}

void put_lists(const JournalEntry& entry, pb::JournalEntry& out) {
    for (const JournalPart& part : entry.parts) {
        put(part, *out.add_parts());
    }
    for (const JournalSecond& second : entry.seconds) {
        pb::JournalSecond& s = *out.add_seconds();
        s.set_second(second.second);
        to_proto(second.delta, *s.mutable_delta());
    }
    for (const JournalEvent& event : entry.events) {
        pb::JournalEvent& e = *out.add_events();
        e.set_at_ns(event.at.count());
        e.set_kind(event.kind);
        e.set_text(event.text);
        e.set_worker(event.worker);
    }
    for (const std::string& note : entry.notes) {
        out.add_notes(note);
    }
    for (const JournalAdjustment& adjustment : entry.adjustments) {
        put(adjustment, *out.add_adjustments());
    }
    for (const JournalGauges& gauges : entry.gauges) {
        pb::JournalGauges& g = *out.add_gauges();
        g.set_second(gauges.second);
        g.set_users(gauges.users);
        g.set_target_users(gauges.target_users);
        g.set_workers(gauges.workers);
    }
    for (const load::RowMove& move : entry.row_moves) {
        pb::RowMove& m = *out.add_row_moves();
        m.mutable_rows()->set_case_index(static_cast<std::uint32_t>(move.rows.case_index));
        m.mutable_rows()->set_begin(move.rows.begin);
        m.mutable_rows()->set_end(move.rows.end);
        m.set_from(move.from);
        m.set_to(move.to);
    }
    for (const Shared& shared : entry.shared) {
        pb::Shared& s = *out.add_shared();
        s.set_name(shared.name);
        s.set_json(shared.json);
        s.set_from_part(shared.from_part);
        s.set_from_thread(shared.from_thread);
        s.set_number(shared.number);
        s.set_sequence(shared.sequence);
        s.set_order(shared.order);
    }
}

void put(const JournalEntry& entry, pb::JournalEntry& out) {
    put_lists(entry, out);
    out.set_at_ns(entry.at.count());
    out.set_revision(entry.revision);
    if (entry.stop_asked) {
        out.set_stop_asked_ns(entry.stop_asked->count());
    }
    out.set_is_stop_forced(entry.is_stop_forced);
    out.set_is_degraded(entry.is_degraded);
    out.set_is_worker_lost_abort(entry.is_worker_lost_abort);
    out.set_duration_ns(entry.duration.count());
}

JournalHeader take(const pb::JournalHeader& in) {
    JournalHeader header;
    header.version = in.version();
    header.run_id = in.run_id();
    header.seed = in.seed();
    header.started_at = in.started_at();
    header.barrier_unix_ns = in.barrier_unix_ns();
    for (const pb::Setting& setting : in.profile()) {
        header.profile.push_back({setting.key(), setting.text()});
    }
    return header;
}

bool take(const pb::JournalPart& in, JournalPart& out) {
    out.number = in.number();
    out.id = in.id();
    out.name = in.name();
    out.room = in.room();
    if (in.max_users() > 0) {
        out.max_users = in.max_users();
    }
    out.state = in.state();
    out.is_start_confirmed = in.is_start_confirmed();
    out.was_lost = in.was_lost();
    out.has_finished = in.has_finished();
    out.last_sequence = in.last_sequence();
    out.users_peak = in.users_peak();
    out.cpu_percent_max = in.cpu_percent_max();
    out.sums.requests = in.requests();
    out.sums.failures = in.failures();
    out.sums.exchanges = in.exchanges();
    out.sums.iterations = in.iterations();
    out.rows_taken.assign(in.rows_taken().begin(), in.rows_taken().end());
    out.recalls = in.recalls();
    out.is_recalled = in.is_recalled();
    if (in.has_recall()) {
        out.recall = {{in.recall().part(), in.recall().whole()}, in.recall().to()};
        if (out.recall->to == 0 || out.recall->give.whole <= 0) {
            return false;
        }
    }
    return in.number() > 0 && from_proto(in.load_box(), out.load_box);
}

JournalAdjustment take(const pb::JournalAdjustment& in) {
    JournalAdjustment out;
    if (in.has_spawn_count()) {
        out.spawn_count = in.spawn_count();
    }
    if (in.has_spawn_rate()) {
        out.spawn_rate = in.spawn_rate();
    }
    if (in.has_max_rps()) {
        out.max_rps = in.max_rps();
    }
    if (in.has_rate()) {
        out.rate = in.rate();
    }
    for (const pb::JournalStage& stage : in.stages()) {
        out.stages.push_back({base::Duration(stage.length_ns()), stage.target()});
    }
    out.worker = in.worker();
    out.from = base::Duration(in.from_ns());
    return out;
}

bool is_second(std::int64_t second) {
    return second >= 0 && second <= kMaxSecond;
}

bool take_lists(const pb::JournalEntry& in, JournalEntry& out) {
    for (const pb::JournalPart& part : in.parts()) {
        if (!take(part, out.parts.emplace_back())) {
            return false;
        }
    }
    for (const pb::JournalSecond& second : in.seconds()) {
        JournalSecond& s = out.seconds.emplace_back();
        s.second = second.second();
        if (!is_second(s.second) || !from_proto(second.delta(), s.delta)) {
            return false;
        }
    }
    for (const pb::JournalEvent& event : in.events()) {
        out.events.push_back(
            {base::Duration(event.at_ns()), event.kind(), event.text(), event.worker()});
    }
    out.notes.assign(in.notes().begin(), in.notes().end());
    for (const pb::JournalAdjustment& adjustment : in.adjustments()) {
        out.adjustments.push_back(take(adjustment));
    }
    for (const pb::JournalGauges& g : in.gauges()) {
        if (!is_second(g.second())) {
            return false;
        }
        out.gauges.push_back({g.second(), g.users(), g.target_users(), g.workers()});
    }
    for (const pb::RowMove& move : in.row_moves()) {
        const pb::RowRange& rows = move.rows();
        if (rows.case_index() > kMaxCases || rows.begin() < 0 || rows.begin() >= rows.end()) {
            return false;
        }
        out.row_moves.push_back(
            {{static_cast<std::int32_t>(rows.case_index()), rows.begin(), rows.end()},
             move.from(),
             move.to()});
    }
    for (const pb::Shared& shared : in.shared()) {
        Shared& one = out.shared.emplace_back();
        one.name = shared.name();
        one.json = shared.json();
        one.from_part = shared.from_part();
        one.from_thread = shared.from_thread();
        one.number = shared.number();
        one.sequence = shared.sequence();
        one.order = shared.order();
    }
    return true;
}

std::optional<JournalRecord> take(const pb::JournalEntry& in) {
    JournalEntry entry;
    if (in.at_ns() < 0 || !take_lists(in, entry)) {
        return std::nullopt;
    }
    entry.at = base::Duration(in.at_ns());
    entry.revision = in.revision();
    if (in.has_stop_asked_ns()) {
        entry.stop_asked = base::Duration(in.stop_asked_ns());
    }
    entry.is_stop_forced = in.is_stop_forced();
    entry.is_degraded = in.is_degraded();
    entry.is_worker_lost_abort = in.is_worker_lost_abort();
    entry.duration = base::Duration(in.duration_ns());
    return entry;
}

}  // namespace

std::string encode_record(const JournalRecord& record) {
    pb::JournalRecord out;
    if (const auto* header = std::get_if<JournalHeader>(&record)) {
        put(*header, *out.mutable_header());
    } else if (const auto* part = std::get_if<BundlePart>(&record)) {
        put_bundle(*part, *out.mutable_bundle_part());
    } else {
        put(std::get<JournalEntry>(record), *out.mutable_entry());
    }
    return serialize(out);
}

std::optional<JournalRecord> decode_record(std::string_view bytes) noexcept {
    pb::JournalRecord in;
    if (bytes.size() > kMaxMessageBytes ||
        !in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return std::nullopt;
    }
    switch (in.body_case()) {
        case pb::JournalRecord::kHeader:
            return take(in.header());
        case pb::JournalRecord::kBundlePart:
            return take_bundle(in.bundle_part());
        case pb::JournalRecord::kEntry:
            return take(in.entry());
        case pb::JournalRecord::BODY_NOT_SET:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace boom::wire
