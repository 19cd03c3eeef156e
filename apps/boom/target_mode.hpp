#pragma once
// `boom target`: its own command line, then the server until a signal comes.

namespace boom::app {

// `argv[1]` is "target". Throws ConfigError. The exit code.
[[nodiscard]] int run_target(int argc, char** argv);

}  // namespace boom::app
