#pragma once
// `boom report FILE…`: shows result files again, or writes them in another format.
// `boom compare BASE OTHER…`: measures results against the first.

namespace boom::app {

// The arguments from the subcommand's name on. Both return the exit code; both throw ConfigError.
[[nodiscard]] int report_command(int argc, char** argv);
[[nodiscard]] int compare_command(int argc, char** argv);

}  // namespace boom::app
