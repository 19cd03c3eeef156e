#include "boom/log_tail.hpp"

#include "base/error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace boom::app {
namespace {

constexpr std::size_t kPiece = 16 * 1024;
// What one piece of gzip may grow to: a thousandfold.
constexpr std::size_t kMaxUnpacked = 32 * 1024 * 1024;
// A rotated file that said nothing for so many looks is done: nginx opens the new one at once when
// it is told to.
constexpr int kQuietLooks = 50;
constexpr std::string_view kStandardInput = "-";

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
    throw base::ConfigError(base::Mistake{{path}, what, {}});
}

}  // namespace

struct LogTail::File {
    std::string path;
    int descriptor = -1;
    ::ino_t inode = 0;
    std::int64_t offset = 0;
    int quiet = 0;  // looks without anything new
    bool is_begun = false;
    bool is_long = false;  // what follows belongs to a line that was given
    std::string partial;
    std::unique_ptr<net::ContentDecoder> decoder;

    ~File() {
        if (descriptor > STDIN_FILENO) {
            ::close(descriptor);
        }
    }

    void take(std::string_view bytes, const OnLine& on_line) {
        while (!bytes.empty()) {
            const std::size_t end = bytes.find('\n');
            partial += bytes.substr(0, std::min(end, kMaxLine));
            if (end == std::string_view::npos && partial.size() < kMaxLine) {
                return;
            }
            if (!is_long) {
                on_line(partial);
            }
            partial.clear();
            is_long = end == std::string_view::npos;
            bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        }
    }

    void take_raw(std::string_view bytes, const OnLine& on_line) {
        if (!is_begun && bytes.substr(0, 2) == "\x1f\x8b") {
            decoder = net::make_content_decoder("gzip").decoder;
        }
        is_begun = true;
        if (decoder == nullptr) {
            take(bytes, on_line);
            return;
        }
        std::string unpacked;
        if (!decoder->decode(bytes, unpacked, kMaxUnpacked)) {
            refuse(path, "is damaged, or is no gzip of one part");
        }
        take(unpacked, on_line);
    }

    void read(const OnLine& on_line) {
        std::array<char, kPiece> buffer{};
        ++quiet;
        while (true) {
            const ::ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) {
                return;  // a signal: the caller looks
            }
            if (got < 0) {
                refuse(path, std::string("cannot be read: ") + std::strerror(errno));
            }
            if (got == 0) {
                return;
            }
            quiet = 0;
            offset += got;
            take_raw({buffer.data(), static_cast<std::size_t>(got)}, on_line);
        }
    }
};

LogTail::LogTail(std::string path, From from) : path_(std::move(path)) {
    auto file = std::make_unique<File>();
    file->path = path_;
    file->descriptor = path_ == kStandardInput ? STDIN_FILENO : ::open(path_.c_str(), O_RDONLY);
    struct ::stat facts {};
    if (file->descriptor < 0 || ::fstat(file->descriptor, &facts) != 0) {
        refuse(path_, std::string("cannot be read: ") + std::strerror(errno));
    }
    if (S_ISDIR(facts.st_mode)) {
        refuse(path_, "is a folder");
    }
    file->inode = facts.st_ino;
    if (from == From::End) {
        file->offset = ::lseek(file->descriptor, 0, SEEK_END);
        file->is_begun = true;
    }
    files_.push_back(std::move(file));
}

LogTail::~LogTail() = default;
LogTail::LogTail(LogTail&&) noexcept = default;

void LogTail::follow_rotation() {
    struct ::stat facts {};
    if (path_ == kStandardInput || ::stat(path_.c_str(), &facts) != 0) {
        return;  // between the two names there may be no file for a moment
    }
    const File& current = *files_.back();
    const bool is_same = facts.st_ino == current.inode;
    if (is_same && facts.st_size >= current.offset) {
        return;
    }
    const int descriptor = ::open(path_.c_str(), O_RDONLY);
    if (descriptor < 0 || ::fstat(descriptor, &facts) != 0) {
        ::close(descriptor);
        return;
    }
    if (is_same) {
        files_.pop_back();  // it was emptied and is written anew
    }
    auto file = std::make_unique<File>();
    file->path = path_;
    file->descriptor = descriptor;
    file->inode = facts.st_ino;
    files_.push_back(std::move(file));
}

void LogTail::read(const OnLine& on_line) {
    follow_rotation();
    for (auto& file : files_) {
        file->read(on_line);
    }
    while (files_.size() > 1 && files_.front()->quiet > kQuietLooks) {
        files_.erase(files_.begin());
    }
}

void LogTail::finish(const OnLine& on_line) {
    for (auto& file : files_) {
        if (!file->partial.empty() && !file->is_long) {
            on_line(file->partial);
        }
        file->partial.clear();
    }
}

}  // namespace boom::app
