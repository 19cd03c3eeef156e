#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"

#include <cstdio>
#include <mutex>
#include <utility>

namespace boom::base::log {
namespace {

struct Sink {
    std::mutex mutex;
    std::FILE* file = stderr;
    Options options;
    Listener listener;
};

// The log is the one process-wide object: a log line must be possible from anywhere.
Sink& sink() {
    static Sink instance;
    return instance;
}

std::string_view name(Level level) {
    switch (level) {
        case Level::Debug:
            return "debug";
        case Level::Info:
            return "info";
        case Level::Warning:
            return "warning";
        case Level::Error:
            return "error";
    }
    return "";
}

std::string plain_text(std::string_view message, Fields fields) {
    std::string line(message);
    for (const Field& field : fields) {
        const bool plain = field.value.find_first_of(" \"\n") == std::string::npos;
        line += plain && !field.value.empty()
                    ? fmt::format(" {}={}", field.key, field.value)
                    : fmt::format(" {}=\"{}\"", field.key, escape_json(field.value));
    }
    return line;
}

std::string text_line(Level level, std::string_view message, Fields fields) {
    return fmt::format("{} {:7} {}\n", wall_time_rfc3339(), name(level),
                       plain_text(message, fields));
}

std::string json_line(Level level, std::string_view message, Fields fields) {
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","message":"{}")",
                                   wall_time_rfc3339(), name(level), escape_json(message));
    for (const Field& field : fields) {
        line += fmt::format(R"(,"{}":"{}")", escape_json(field.key), escape_json(field.value));
    }
    return line + "}\n";
}

}  // namespace

bool configure(const Options& options) {
    Sink& s = sink();
    const std::lock_guard lock(s.mutex);
    if (!options.file.empty()) {
        std::FILE* file = std::fopen(options.file.c_str(), "ae");
        if (file == nullptr) {
            return false;
        }
        s.file = file;
    }
    s.options = options;
    return true;
}

void listen(Listener listener) {
    Sink& s = sink();
    const std::lock_guard lock(s.mutex);
    s.listener = std::move(listener);
}

void write(Level level, std::string_view message, Fields fields) {
    Sink& s = sink();
    const std::lock_guard lock(s.mutex);
    if (s.listener && level >= Level::Warning) {
        s.listener(level, plain_text(message, fields));
    }
    if (level < s.options.level) {
        return;
    }
    const std::string line = s.options.format == Format::Json ? json_line(level, message, fields)
                                                              : text_line(level, message, fields);
    std::fwrite(line.data(), 1, line.size(), s.file);
    std::fflush(s.file);
}

}  // namespace boom::base::log
