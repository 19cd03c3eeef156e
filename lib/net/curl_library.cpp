#include "net/curl_library.hpp"

#include "base/assert.hpp"

#include <curl/curl.h>

namespace boom::net {

void initialize_curl() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    BOOM_ASSERT(result == CURLE_OK);
}

bool can_curl_keep_plain_http2() {
    constexpr unsigned kFirstBroken = 0x075800;
    constexpr unsigned kFirstMended = 0x080000;
    static const unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
    return version < kFirstBroken || version >= kFirstMended;
}

}  // namespace boom::net
