#pragma once
// The log of single requests on a worker's disk.

#include "user/load.hpp"

#include <functional>
#include <memory>
#include <string>

namespace boom::app {

struct SampleLogOptions {
    std::string path;
    std::string worker;  // its name, for the lines
    // What went wrong, before the run is over; from the thread that polls the load.
    std::function<void(const std::string&)> complain;
};

// The load with a log: `make` gets the spec with the queues in it. Its own thread writes; a disk
// that is full or slow costs samples, which are counted and named, and never the load. The load is
// done when the file is closed, or kCloseDeadline later.
[[nodiscard]] std::unique_ptr<user::Load> make_logged_load(
    user::LoadSpec spec, SampleLogOptions options,
    const std::function<std::unique_ptr<user::Load>(user::LoadSpec)>& make);

// The n-th run of a process that stays: "samples.csv", "samples-2.csv", …
[[nodiscard]] std::string sample_path(const std::string& path, int run);

}  // namespace boom::app
