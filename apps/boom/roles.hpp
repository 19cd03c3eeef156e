#pragma once
// Which options are for a master, a worker or a local run: what would have no effect is refused.

#include "base/error.hpp"
#include "boom/options.hpp"

#include <vector>

namespace CLI {
class App;
}

namespace boom::app {

// Of the command line alone: the environment is often one for all processes.
void check_roles(const CLI::App& app, const Options& options, std::vector<base::Mistake>& mistakes);
// The ports as numbers that there are; 0 lets the kernel choose, where a master listens.
void check_ports(const Options& options, std::vector<base::Mistake>& mistakes);

}  // namespace boom::app
