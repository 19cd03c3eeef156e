#include "net/curl_library.hpp"

#include <curl/curl.h>

namespace boom::net {

void initialise_curl() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)result;
}

}  // namespace boom::net
