#include "script/python_host.hpp"

#include "base/text.hpp"
#include "script/host_program.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace boom::script {
namespace {

// A longer line is no answer but a mistake of the function.
constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 20U;

std::string why(int code) {
    return std::generic_category().message(code);
}

// Both ends close themselves in children.
bool make_pipe(std::array<int, 2>& ends) {
    return ::pipe2(ends.data(), O_CLOEXEC) == 0;
}

pid_t spawn(int standard_in, int standard_out, std::string& error) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, standard_in, 0);
    posix_spawn_file_actions_adddup2(&actions, standard_out, 1);
    std::string program = "python3";
    std::string flag = "-c";
    std::string text(kHostProgram);
    const std::array<char*, 4> arguments = {program.data(), flag.data(), text.data(), nullptr};
    pid_t process = -1;
    const int code =
        ::posix_spawnp(&process, program.c_str(), &actions, nullptr, arguments.data(), ::environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        error = "cannot start python3: " + why(code);
        return -1;
    }
    return process;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::optional<Answer> parse_answer(std::string_view line) {
    const auto message = expr::parse_json(line);
    const expr::Value* id = message ? message->member("id") : nullptr;
    if (id == nullptr || id->kind() != expr::Value::Kind::Integer) {
        return std::nullopt;
    }
    Answer answer;
    answer.id = static_cast<std::uint64_t>(id->as_integer());
    if (const expr::Value* error = message->member("e")) {
        answer.error = error->text();
    } else if (const expr::Value* value = message->member("v")) {
        answer.value = *value;
    }
    return answer;
}

}  // namespace

std::unique_ptr<PythonHost> PythonHost::start(const PythonSource& source, std::string& error) {
    std::array<int, 2> to{-1, -1};
    std::array<int, 2> from{-1, -1};
    if (!make_pipe(to)) {
        error = "no pipe for python3: " + why(errno);
        return nullptr;
    }
    if (!make_pipe(from)) {
        error = "no pipe for python3: " + why(errno);
        ::close(to[0]);
        ::close(to[1]);
        return nullptr;
    }
    const pid_t process = spawn(to[0], from[1], error);
    ::close(to[0]);
    ::close(from[1]);
    if (process < 0) {
        ::close(to[1]);
        ::close(from[0]);
        return nullptr;
    }
    (void)::fcntl(to[1], F_SETFL, O_NONBLOCK);
    (void)::fcntl(from[0], F_SETFL, O_NONBLOCK);
    std::unique_ptr<PythonHost> host(new PythonHost(process, to[1], from[0]));
    host->unsent_ =
        fmt::format(R"({{"path":"{}","folder":"{}","source":"{}"}})",
                    base::escape_json(source.path), base::escape_json(folder_of(source.path)),
                    base::escape_json(source.text)) +
        "\n";
    host->write_more();
    return host;
}

base::Duration PythonHost::cpu_time() const {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
        return {};
    }
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

PythonHost::~PythonHost() {
    ::close(to_);
    ::close(from_);
    (void)::kill(process_, SIGKILL);
    (void)::waitpid(process_, nullptr, 0);
}

void PythonHost::call(std::uint64_t id, std::string_view function,
                      std::span<const expr::Value> arguments, Kind kind) {
    unsent_ += fmt::format(R"({{"id":{},"f":"{}",{}"a":[)", id, base::escape_json(function),
                           kind == Kind::Hook ? R"("h":true,)" : "");
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        unsent_ += i == 0 ? "" : ",";
        arguments[i].append_json(unsent_);
    }
    unsent_ += "]}\n";
    write_more();
}

void PythonHost::write_more() {
    while (is_alive_ && !unsent_.empty()) {
        // SIGPIPE is ignored by the program; the end of the process shows in receive().
        const ssize_t count = ::write(to_, unsent_.data(), unsent_.size());
        if (count < 0) {
            is_alive_ = errno == EAGAIN || errno == EINTR;
            if (errno != EINTR) {
                return;
            }
        } else {
            unsent_.erase(0, static_cast<std::size_t>(count));
        }
    }
}

std::vector<Answer> PythonHost::receive() {
    std::vector<Answer> answers;
    std::array<char, 1U << 16U> buffer;
    while (true) {
        const ssize_t count = ::read(from_, buffer.data(), buffer.size());
        if (count > 0) {
            unread_.append(buffer.data(), static_cast<std::size_t>(count));
            is_alive_ = is_alive_ && unread_.size() <= kMaxAnswerBytes;
            if (is_alive_) {
                continue;
            }
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count == 0 || (count < 0 && errno != EAGAIN)) {
            is_alive_ = false;
        }
        break;
    }
    std::size_t begin = 0;
    for (std::size_t end = unread_.find('\n'); end != std::string::npos;
         end = unread_.find('\n', begin)) {
        if (auto answer = parse_answer(std::string_view(unread_).substr(begin, end - begin))) {
            answers.push_back(std::move(*answer));
        }
        begin = end + 1;
    }
    unread_.erase(0, begin);
    return answers;
}

std::string load_problem(const PythonSource& source) {
    constexpr int kDeadlineMs = 30'000;
    std::string error;
    const std::unique_ptr<PythonHost> host = PythonHost::start(source, error);
    while (host != nullptr && host->is_alive()) {
        const bool has_to_write = host->has_to_write();
        std::array<pollfd, 2> watched{
            pollfd{host->read_descriptor(), POLLIN, 0},
            pollfd{host->write_descriptor(), static_cast<short>(has_to_write ? POLLOUT : 0), 0}};
        const int count = ::poll(watched.data(), watched.size(), kDeadlineMs);
        if (count == 0) {
            return "is not loaded after 30 s";
        }
        host->write_more();
        for (const Answer& answer : host->receive()) {
            return answer.error;  // the first is about the source
        }
    }
    return error.empty() ? "the Python process ended at once" : error;
}

}  // namespace boom::script
