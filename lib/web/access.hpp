#pragma once
// Who may ask what: token, peer, Host and Origin (design D11, D12). Pure.

#include "web/message.hpp"

#include <optional>
#include <string>

namespace boom::web {

struct AccessRules {
    std::string token;     // empty: none
    bool is_open = false;  // peers that are not loopback are served without a token
};

// What a request may do without being asked for the token, and whether a GET of it acts.
enum class Door { Public, Guarded };
enum class Effect { None, Acts };

// Empty: access is granted.
[[nodiscard]] std::optional<ApiResponse> refuse_access(const ApiRequest& request,
                                                       const AccessRules& rules, Door door,
                                                       Effect effect);

}  // namespace boom::web
