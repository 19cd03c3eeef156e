#pragma once
// `boom explain [KEY…]`: what a key of a profile or of a test case means, and its default.

namespace boom::app {

// The arguments from the subcommand's name on. Returns the exit code; throws ConfigError.
[[nodiscard]] int explain_command(int argc, char** argv);

}  // namespace boom::app
