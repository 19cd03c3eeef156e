// What a run has around its load: a setup before it, a teardown behind it. Both are the shell's.
#include "cluster/master.hpp"

#include <algorithm>

namespace boom::cluster {

std::string Master::why_not_now() const {
    if (state_ == State::Quitting) {
        return "the master is quitting";
    }
    if (state_ == State::Spawning || state_ == State::Running || is_run_on()) {
        return state_ == State::Stopping ? "Please wait for all workers to finish"
                                         : "already started";
    }
    if (available_workers() == 0) {
        return "current available workers: 0";
    }
    return {};
}

// In the journal before it begins: whoever takes the run up does not do it a second time.
void Master::begin_teardown() {
    if (!run_->request.plan->has_run_teardown) {
        return;
    }
    const bool was_begun = std::any_of(run_->events.begin(), run_->events.end(),
                                       [](const RunEvent& one) { return one.kind == "teardown"; });
    if (was_begun) {
        run_->teardown = Run::Teardown::BegunBefore;
        run_->notes.emplace_back(
            "the teardown of the run was begun by a master that was killed; it is not repeated");
    } else {
        run_->teardown = Run::Teardown::Due;
        event("teardown", "teardown of the run");
    }
}

void Master::close_run() {
    if (journal_) {
        journal_->discard();  // its results are where the user wants them
        journal_.reset();
    }
}

}  // namespace boom::cluster
