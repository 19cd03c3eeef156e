#pragma once
// Log lines on stderr (or a file): a constant message with key=value fields. Any thread.
// Never on a generator's hot path.

#include <fmt/format.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace boom::base::log {

enum class Level { Debug, Info, Warning, Error };
enum class Format { Text, Json };

struct Field {
    std::string_view key;
    std::string value;

    template <typename T>
    Field(std::string_view k, const T& v) : key(k), value(fmt::format("{}", v)) {}
};
using Fields = std::initializer_list<Field>;

// Set up once by main before any thread starts. An empty file means stderr.
struct Options {
    Level level = Level::Info;
    Format format = Format::Text;
    std::string file;
};
// False when the file cannot be opened; the old destination stays.
[[nodiscard]] bool configure(const Options& options);

// Gets every line of warnings and errors too, without time and level; called from any thread that
// logs, and must not log itself. Empty: nobody.
using Listener = std::function<void(Level level, const std::string& text)>;
void listen(Listener listener);

void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view m, Fields f = {}) {
    write(Level::Debug, m, f);
}
inline void info(std::string_view m, Fields f = {}) {
    write(Level::Info, m, f);
}
inline void warning(std::string_view m, Fields f = {}) {
    write(Level::Warning, m, f);
}
inline void error(std::string_view m, Fields f = {}) {
    write(Level::Error, m, f);
}

}  // namespace boom::base::log
