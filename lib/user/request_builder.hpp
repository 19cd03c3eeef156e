#pragma once
// From a compiled step and a user's slots to the bytes of a request. Generator thread.

#include "base/url.hpp"
#include "expr/function.hpp"
#include "net/http.hpp"
#include "user/virtual_user.hpp"

#include <string_view>

namespace boom::user {

// Fills user.exchange->request. False when an expression failed: `context.error` says why.
[[nodiscard]] bool build_request(const plan::RequestStep& step, VirtualUser& user,
                                 expr::CallContext& context);

// Rewrites the request for the next hop (RFC 9110 15.4): method and body as the status demands,
// credentials dropped when the origin changes. False when `location` is no URL of ours.
[[nodiscard]] bool follow_redirect(net::HttpRequest& request, int status,
                                   std::string_view location);
[[nodiscard]] bool is_redirect(int status);

// Sets or replaces one header line in a block; an empty value removes it.
void set_header_line(std::string& block, std::string_view name, std::string_view value);

}  // namespace boom::user
