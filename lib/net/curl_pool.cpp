#include "net/curl_pool.hpp"

#include "base/assert.hpp"

#include <curl/curl.h>

namespace boom::net {

CurlPool::CurlPool() : share_(curl_share_init()) {
    BOOM_ASSERT(share_ != nullptr);
    const CURLSHcode code = curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    BOOM_ASSERT(code == CURLSHE_OK);
}

CurlPool::~CurlPool() {
    const CURLSHcode code = curl_share_cleanup(share_);
    BOOM_ASSERT(code == CURLSHE_OK);
}

}  // namespace boom::net
