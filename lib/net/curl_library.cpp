#include "net/curl_library.hpp"

#include "base/assert.hpp"

#include <curl/curl.h>

namespace boom::net {

void initialize_curl() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    BOOM_ASSERT(result == CURLE_OK);
}

}  // namespace boom::net
