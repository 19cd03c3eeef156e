#pragma once
// The outputs of one run: progress and final table on the terminal, files, gateways. One thread.

#include "boom/options.hpp"
#include "report/output.hpp"

#include <memory>
#include <string>
#include <vector>

namespace boom::app {

struct PushTarget {
    std::string gateway;  // as typed; empty = none
    std::string master_host;
    std::string instance, mode;
};

class RunOutputs {
public:
    // Of `files` only those that are written while the run is on.
    RunOutputs(const stats::Catalog& catalog, const PushTarget& push,
               const std::vector<OutputFile>& files = {});
    void add(std::unique_ptr<report::Output> output, const stats::Catalog& catalog);

    void on_interval(std::shared_ptr<const report::Result> view, const stats::Snapshot& delta,
                     const stats::Snapshot& totals, double interval_s);
    // Waits for the outputs, each at most 3 s; returns what went wrong, for run.notes.
    [[nodiscard]] std::vector<std::string> finish(std::shared_ptr<const report::Result> view,
                                                  const stats::Snapshot& totals);

private:
    std::vector<std::unique_ptr<report::OutputThread>> outputs_;
    std::vector<std::string> complaints_;
};

// Fails early: a result that cannot be written is found before the load. Throws ConfigError.
void check_writable(const std::vector<OutputFile>& outputs);
// Written while the run is on, not at its end; and those of them that go to an address.
[[nodiscard]] bool is_live_output(std::string_view kind);
[[nodiscard]] bool is_remote_output(std::string_view kind);

// AtTheEnd leaves out what was written while the run was on.
enum class Written { AtTheEnd, Everything };
// What could not be written, which is said on stderr, too. The result file, written last, has it in
// its notes. Waits for no file longer than a deadline.
[[nodiscard]] std::vector<std::string> write_files(const std::vector<OutputFile>& outputs,
                                                   report::Result result,
                                                   Written what = Written::AtTheEnd);

}  // namespace boom::app
