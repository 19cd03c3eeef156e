#include "web/access.hpp"

#include "base/address.hpp"
#include "base/digest.hpp"
#include "base/process_usage.hpp"
#include "base/text.hpp"

namespace boom::web {
namespace {

bool is_local_name(const std::string& host) {
    const auto address = base::parse_address(host, 80);
    if (!address) {
        return false;
    }
    const std::string& name = address->host;
    const bool is_literal = name.find_first_not_of("0123456789.") == std::string::npos ||
                            name.find(':') != std::string::npos;
    return is_literal || base::equals_ignoring_case(name, "localhost") ||
           base::equals_ignoring_case(name, base::host_name());
}

// Another site's page made the browser send this.
bool is_cross_site(const ApiRequest& request, Effect effect) {
    const std::string origin = request.header("origin");
    if (!origin.empty()) {
        const std::size_t scheme = origin.find("://");
        if (scheme == std::string::npos || origin.substr(scheme + 3) != request.header("host")) {
            return true;
        }
    }
    const std::string site = request.header("sec-fetch-site");
    if (site == "cross-site" || site == "same-site") {
        // A link to the page may be followed from anywhere.
        return request.path != "/" || request.header("sec-fetch-mode") != "navigate";
    }
    // Images and frames send no Origin with a GET, and over plain HTTP to another machine no
    // Sec-Fetch-Site either: there a browser has to use POST.
    const bool is_browser = request.header("user-agent").rfind("Mozilla/", 0) == 0;
    return effect == Effect::Acts && request.method == "GET" && is_browser && site.empty();
}

}  // namespace

std::optional<ApiResponse> refuse_access(const ApiRequest& request, const AccessRules& rules,
                                         Door door, Effect effect) {
    if (is_cross_site(request, effect)) {
        return json_response(403, 403, "requests of other sites are refused");
    }
    if (!rules.token.empty()) {
        constexpr std::string_view kBearer = "Bearer ";
        const std::string given = request.header("authorization");
        const bool fits = base::equals_ignoring_case(given.substr(0, kBearer.size()), kBearer) &&
                          base::equals_in_constant_time(given.substr(kBearer.size()), rules.token);
        if (!fits && door == Door::Guarded) {
            ApiResponse response = json_response(401, 401, "a valid bearer token is needed");
            response.is_challenge = true;
            return response;
        }
        return std::nullopt;
    }
    if (!rules.is_open && !base::is_loopback(request.peer)) {
        return json_response(403, 403,
                             "only this machine is served: start the master with --token, or with "
                             "--insecure-cluster to open it to everybody");
    }
    if (const std::string host = request.header("host"); !host.empty() && !is_local_name(host)) {
        return json_response(403, 403, "unknown Host: use an address or localhost");
    }
    return std::nullopt;
}

}  // namespace boom::web
