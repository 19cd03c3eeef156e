#pragma once
// libcurl's process-wide state. Any thread.

namespace boom::net {

// Sets libcurl up at the first call, once for the process.
void initialize_curl();

// libcurl 7.88 breaks every kept HTTP/2 connection without TLS (curl's pull request 10643).
[[nodiscard]] bool can_curl_keep_plain_http2();

}  // namespace boom::net
