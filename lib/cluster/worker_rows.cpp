// Unique rows of a worker: leases come in, what is not used goes back.
#include "cluster/worker.hpp"

#include <algorithm>
#include <utility>

namespace boom::cluster {

void Worker::take_leases(std::uint64_t first, const std::vector<load::RowRange>& leases) {
    for (std::size_t i = 0; i < leases.size(); ++i) {
        if (run_->are_rows_back || first + i != run_->last_lease + 1) {
            continue;  // known, or the one before it is missing: it will come again
        }
        if (!run_->load->add_rows(leases[i])) {
            notice("the master leased rows that the case does not have");
            return;
        }
        ++run_->last_lease;
        // Rows that come again were given back, and the master knows it.
        const load::RowRange& rows = leases[i];
        const bool is_known =
            std::any_of(run_->recalled.begin(), run_->recalled.end(), [&](const auto& one) {
                return one.case_index == rows.case_index && one.begin < rows.end &&
                       rows.begin < one.end;
            });
        if (is_known) {
            run_->recalled.clear();
        }
    }
}

void Worker::on(wire::Rows& m) {
    if (!run_ || run_->part != m.part || !run_->is_started) {
        return;
    }
    take_leases(m.first, m.leases);
    if (m.recall == run_->last_recall + 1) {
        run_->last_recall = m.recall;
        run_->recalled = run_->load->give_back_rows(m.give);
    }
    if (m.recall != 0 && m.recall == run_->last_recall) {
        send(wire::RowsReturn{run_->part, m.recall, run_->recalled});
    }
    if (!m.leases.empty()) {
        send_heartbeat();  // says which leases are in force
    }
}

// No further iteration begins: the rows that are left are of use to others.
void Worker::give_rows_back() {
    if (run_->are_rows_back) {
        return;
    }
    run_->are_rows_back = true;
    run_->sums.unused = run_->load->give_back_rows({1, 1});
    run_->sums.unused.insert(run_->sums.unused.end(), run_->recalled.begin(), run_->recalled.end());
    run_->sums.last_lease = run_->last_lease;
    if (!run_->sums.unused.empty()) {
        send(wire::RowsReturn{run_->part, 0, run_->sums.unused});
    }
}

}  // namespace boom::cluster
