#pragma once
// Setup and teardown hooks: functions of users that see, and may change, a request and its answer.
// Generator thread.

#include "expr/response.hpp"
#include "net/http.hpp"
#include "plan/plan.hpp"

#include <string>
#include <vector>

namespace boom::user {

// Runs the setup hooks; what they return, or changed in place, is written into the request. False
// when one failed: `context.error` says why.
[[nodiscard]] bool run_setup_hooks(const plan::RequestStep& step, net::HttpRequest& request,
                                   std::vector<expr::Value>& slots, expr::CallContext& context);

// What a teardown hook made of an answer; the view is into it.
struct ChangedResponse {
    expr::Value response;
    std::string body;
};

// Runs the teardown hooks over the view; `changed` holds what the view refers to afterwards.
[[nodiscard]] bool run_teardown_hooks(const plan::RequestStep& step, expr::ResponseView& view,
                                      ChangedResponse& changed, std::vector<expr::Value>& slots,
                                      expr::CallContext& context);

}  // namespace boom::user
