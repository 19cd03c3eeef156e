#pragma once
// From what the user named (files, folders, URLs) to what a master can start.

#include "cluster/master.hpp"
#include "load/profile.hpp"
#include "plan/bundle.hpp"

#include <string>
#include <vector>

namespace boom::app {

// Throws ConfigError with every mistake in the cases.
[[nodiscard]] cluster::RunRequest compile_request(const std::vector<std::string>& cases,
                                                  const plan::UrlRequest& url,
                                                  const load::Profile& profile);
// Of a bundle that is complete: nothing is read.
[[nodiscard]] cluster::RunRequest compile_request(plan::Bundle bundle,
                                                  const load::Profile& profile);

}  // namespace boom::app
