#pragma once
// libcurl's process-wide state. Any thread.

namespace boom::net {

// Sets libcurl up at the first call, once for the process.
void initialize_curl();

}  // namespace boom::net
