#include "base/content.hpp"

#include "base/digest.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace boom::base {
namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

std::string size_text(std::uint64_t bytes) {
    constexpr double kMebibyte = 1U << 20U;
    const double mebibytes = static_cast<double>(bytes) / kMebibyte;
    return mebibytes < 1024 ? fmt::format("{:.1f} MiB", mebibytes)
                            : fmt::format("{:.1f} GiB", mebibytes / 1024);
}

// None: errno says why.
std::optional<std::uint64_t> free_bytes(const std::string& folder) {
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

// A file without a name; -1: errno says why.
int open_nameless(const std::string& folder) {
    constexpr mode_t kOwnerOnly = 0600;
    const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kOwnerOnly);
    if (descriptor >= 0) {
        return descriptor;
    }
    // Not every file system has such files.
    std::string path = folder + "/boom-XXXXXX";
    const int named = ::mkostemp(path.data(), O_CLOEXEC);
    if (named >= 0) {
        ::unlink(path.c_str());
    }
    return named;
}

}  // namespace

std::string content_folder() {
    // Read at the start only, by one thread; nothing here sets the environment.
    const char* chosen = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
    if (chosen != nullptr && *chosen != '\0') {
        return chosen;
    }
    return ::access("/var/tmp", W_OK | X_OK) == 0 ? "/var/tmp" : "/tmp";
}

Content::Content(std::string bytes) {
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    bytes_ = *owner;
    owner_ = owner;
    sha256_ = std::make_shared<const std::string>(sha256_hex(bytes_));
}

struct ContentWriter::Parts {
    std::size_t max_held = 0;
    std::string held;
    std::string folder;
    int file = -1;  // once there are too many to hold
    std::uint64_t written = 0;
    Sha256 sha256;
    std::string problem;

    Parts() = default;
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts() {
        if (file >= 0) {
            ::close(file);
        }
    }

    [[nodiscard]] std::string where() const {
        const auto free = free_bytes(folder);
        return fmt::format("{} ({}; TMPDIR names another folder)", folder,
                           free ? size_text(*free) + " free" : reason(errno));
    }
    bool fail(std::string what) {
        problem = std::move(what);
        return false;
    }
    bool move_to_file() {
        folder = content_folder();
        file = open_nameless(folder);
        if (file < 0) {
            return fail(fmt::format("cannot keep more than {} in memory, nor make a file in {}: {}",
                                    size_text(max_held), folder, reason(errno)));
        }
        const std::string before = std::exchange(held, {});
        return write(before);
    }
    bool write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::write(file, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count <= 0) {
                return fail(fmt::format("{} after {} in {}", reason(count < 0 ? errno : ENOSPC),
                                        size_text(written), where()));
            }
            written += static_cast<std::uint64_t>(count);
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
};

ContentWriter::ContentWriter(std::size_t max_held_bytes) : parts_(std::make_unique<Parts>()) {
    parts_->max_held = max_held_bytes;
}

ContentWriter::~ContentWriter() = default;
ContentWriter::ContentWriter(ContentWriter&&) noexcept = default;
ContentWriter& ContentWriter::operator=(ContentWriter&&) noexcept = default;

const std::string& ContentWriter::problem() const {
    return parts_->problem;
}

bool ContentWriter::expect(std::uint64_t bytes) {
    Parts& parts = *parts_;
    if (bytes <= parts.max_held) {
        parts.held.reserve(static_cast<std::size_t>(bytes));
        return true;
    }
    parts.folder = content_folder();
    const auto free = free_bytes(parts.folder);
    return (free && bytes <= *free) ||
           parts.fail(fmt::format("{} do not fit into {}", size_text(bytes), parts.where()));
}

bool ContentWriter::append(std::string_view bytes) {
    Parts& parts = *parts_;
    if (!parts.problem.empty()) {
        return false;
    }
    parts.sha256.add(bytes);
    if (parts.file < 0 && parts.held.size() + bytes.size() <= parts.max_held) {
        parts.held += bytes;
        return true;
    }
    return (parts.file >= 0 || parts.move_to_file()) && parts.write(bytes);
}

std::optional<Content> ContentWriter::finish() {
    Parts& parts = *parts_;
    if (!parts.problem.empty()) {
        return std::nullopt;
    }
    if (parts.file < 0) {
        return Content(std::move(parts.held));
    }
    const auto size = static_cast<std::size_t>(parts.written);
    void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, parts.file, 0);
    if (memory == MAP_FAILED) {
        parts.fail(fmt::format("cannot map {}: {}", size_text(size), reason(errno)));
        return std::nullopt;
    }
    Content content;
    content.owner_ = std::shared_ptr<const void>(
        memory, [size](const void* mapped) { ::munmap(const_cast<void*>(mapped), size); });
    content.sha256_ = std::make_shared<const std::string>(parts.sha256.hex());
    content.bytes_ = {static_cast<const char*>(memory), size};
    content.is_mapped_ = true;
    return content;
}

}  // namespace boom::base
