#pragma once
// The API as a function: request in, response out. No sockets here.

#include "web/access.hpp"
#include "web/message.hpp"
#include "web/run_control.hpp"

namespace boom::web {

[[nodiscard]] ApiResponse respond(const ApiRequest& request, const AccessRules& rules,
                                  RunControl& control);

}  // namespace boom::web
