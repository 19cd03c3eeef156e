#pragma once
// Runs a piece of work, or a program, in a child process and waits for what it says. Private.

#include <functional>
#include <string>
#include <vector>

namespace boom::script {

struct ChildEnd {
    std::string output;
    bool is_late = false;  // was ended after the deadline
    int signal = 0;        // that ended it
    int code = 0;
};

// `work` runs in a copy of this process and writes its answer to the descriptor.
[[nodiscard]] ChildEnd run_in_child(const std::function<void(int descriptor)>& work,
                                    int deadline_s);
// Standard output and error together.
[[nodiscard]] ChildEnd run_program(const std::vector<std::string>& arguments, int deadline_s);

}  // namespace boom::script
