// Unique rows: blocks at the barrier, then leases as workers come and go (design D10).
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {
namespace {

// A newcomer waits so long for rows that others give back; what comes later goes to everybody.
constexpr base::Duration kRecallDeadline = std::chrono::seconds(1);
// A fraction is exact enough with so many digits.
constexpr std::int64_t kMaxWhole = 1'000'000'000;

}  // namespace

// Those of this share that may run each case.
std::vector<std::int64_t> Master::users_by_case(const wire::Share& share) const {
    const std::vector<load::Stream>& streams = run_->load->schedule().streams;
    std::vector<std::int64_t> result;
    if (share.streams.size() != streams.size()) {
        return result;  // of a run that was taken up again, and not shared out since
    }
    for (const plan::CasePlan& one : run_->request.plan->cases) {
        std::int64_t& users = result.emplace_back(0);
        for (std::size_t s = 0; s < streams.size(); ++s) {
            const bool is_meant = streams[s].case_name.empty() || streams[s].case_name == one.name;
            users += is_meant ? share.streams[s].users[share.index] : 0;
        }
    }
    return result;
}

// What is in the pool goes to those who work. `starting` gets its leases with its start.
void Master::deal_rows(const Peer* starting) {
    if (!run_->rows.has_pool() || run_->stop_asked) {
        return;
    }
    std::vector<Peer*> working = peers_in({PartState::Started});
    // Leases follow the answer to a demand: so both sides know them in the same order.
    std::erase_if(working,
                  [this](const Peer* peer) { return tally_of(*peer)->recall.has_value(); });
    std::vector<RowLedger::Holder> holders;
    for (const Peer* peer : working) {
        holders.push_back({*peer->part, users_by_case(tally_of(*peer)->share)});
    }
    const std::size_t before = run_->rows.moves().size();
    run_->rows.deal(holders);
    if (run_->rows.moves().size() == before) {
        return;
    }
    write_journal();  // no row is leased twice, whoever is the master
    for (const Peer* peer : working) {
        if (peer != starting) {
            send_rows(*peer);
        }
    }
}

void Master::send_rows(const Peer& peer) {
    const WorkerTally& tally = run_->tallies[*peer.part];
    const std::vector<load::RowRange>& leases = run_->rows.leases(*peer.part);
    const std::uint64_t confirmed =
        peer.last.part == tally.prepare.part
            ? std::min<std::uint64_t>(peer.last.last_lease, leases.size())
            : 0;
    if (confirmed == leases.size() && !tally.recall) {
        return;
    }
    wire::Rows rows;
    rows.part = tally.prepare.part;
    rows.first = confirmed + 1;
    rows.leases.assign(leases.begin() + static_cast<std::ptrdiff_t>(confirmed), leases.end());
    if (tally.recall) {
        rows.recall = tally.recalls;
        rows.give = tally.recall->give;
    }
    send(peer, rows);
}

// Everybody gives the newcomer as much of its rows as of its users.
void Master::recall_rows_for(Peer& newcomer) {
    WorkerTally& tally = *tally_of(newcomer);
    tally.has_asked_for_rows = true;
    // Others may have started since it was prepared.
    const std::optional<wire::Share> share = share_of_newcomer(newcomer);
    if (!share) {
        return;
    }
    tally.share.users = share->users;
    tally.share.streams = share->streams;
    tally.share.index = share->index;
    const std::int64_t users = tally.share.users[tally.share.index];
    std::int64_t all = 0;
    for (const std::int64_t one : tally.share.users) {
        all += one;
    }
    const std::int64_t scale = all / kMaxWhole + 1;
    const load::Fraction give{users / scale, std::max<std::int64_t>(all / scale, 1)};
    if (give.part == 0) {
        return;
    }
    std::vector<Peer*> asked;
    for (Peer* peer : peers_in({PartState::Started})) {
        WorkerTally& giver = *tally_of(*peer);
        if (giver.recall) {
            continue;  // one demand at a time, or an answer could get lost
        }
        ++giver.recalls;
        giver.recall = WorkerTally::Recall{give, *newcomer.part, clock_.now()};
        asked.push_back(peer);
    }
    write_journal();  // a demand has its number for ever
    for (const Peer* peer : asked) {
        send_rows(*peer);
    }
}

bool Master::is_recall_open() {
    const std::vector<Peer*> givers = peers_in({PartState::Started});
    return std::any_of(givers.begin(), givers.end(), [this](const Peer* peer) {
        const WorkerTally& tally = *tally_of(*peer);
        return tally.recall && clock_.now() - tally.recall->since < kRecallDeadline;
    });
}

// Nothing is left for this newcomer, and somebody who carries no load any more still holds rows:
// until it has handed them over, at the latest after its stop timeout.
bool Master::is_worth_waiting(const Peer& newcomer) {
    if (run_->rows.has_pool() || !run_->rows.leases(*newcomer.part).empty()) {
        return false;
    }
    return std::any_of(peers_.begin(), peers_.end(), [this](const auto& peer) {
        const WorkerTally* tally = tally_of(*peer);
        if (tally == nullptr || !peer->is_present()) {
            return false;
        }
        const bool is_handing_over =
            tally->state == PartState::Leaving && (!tally->is_recalled || tally->recall);
        return tally->is_lost() || is_handing_over;
    });
}

void Master::recall_rows_of_leavers() {
    for (Peer* peer : peers_in({PartState::Leaving})) {
        WorkerTally& tally = *tally_of(*peer);
        const bool is_handed_over = clock_.now() - tally.since > 2 * kAdjustAfter;
        if (!run_->rows.is_idle() && !tally.is_recalled && !tally.recall && is_handed_over) {
            tally.is_recalled = true;
            ++tally.recalls;
            tally.recall = WorkerTally::Recall{{1, 1}, *peer->part, clock_.now()};
            write_journal();
            send_rows(*peer);
        }
    }
}

// Newcomers start when they have their rows; what was given back goes to those who work.
void Master::follow_rows() {
    recall_rows_of_leavers();
    if (start_newcomers()) {
        deal_rows(nullptr);
    }
}

void Master::on(Peer& peer, const wire::RowsReturn& m) {
    WorkerTally* tally = is_run_on() ? part_of(peer, m.part) : nullptr;
    if (tally == nullptr) {
        return;
    }
    const std::size_t part = m.part.number - 1;
    if (m.recall == 0) {
        run_->rows.take_back(part, m.rows);  // its load is over
        return;
    }
    if (!tally->recall || m.recall != tally->recalls) {
        return;  // a repetition
    }
    const std::size_t to = tally->recall->to;
    tally->recall.reset();
    const WorkerTally& newcomer = run_->tallies[to];
    const std::vector<std::int64_t> users = users_by_case(newcomer.share);
    for (const load::RowRange& rows : m.rows) {
        const auto index = static_cast<std::size_t>(rows.case_index);
        if (newcomer.state == PartState::Prepared && index < users.size() && users[index] > 0) {
            run_->rows.pass_on(part, rows, to);
        } else {
            run_->rows.take_back(part, {rows});
        }
    }
}

void Master::name_vanished_rows() {
    for (std::size_t part = 0; part < run_->tallies.size(); ++part) {
        const std::vector<load::RowRange> open = run_->rows.open_rows(part);
        for (std::size_t i = 0; i < run_->request.plan->cases.size(); ++i) {
            const std::string text = describe_rows(open, static_cast<std::int32_t>(i));
            if (!text.empty()) {
                // Each user may have been at work on a row that had gone out.
                run_->notes.push_back(fmt::format(
                    "unique rows {} of case {} were with worker {} when it vanished, and up to {} "
                    "earlier ones in use: they may have been used and were given to nobody else",
                    text, run_->request.plan->cases[i].name, run_->tallies[part].id,
                    run_->tallies[part].users_peak));
            }
        }
    }
}

}  // namespace boom::cluster
