// How a transfer sets up its handle: what never changes once, the rest when it changed.
#include "net/curl_transfer.hpp"

#include <curl/curl.h>

#include <algorithm>

namespace boom::net {
namespace {

// libcurl closes idle connections after two minutes by itself; a user's think time may be longer.
constexpr long kMaxIdleSeconds = 24L * 3600;

long milliseconds(Duration duration) {
    // 0 would mean libcurl's own default.
    return static_cast<long>(std::max<std::int64_t>(base::to_ms(duration), 1));
}

const char* text_or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

bool needs_length(const HttpRequest& request) {
    return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
           request.method == "PATCH";
}

}  // namespace

template <typename T>
void CurlTransfer::set(int option, T value) {
    const CURLcode code = curl_easy_setopt(easy_, static_cast<CURLoption>(option), value);
    is_accepted_ = is_accepted_ && code == CURLE_OK;
}
