#pragma once

namespace boom::app {

// `boom nginx-log FILE…`: what a server logged, per path, with the load test apart.
[[nodiscard]] int access_log_command(int argc, char** argv);

}  // namespace boom::app
