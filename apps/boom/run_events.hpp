#pragma once
// What the event stream tells of a run: one row per interval, one per event. One thread.

#include "cluster/master.hpp"
#include "report/result.hpp"
#include "web/event_log.hpp"

#include <string>

namespace boom::app {

class RunEvents {
public:
    explicit RunEvents(web::EventLog& log) : log_(log) {}

    // Tells what is new in `run`; a run of another id begins anew. May be called at any time.
    void follow(const cluster::Run& run);
    void on_interval(const cluster::Master& master, const cluster::Run& run,
                     const stats::Snapshot& delta, double seconds);
    // What others saw of the run, after on_interval().
    void add(const report::Event& event);

private:
    web::EventLog& log_;
    std::string run_id_;
    std::size_t told_ = 0;  // events of the run
    double end_s_ = 0;      // of the interval before
};

// The steps of one interval as a JSON object: {"t_s", "length_s", "steps": [...]}; every one that
// is `known`.
[[nodiscard]] std::string interval_json(const stats::Catalog& catalog, const stats::Snapshot& delta,
                                        const stats::Snapshot& known, double seconds);
// The result file without its time line and encoded histograms, with `interval` added.
[[nodiscard]] std::string brief_json(const report::Result& result, const std::string& interval);

}  // namespace boom::app
