#include "boom/sample_log.hpp"

#include "base/clock.hpp"
#include "report/sample_csv.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace boom::app {
namespace {

constexpr base::Duration kCloseDeadline = std::chrono::seconds(3);
// A queue of 16 k samples lasts this long at 800 000 requests per second and thread.
constexpr auto kLookEvery = std::chrono::milliseconds(20);
constexpr std::size_t kPiece = 256 * 1024;

// Shared with the thread, which may outlive the load when the disk hangs.
struct Writer {
    std::shared_ptr<stats::SampleQueues> queues;
    stats::Catalog catalog;
    std::string path, worker;
    double started_ms = 0;
    std::atomic<int> users{0};
    std::mutex mutex;
    std::condition_variable changed;
    bool is_closing = false;
    bool is_done = false;
    std::string error;         // of the first write that failed
    std::int64_t missing = 0;  // samples that were not written

    static void run(const std::shared_ptr<Writer>& self);
    bool write(int file, std::string_view text);
    // Samples taken from all queues.
    std::int64_t take(std::string& text);
};

bool Writer::write(int file, std::string_view text) {
    while (!text.empty()) {
        const ::ssize_t count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            const std::lock_guard lock(mutex);
            error = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): glibc's is per thread
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::int64_t Writer::take(std::string& text) {
    std::int64_t count = 0;
    const report::SampleOrigin origin{worker, started_ms, users.load(std::memory_order_relaxed)};
    for (stats::SampleQueue& queue : queues->queues) {
        while (text.size() < kPiece) {
            const auto sample = queue.pop();
            if (!sample) {
                break;
            }
            ++count;
            report::append_sample_csv(text, *sample, catalog.at(sample->step), origin);
        }
    }
    return count;
}

void Writer::run(const std::shared_ptr<Writer>& self) {
    const int file =
        ::open(self->path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool is_open = file >= 0 && self->write(file, report::sample_csv_header());
    if (file < 0) {
        const std::lock_guard lock(self->mutex);
        self->error = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe)
    }
    std::string text;
    while (true) {
        bool is_last = false;
        {
            std::unique_lock lock(self->mutex);
            self->changed.wait_for(lock, kLookEvery, [&] { return self->is_closing; });
            is_last = self->is_closing;
        }
        for (std::int64_t count = 1; count > 0;) {
            text.clear();
            count = self->take(text);
            if (is_open) {
                is_open = self->write(file, text);
            }
            if (!is_open) {
                // Of the piece that failed a part may be there.
                const std::lock_guard lock(self->mutex);
                self->missing += count;
            }
        }
        if (is_last) {
            break;
        }
    }
    const bool is_closed = file < 0 || ::close(file) == 0;
    const std::lock_guard lock(self->mutex);
    self->error = is_closed || !self->error.empty() ? self->error : "could not be closed";
    self->is_done = true;
}

class LoggedLoad final : public user::Load {
public:
    LoggedLoad(std::unique_ptr<user::Load> load, std::shared_ptr<Writer> writer,
               std::function<void(const std::string&)> complain)
        : load_(std::move(load)), writer_(std::move(writer)), complain_(std::move(complain)) {}
    ~LoggedLoad() override {
        load_.reset();  // its threads use the queues
        close();
    }
    LoggedLoad(const LoggedLoad&) = delete;
    LoggedLoad& operator=(const LoggedLoad&) = delete;

    void start(user::TimePoint at) override {
        const auto wall = std::chrono::system_clock::now().time_since_epoch();
        writer_->started_ms = std::chrono::duration<double, std::milli>(wall).count() -
                              base::to_seconds(clock_.now() - at) * 1e3;
        std::thread([writer = writer_] { Writer::run(writer); }).detach();
        has_started_ = true;
        load_->start(at);
    }
    void adjust(const user::Share& share) override { load_->adjust(share); }
    void stop(user::StopMode mode) override { load_->stop(mode); }
    [[nodiscard]] bool add_rows(const load::RowRange& rows) override {
        return load_->add_rows(rows);
    }
    [[nodiscard]] std::vector<load::RowRange> give_back_rows(load::Fraction fraction) override {
        return load_->give_back_rows(fraction);
    }
    [[nodiscard]] std::vector<std::int64_t> rows_taken() const override {
        return load_->rows_taken();
    }
    std::optional<user::SharedVariable> poll_shared() override { return load_->poll_shared(); }
    void give_shared(const user::SharedVariable& variable) override {
        load_->give_shared(variable);
    }
    std::optional<user::LoadDelta> poll() override {
        auto delta = load_->poll();
        writer_->users.store(load_->users(), std::memory_order_relaxed);
        if (!delta && !is_done_ && load_->is_done()) {
            follow_close();
        }
        return delta;
    }
    [[nodiscard]] int users() const override { return load_->users(); }
    [[nodiscard]] bool is_all_spawned() const override { return load_->is_all_spawned(); }
    [[nodiscard]] bool is_done() const override { return is_done_; }

private:
    void close() {
        const std::lock_guard lock(writer_->mutex);
        writer_->is_closing = true;
        writer_->changed.notify_all();
    }
    void follow_close() {
        close();
        closing_since_ = closing_since_.value_or(clock_.now());
        const std::lock_guard lock(writer_->mutex);
        const bool is_written = writer_->is_done || !has_started_;
        if (!is_written && clock_.now() - *closing_since_ < kCloseDeadline) {
            return;
        }
        is_done_ = true;
        std::int64_t missing = writer_->missing;
        for (const stats::SampleQueue& queue : writer_->queues->queues) {
            missing += queue.left_out();
        }
        const std::string why = !is_written               ? "it did not take them in time"
                                : !writer_->error.empty() ? writer_->error
                                                          : "the disk was too slow";
        if (!is_written) {
            complain_(
                fmt::format("samples {}: {}, an unknown number is missing", writer_->path, why));
        } else if (missing > 0 || !writer_->error.empty()) {
            complain_(
                fmt::format("samples {}: {}, {} samples are missing", writer_->path, why, missing));
        }
    }

    base::SteadyClock clock_;
    std::unique_ptr<user::Load> load_;
    std::shared_ptr<Writer> writer_;
    std::function<void(const std::string&)> complain_;
    std::optional<base::TimePoint> closing_since_;
    bool has_started_ = false;
    bool is_done_ = false;
};

}  // namespace

std::unique_ptr<user::Load> make_logged_load(
    user::LoadSpec spec, SampleLogOptions options,
    const std::function<std::unique_ptr<user::Load>(user::LoadSpec)>& make) {
    auto writer = std::make_shared<Writer>();
    writer->queues = std::make_shared<stats::SampleQueues>();
    const load::Samples& wanted = spec.profile.samples;
    writer->queues->choice = {wanted.kind == load::Samples::Kind::Errors
                                  ? stats::SampleChoice::Kind::Errors
                                  : stats::SampleChoice::Kind::OneIn,
                              wanted.one_in};
    writer->catalog = user::catalog_of(*spec.plan);
    writer->path = std::move(options.path);
    writer->worker = std::move(options.worker);
    spec.samples = writer->queues;
    auto load = make(std::move(spec));
    return std::make_unique<LoggedLoad>(std::move(load), std::move(writer),
                                        std::move(options.complain));
}

std::string sample_path(const std::string& path, int run) {
    if (run <= 1) {
        return path;
    }
    const std::filesystem::path whole(path);
    const std::string name =
        fmt::format("{}-{}{}", whole.stem().string(), run, whole.extension().string());
    return (whole.parent_path() / name).string();
}

}  // namespace boom::app
