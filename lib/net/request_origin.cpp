#include "net/request_origin.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <utility>

namespace boom::net {
namespace {

constexpr char kDelete = 0x7f;
constexpr std::string_view kTargetBegins = "/?#";

// "scheme://authority", without what follows.
std::string_view prefix_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) {
        return {};
    }
    return url.substr(0, url.find_first_of(kTargetBegins, scheme + 3));
}

}  // namespace

RequestOrigin::Taken RequestOrigin::take(std::string_view url) {
    const bool is_known = !prefix_.empty() && url.substr(0, prefix_.size()) == prefix_ &&
                          (url.size() == prefix_.size() ||
                           kTargetBegins.find(url[prefix_.size()]) != std::string_view::npos);
    if (is_known) {
        return Taken::Known;
    }
    return parse(prefix_of(url)) ? Taken::New : Taken::Invalid;
}

std::string_view RequestOrigin::target_of(std::string_view url) const {
    const std::string_view target = url.substr(prefix_.size());
    return target.substr(0, target.find('#'));
}

bool RequestOrigin::parse(std::string_view prefix) {
    const auto url = base::parse_url(prefix);
    prefix_.clear();
    if (!url || (url->scheme != "http" && url->scheme != "https") || url->host.empty()) {
        return false;
    }
    prefix_ = prefix;
    authority_ = url->authority();
    credentials_.clear();
    if (!url->userinfo.empty()) {
        std::string account = base::percent_decode(url->userinfo, base::PlusSign::Literal);
        if (url->userinfo.find(':') == std::string::npos) {
            account += ':';
        }
        credentials_ = "Basic " + base::encode_base64(account);
    }
    Http1Origin origin;
    origin.host = url->host;
    origin.port = url->port;
    origin.scheme = url->is_tls() ? Http1Origin::Scheme::Tls : Http1Origin::Scheme::Plain;
    if (!(origin == origin_)) {
        origin_ = std::move(origin);
        ++version_;
    }
    return true;
}

bool is_clean_target(std::string_view target) {
    return std::all_of(target.begin(), target.end(),
                       [](char c) { return static_cast<unsigned char>(c) > ' ' && c != kDelete; });
}

bool sends_length(std::string_view method, std::string_view body) {
    return !body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace boom::net
