#pragma once
// How the requests of a step connect. Any thread.

#include "load/profile.hpp"
#include "net/http.hpp"
#include "plan/plan.hpp"

namespace boom::user {

// But for the source address, which users take turns with.
[[nodiscard]] net::ConnectionOptions connection_options(const plan::RequestStep& step,
                                                        const load::Profile& profile);

}  // namespace boom::user
