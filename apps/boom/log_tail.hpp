#pragma once
// Lines of a file, of a gzip file, or of standard input, and what is added to it later.

#include "net/content_decoder.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boom::app {

// One thread. A line longer than kMaxLine is given cut. Throws ConfigError for what cannot be read
// or is no gzip.
class LogTail {
public:
    static constexpr std::size_t kMaxLine = 64 * 1024;
    enum class From { Start, End };
    using OnLine = std::function<void(std::string_view)>;

    LogTail(std::string path, From from);
    ~LogTail();
    LogTail(LogTail&&) noexcept;
    LogTail(const LogTail&) = delete;
    LogTail& operator=(const LogTail&) = delete;
    LogTail& operator=(LogTail&&) = delete;

    // Gives every line that is complete. After a rotation (the name is another file, or the file
    // became shorter) the old file is read along for a while, as a server may still write to it.
    void read(const OnLine& on_line);
    // A last line without an end.
    void finish(const OnLine& on_line);

private:
    struct File;
    void follow_rotation();

    std::string path_;
    std::vector<std::unique_ptr<File>> files_;  // the current one last
};

}  // namespace boom::app
