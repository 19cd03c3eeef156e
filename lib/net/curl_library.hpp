#pragma once
// libcurl's process-wide set-up. Any thread.

namespace boom::net {

// The first call initialises libcurl; later ones do nothing.
void initialise_curl();

}  // namespace boom::net
