#pragma once
// A run whose every figure is known: what outputs are tested with. Built from recorded samples, so
// that snapshot, summary and timeline agree as in a real run.

#include "report/output.hpp"

namespace boom::test {

struct SampleRun {
    stats::Catalog catalog;
    stats::Snapshot totals;
    report::Result result;  // finished and passed; 10 s long
};

// Steps: "get item" (GET, 1000 requests of 1…1000 ms, 10 of them refused with 503), "login" (POST,
// 100 requests of 20 ms), "idle" (PUT, none), the transaction "Action" (90 passed, 10 failed).
// Five connections were refused beside them, all of "get item". Two workers.
[[nodiscard]] SampleRun make_sample_run();

[[nodiscard]] report::IntervalReport as_interval(const SampleRun& run);

}  // namespace boom::test
