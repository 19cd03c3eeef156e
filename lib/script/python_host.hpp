#pragma once
// One python3 process that runs the functions of a debugtalk.py, several at a time. It never
// blocks: what cannot be written now is kept, what has not come yet is asked for later. One thread.

#include "base/units.hpp"
#include "expr/value.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace boom::script {

struct PythonSource {
    std::string path;  // for tracebacks, and whose folder modules are imported from
    std::string text;
};

struct Answer {
    std::uint64_t id = 0;  // 0: the source was loaded, or not
    std::optional<expr::Value> value;
    std::string error;  // when there is no value
};

class PythonHost {
public:
    // Null when the process cannot be started: `error` says why.
    [[nodiscard]] static std::unique_ptr<PythonHost> start(const PythonSource& source,
                                                           std::string& error);
    ~PythonHost();  // ends the process
    PythonHost(const PythonHost&) = delete;
    PythonHost& operator=(const PythonHost&) = delete;

    enum class Kind { Function, Hook };
    // REQUIRES: id > 0, and no call of that id is under way.
    void call(std::uint64_t id, std::string_view function, std::span<const expr::Value> arguments,
              Kind kind);

    // For whoever watches them.
    [[nodiscard]] int read_descriptor() const { return from_; }
    [[nodiscard]] int write_descriptor() const { return to_; }
    [[nodiscard]] bool has_to_write() const { return !unsent_.empty(); }
    void write_more();
    // What has come. After the process ended it is_alive() no more.
    [[nodiscard]] std::vector<Answer> receive();
    [[nodiscard]] bool is_alive() const { return is_alive_; }
    [[nodiscard]] base::Duration cpu_time() const;  // of the process, since it began

private:
    PythonHost(pid_t process, int to, int from) : process_(process), to_(to), from_(from) {}

    pid_t process_;
    int to_, from_;
    bool is_alive_ = true;
    std::string unsent_, unread_;
};

// Starts a host and waits, at most thirty seconds, until the source is loaded. Empty: it works.
[[nodiscard]] std::string load_problem(const PythonSource& source);

}  // namespace boom::script
