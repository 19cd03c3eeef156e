#pragma once
// Open event streams as suspended connections: woken when the log has news, a reader that does not
// read waits alone. Private to this module.

#include "base/clock.hpp"
#include "web/event_log.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

struct MHD_Connection;
struct MHD_Response;

namespace boom::web {

inline constexpr std::size_t kMaxStreams = 500;
// Through proxies, and to notice readers that have gone.
inline constexpr base::Duration kPingEvery = std::chrono::seconds(15);

// The server's thread reads; wake() and close() come from others.
class EventStreams {
public:
    explicit EventStreams(const EventLog& log) : log_(log) {}
    EventStreams(const EventStreams&) = delete;
    EventStreams& operator=(const EventStreams&) = delete;

    // Null when there are kMaxStreams already, or the server is closing.
    [[nodiscard]] MHD_Response* open(MHD_Connection* connection, std::string_view last_id,
                                     EventLog::Form form);
    void wake();
    // Every stream ends at its next turn; none may be opened any more.
    void close();

private:
    struct Stream {
        EventStreams& owner;
        MHD_Connection* connection = nullptr;
        EventLog::Cursor cursor;
        EventLog::Form form;
        std::string pending;  // being sent
        std::size_t sent = 0;
        base::TimePoint last_sent{};
        bool is_suspended = false;
    };
    static std::ptrdiff_t read(void* self, std::uint64_t position, char* buffer,
                               std::size_t limit) noexcept;
    static void release(void* self) noexcept;
    [[nodiscard]] std::ptrdiff_t fill(Stream& stream, char* buffer, std::size_t limit);

    const EventLog& log_;
    base::SteadyClock clock_;
    std::mutex mutex_;
    std::set<Stream*> streams_;
    bool is_closing_ = false;
};

}  // namespace boom::web
