#include "cluster/file_journal.hpp"

#include "base/digest.hpp"
#include "cluster/bundle_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace boom::cluster {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "boom journal 1\n";
constexpr const char* kFileName = "journal";
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kChecksumBytes = 16;  // the first hexadecimal digits of a sha256
constexpr std::size_t kFrameBytes = kLengthBytes + kChecksumBytes;
constexpr mode_t kOwnerOnly = 0600;

std::string checksum(std::string_view record) {
    return base::sha256_hex(record).substr(0, kChecksumBytes);
}

std::string frame(std::string_view record) {
    std::string bytes;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        bytes += static_cast<char>((record.size() >> (8 * i)) & 0xffU);
    }
    bytes += checksum(record);
    bytes += record;
    return bytes;
}

std::string reason(int error) {
    return std::generic_category().message(error);
}

// Owns the descriptor; closed, the lock is gone.
class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    // Nobody else works with it.
    [[nodiscard]] bool lock() const { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

    [[nodiscard]] std::string write_all(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written <= 0) {
                return written < 0 ? reason(errno) : "nothing could be written";
            }
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }
    // False at the end of the file.
    [[nodiscard]] bool read_exactly(std::string& bytes, std::size_t size) const {
        bytes.resize(size);
        std::size_t there = 0;
        while (there < size) {
            const ssize_t got = ::read(descriptor_, bytes.data() + there, size - there);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0) {
                return false;
            }
            there += static_cast<std::size_t>(got);
        }
        return true;
    }

private:
    int descriptor_;
};

class FileJournal final : public Journal {
public:
    FileJournal(std::shared_ptr<File> file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}

    std::string append(std::string_view record) override {
        const std::string complaint = file_->write_all(frame(record));
        return complaint.empty() ? complaint
                                 : fmt::format("cannot write to {}: {}", path_, complaint);
    }
    void discard() override { ::unlink(path_.c_str()); }

private:
    std::shared_ptr<File> file_;
    std::string path_;
};

// Record by record; at the first that is not whole, the rest is cut off.
class Reader {
public:
    explicit Reader(std::shared_ptr<File> file) : file_(std::move(file)) {}

    [[nodiscard]] bool read_first_line() {
        std::string line;
        place_ = kFirstLine.size();
        return file_->read_exactly(line, kFirstLine.size()) && line == kFirstLine;
    }

    std::optional<wire::JournalRecord> next() {
        std::optional<wire::JournalRecord> record = is_over_ ? std::nullopt : read();
        if (!record && !is_over_) {
            is_over_ = true;
            // Appended records follow the last whole one.
            if (::ftruncate(file_->descriptor(), place_) == 0) {
                ::lseek(file_->descriptor(), place_, SEEK_SET);
            }
        }
        return record;
    }

private:
    std::optional<wire::JournalRecord> read() {
        std::string head;
        std::string bytes;
        if (!file_->read_exactly(head, kFrameBytes)) {
            return std::nullopt;
        }
        std::size_t size = 0;
        for (std::size_t i = 0; i < kLengthBytes; ++i) {
            size |= std::size_t{static_cast<unsigned char>(head[i])} << (8 * i);
        }
        if (size > kMaxRecordBytes || !file_->read_exactly(bytes, size) ||
            head.substr(kLengthBytes) != checksum(bytes)) {
            return std::nullopt;
        }
        auto record = wire::decode_record(bytes);
        if (record) {
            place_ += static_cast<off_t>(kFrameBytes + size);
        }
        return record;
    }

    std::shared_ptr<File> file_;
    off_t place_ = 0;
    bool is_over_ = false;
};

std::optional<UnfinishedRun> open_unfinished(const fs::path& path, std::string& complaint) {
    const auto file = std::make_shared<File>(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file->is_open()) {
        complaint = reason(errno);
        return std::nullopt;
    }
    if (!file->lock()) {
        return std::nullopt;  // a living master's: nothing to complain about
    }
    const auto reader = std::make_shared<Reader>(file);
    complaint = "it is no journal of this version";
    if (!reader->read_first_line()) {
        return std::nullopt;
    }
    UnfinishedRun run;
    const auto header = reader->next();
    if (!header || !std::holds_alternative<wire::JournalHeader>(*header)) {
        return std::nullopt;
    }
    run.header = std::get<wire::JournalHeader>(*header);
    if (run.header.version != wire::kJournalVersion) {
        return std::nullopt;
    }
    complaint = "its beginning is torn";
    BundleCache bundles;
    const plan::Bundle* bundle = nullptr;
    while (bundle == nullptr) {
        const auto part = reader->next();
        if (!part || !std::holds_alternative<wire::BundlePart>(*part)) {
            return std::nullopt;
        }
        const auto& piece = std::get<wire::BundlePart>(*part);
        const BundleCache::Added added = bundles.add(piece);
        bundle = bundles.find(piece.bundle_hash);
        if (added != BundleCache::Added::Part && added != BundleCache::Added::Complete) {
            return std::nullopt;
        }
    }
    run.bundle = *bundle;
    run.journal = std::make_unique<FileJournal>(file, path.string());
    run.next = [reader]() -> std::optional<wire::JournalEntry> {
        auto record = reader->next();
        if (!record || !std::holds_alternative<wire::JournalEntry>(*record)) {
            return std::nullopt;
        }
        return std::move(std::get<wire::JournalEntry>(*record));
    };
    complaint.clear();
    return run;
}

}  // namespace

NewJournal create_file_journal(const std::string& folder, const std::string& run_id) {
    std::error_code failure;
    const fs::path path = fs::path(folder) / run_id / kFileName;
    fs::create_directories(path.parent_path(), failure);
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    const auto file = std::make_shared<File>(::open(path.c_str(), flags, kOwnerOnly));
    if (!file->is_open()) {
        return {nullptr, fmt::format("cannot create {}: {}", path.string(), reason(errno))};
    }
    if (!file->lock()) {
        return {nullptr, fmt::format("cannot lock {}: {}", path.string(), reason(errno))};
    }
    if (const std::string complaint = file->write_all(kFirstLine); !complaint.empty()) {
        ::unlink(path.c_str());
        return {nullptr, fmt::format("cannot write to {}: {}", path.string(), complaint)};
    }
    return {std::make_unique<FileJournal>(file, path.string()), {}};
}

std::optional<UnfinishedRun> find_unfinished_run(
    const std::string& folder, const std::function<void(const std::string&)>& notice) {
    std::vector<fs::path> paths;
    std::error_code failure;
    for (fs::directory_iterator it(folder, failure), end; !failure && it != end;
         it.increment(failure)) {
        std::error_code ignored;
        if (fs::path path = it->path() / kFileName; fs::is_regular_file(path, ignored)) {
            paths.push_back(std::move(path));
        }
    }
    // Ids begin with their time.
    std::sort(paths.begin(), paths.end(), std::greater<>());
    for (const fs::path& path : paths) {
        std::string complaint;
        if (auto run = open_unfinished(path, complaint)) {
            return run;
        }
        if (!complaint.empty()) {
            notice(fmt::format("{} cannot be taken up: {}", path.string(), complaint));
        }
    }
    return std::nullopt;
}

}  // namespace boom::cluster
