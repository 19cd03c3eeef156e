#include "wire/bundle_codec.hpp"
#include "wire/message.hpp"
#include "wire/serialize.hpp"
#include "wire/share_codec.hpp"
#include "wire/snapshot_codec.hpp"

namespace boom::wire {
namespace {

template <typename T>
void put(const PartId& part, T& out) {
    out.set_run_id(part.run_id);
    out.set_part(part.number);
}

void put(const std::vector<load::RowRange>& ranges,
         google::protobuf::RepeatedPtrField<pb::RowRange>& out) {
    for (const load::RowRange& range : ranges) {
        pb::RowRange& p = *out.Add();
        p.set_case_index(static_cast<std::uint32_t>(range.case_index));
        p.set_begin(range.begin);
        p.set_end(range.end);
    }
}

void put(const Share& share, pb::Share& out) {
    out.set_revision(share.revision);
    for (const std::int64_t users : share.users) {
        out.add_users(users);
    }
    out.set_index(share.index);
    out.set_spawn_rate(share.spawn_rate);
    out.set_without_rows(share.rows == Share::Rows::Nothing);
    put_load(share, out);
}

// One overload per message: a new one does not compile until it is written.
struct Encoder {
    pb::Envelope& out;

    void operator()(const Hello& m) const {
        pb::Hello& p = *out.mutable_hello();
        p.set_protocol(m.protocol);
        p.set_version(m.version);
        p.set_id(m.id);
        p.set_name(m.name);
        p.set_room(m.room);
        p.set_max_users(m.max_users.value_or(0));
        p.set_os(m.os);
        p.set_arch(m.arch);
        p.set_cores(m.cores);
        p.set_memory_bytes(m.memory_bytes);
        p.set_descriptor_limit(m.descriptor_limit);
        p.set_ephemeral_ports(m.ephemeral_ports);
        p.set_unix_ms(m.unix_ms);
        put(m.part, p);
        p.set_is_running(m.is_running);
    }
    void operator()(const Welcome& m) const {
        out.mutable_welcome()->set_version(m.version);
        out.mutable_welcome()->set_heartbeat_ms(base::to_ms(m.heartbeat));
    }
    void operator()(const Reject& m) const { out.mutable_reject()->set_reason(m.reason); }
    void operator()(const Prepare& m) const {
        pb::Prepare& p = *out.mutable_prepare();
        put(m.part, p);
        p.set_bundle_hash(m.bundle_hash);
        for (const load::Setting& setting : m.profile) {
            pb::Setting& s = *p.add_profile();
            s.set_key(setting.key);
            s.set_text(setting.text);
        }
        put(m.share, *p.mutable_share());
        p.set_seed(m.seed);
    }
    void operator()(const BundleRequest& m) const {
        out.mutable_bundle_request()->set_bundle_hash(m.bundle_hash);
        out.mutable_bundle_request()->set_first(m.first);
    }
    void operator()(const BundlePart& m) const { put_bundle(m, *out.mutable_bundle_part()); }
    void operator()(const Ready& m) const { put(m.part, *out.mutable_ready()); }
    void operator()(const Refused& m) const {
        put(m.part, *out.mutable_refused());
        out.mutable_refused()->set_reason(m.reason);
    }
    void operator()(const Start& m) const {
        put(m.part, *out.mutable_start());
        out.mutable_start()->set_in_us(base::to_us(m.in));
        out.mutable_start()->set_elapsed_us(base::to_us(m.elapsed));
        put(m.leases, *out.mutable_start()->mutable_leases());
    }
    void operator()(const Adjust& m) const {
        put(m.part, *out.mutable_adjust());
        put(m.share, *out.mutable_adjust()->mutable_share());
    }
    void operator()(const Stop& m) const {
        put(m.part, *out.mutable_stop());
        out.mutable_stop()->set_force(m.force);
    }
    void operator()(const Quit&) const { out.mutable_quit(); }
    void operator()(const Interval& m) const {
        pb::Interval& p = *out.mutable_interval();
        put(m.part, p);
        p.set_sequence(m.sequence);
        p.set_oldest(m.oldest);
        p.set_second(m.second);
        p.set_users(m.users);
        to_proto(m.delta, *p.mutable_delta());
        p.set_waiting(m.waiting.requests);
        p.set_oldest_us(base::to_us(m.waiting.oldest));
        for (const std::int64_t rows : m.rows_taken) {
            p.add_rows_taken(rows);
        }
    }
    void operator()(const Ack& m) const {
        put(m.part, *out.mutable_ack());
        out.mutable_ack()->set_sequence(m.sequence);
        out.mutable_ack()->set_is_final(m.is_final);
        out.mutable_ack()->set_shared(m.shared);
    }
    void operator()(const Final& m) const {
        pb::Final& p = *out.mutable_final();
        put(m.part, p);
        p.set_last_sequence(m.last_sequence);
        p.set_requests(m.requests);
        p.set_failures(m.failures);
        p.set_exchanges(m.exchanges);
        p.set_iterations(m.iterations);
        p.set_was_stopped(m.was_stopped);
        p.set_last_lease(m.last_lease);
        put(m.unused, *p.mutable_unused());
    }
    void operator()(const Heartbeat& m) const {
        pb::Heartbeat& p = *out.mutable_heartbeat();
        put(m.part, p);
        p.set_state(m.state);
        p.set_users(m.users);
        p.set_worker_cpu_percent(m.worker_cpu_percent);
        p.set_cpu_percent(m.cpu_percent);
        p.set_worker_memory_percent(m.worker_memory_percent);
        p.set_memory_percent(m.memory_percent);
        p.set_is_all_spawned(m.is_all_spawned);
        p.set_number(m.number);
        p.set_share_revision(m.share_revision);
        p.set_is_leaving(m.is_leaving);
        p.set_last_lease(m.last_lease);
        p.set_shared_order(m.shared_order);
        p.set_is_compiling(m.is_compiling);
    }
    void operator()(const Shared& m) const {
        pb::Shared& p = *out.mutable_shared();
        put(m.part, p);
        p.set_name(m.name);
        p.set_json(m.json);
        p.set_from_part(m.from_part);
        p.set_from_thread(m.from_thread);
        p.set_number(m.number);
        p.set_sequence(m.sequence);
        p.set_oldest(m.oldest);
        p.set_order(m.order);
        p.set_after(m.after);
        p.set_yours(m.yours);
    }
    void operator()(const Gathering& m) const {
        pb::Gathering& p = *out.mutable_gathering();
        put(m.part, p);
        p.set_number(m.number);
        p.set_is_open(m.is_open);
        p.set_is_complete(m.is_complete);
        p.set_users(m.users);
        for (const Gathering::Case& one : m.cases) {
            pb::GatheringCase& added = *p.add_cases();
            added.set_index(one.index);
            added.set_generation(one.generation);
            added.set_waiting(one.waiting);
            added.set_arrivals(one.arrivals);
        }
    }
    void operator()(const Release& m) const {
        pb::Release& p = *out.mutable_release();
        put(m.part, p);
        p.set_is_open(m.is_open);
        for (const Release::Case& one : m.cases) {
            pb::GatheringCase& added = *p.add_cases();
            added.set_index(one.index);
            added.set_generation(one.generation);
        }
    }
    void operator()(const Log& m) const {
        out.mutable_log()->set_level(m.level);
        out.mutable_log()->set_text(m.text);
    }
    void operator()(const Identify&) const { out.mutable_identify(); }
    void operator()(const Bye& m) const { out.mutable_bye()->set_reason(m.reason); }
    void operator()(const Rows& m) const {
        pb::Rows& p = *out.mutable_rows();
        put(m.part, p);
        p.set_first(m.first);
        put(m.leases, *p.mutable_leases());
        p.set_recall(m.recall);
        p.set_give_part(m.give.part);
        p.set_give_whole(m.give.whole);
    }
    void operator()(const RowsReturn& m) const {
        pb::RowsReturn& p = *out.mutable_rows_return();
        put(m.part, p);
        p.set_recall(m.recall);
        put(m.rows, *p.mutable_rows());
    }
};

}  // namespace

std::string encode(const Message& message) {
    pb::Envelope envelope;
    std::visit(Encoder{envelope}, message);
    return serialize(envelope);
}

}  // namespace boom::wire
