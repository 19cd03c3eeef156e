#pragma once
// `boom report FILE…`: shows result files again, or writes them in another format.

namespace boom::app {

// The arguments after the subcommand's name. Returns the exit code; throws ConfigError.
[[nodiscard]] int report_command(int argc, char** argv);

}  // namespace boom::app
