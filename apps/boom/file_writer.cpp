#include "boom/file_writer.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace boom::app {
namespace {

constexpr ::mode_t kMode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

std::string reason(int code) {
    return std::generic_category().message(code);
}

// Empty when everything is there.
std::string write_text(const FileText& file) {
    const int descriptor =
        ::open(file.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
    if (descriptor < 0) {
        return reason(errno);
    }
    std::string what;
    std::string_view rest = file.text;
    while (!rest.empty() && what.empty()) {
        const ::ssize_t count = ::write(descriptor, rest.data(), rest.size());
        if (count > 0) {
            rest.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            what = reason(errno);
        }
    }
    // Some file systems say only now that there was no room.
    if (::close(descriptor) != 0 && what.empty()) {
        what = reason(errno);
    }
    return what;
}

struct Job {
    FileText file;
    bool is_done = false;
    std::string what;
};
struct Jobs {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Job> list;
    std::size_t done = 0;
};

}  // namespace

std::vector<std::string> write_texts(std::vector<FileText> files, base::Duration deadline) {
    const auto jobs = std::make_shared<Jobs>();
    for (FileText& file : files) {
        jobs->list.push_back({std::move(file), false, {}});
    }
    for (std::size_t i = 0; i < jobs->list.size(); ++i) {
        std::thread([jobs, i] {
            std::string what = write_text(jobs->list[i].file);
            const std::lock_guard lock(jobs->mutex);
            jobs->list[i].what = std::move(what);
            jobs->list[i].is_done = true;
            ++jobs->done;
            jobs->changed.notify_all();
        }).detach();
    }
    std::unique_lock lock(jobs->mutex);
    jobs->changed.wait_for(lock, deadline, [&] { return jobs->done == jobs->list.size(); });
    std::vector<std::string> complaints;
    for (const Job& job : jobs->list) {
        if (!job.is_done) {
            complaints.push_back(fmt::format("{}: did not take the result within {:g} s",
                                             job.file.path, base::to_seconds(deadline)));
        } else if (!job.what.empty()) {
            complaints.push_back(fmt::format("{}: {}", job.file.path, job.what));
        }
    }
    return complaints;
}

std::string why_not_writable(const std::string& path) {
    struct ::stat facts {};
    if (::stat(path.c_str(), &facts) == 0 && S_ISFIFO(facts.st_mode)) {
        // To open and close a pipe would be the end of the file for its reader.
        return ::access(path.c_str(), W_OK) == 0 ? std::string() : reason(errno);
    }
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, kMode);
    if (descriptor < 0) {
        return reason(errno);
    }
    ::close(descriptor);
    return {};
}

}  // namespace boom::app
