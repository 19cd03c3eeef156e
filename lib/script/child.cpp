#include "script/child.hpp"

#include "base/assert.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace boom::script {
namespace {

// Nobody reads more of what a compiler says.
constexpr std::size_t kMaxOutput = 1U << 20U;

ChildEnd wait_for(pid_t child, int from, int deadline_s) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::seconds(deadline_s);
    ChildEnd end;
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd watched{from, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&watched, 1, static_cast<int>(left.count())) == 0) {
            end.is_late = true;
            (void)::kill(child, SIGKILL);
            break;
        }
        std::array<char, 4096> buffer;
        const ssize_t count = ::read(from, buffer.data(), buffer.size());
        if (count <= 0) {
            break;
        }
        if (end.output.size() < kMaxOutput) {
            end.output.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
    ::close(from);
    int status = 0;
    (void)::waitpid(child, &status, 0);
    end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return end;
}

}  // namespace

ChildEnd run_in_child(const std::function<void(int descriptor)>& work, int deadline_s) {
    std::array<int, 2> ends{-1, -1};
    BOOM_ASSERT(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    BOOM_ASSERT(child >= 0);
    if (child == 0) {
        // What a crash is, its parent says; nothing of the parent's is flushed or destroyed here.
        for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGINT, SIGTERM}) {
            (void)::signal(signal, SIG_DFL);
        }
        work(ends[1]);
        ::_exit(0);
    }
    ::close(ends[1]);
    return wait_for(child, ends[0], deadline_s);
}

ChildEnd run_program(const std::vector<std::string>& arguments, int deadline_s) {
    return run_in_child(
        [&arguments](int descriptor) {
            std::vector<char*> pointers;
            for (const std::string& argument : arguments) {
                pointers.push_back(const_cast<char*>(argument.c_str()));
            }
            pointers.push_back(nullptr);
            (void)::dup2(descriptor, 1);
            (void)::dup2(descriptor, 2);
            (void)::execvp(pointers.front(), pointers.data());
            constexpr std::string_view kMissing = "cannot be started";
            (void)!::write(2, kMissing.data(), kMissing.size());
            ::_exit(127);
        },
        deadline_s);
}

}  // namespace boom::script
