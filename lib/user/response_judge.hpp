#pragma once
// What an answer means: extracts, checks and the outcome of the step. Generator thread.

#include "expr/response.hpp"
#include "stats/outcome.hpp"
#include "user/virtual_user.hpp"

#include <string>
#include <vector>

namespace boom::user {

struct Judgement {
    stats::Outcome outcome = stats::Outcome::Passed;
    std::string message;  // of a failure
};

// Buffers of one thread, kept from answer to answer.
struct JudgeBuffers {
    expr::ResponseReader reader;
    std::vector<expr::NameValue> headers, cookies;
};

// Fills the slots of the extracts, then runs the checks; the first failure ends it.
[[nodiscard]] Judgement judge(const plan::RequestStep& step, const net::HttpResponse& response,
                              std::vector<expr::Value>& slots, JudgeBuffers& buffers,
                              expr::CallContext& context);

// The outcome of an exchange without an answer. REQUIRES: error != None.
[[nodiscard]] stats::Outcome outcome_of(net::TransportError error);

}  // namespace boom::user
