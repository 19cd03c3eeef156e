#pragma once
// The streams of an epoll loop: connecting, accepting, sending, receiving. Edge-triggered: each
// descriptor is registered once and never modified. One thread; callbacks may do anything to any
// stream, the one being called included, for every step looks the stream up again by its id.

#include "net/event_loop.hpp"
#include "net/look_ahead.hpp"
#include "net/slot_table.hpp"
#include "net/socket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

struct EpollStream {
    enum class Phase : std::uint8_t {
        Free,
        Connecting,
        Open,
        Closing,  // nobody's any more: only what is unsent still goes out
    };

    StreamListener* listener = nullptr;
    std::string unsent;
    std::size_t unsent_offset = 0;
    int descriptor = -1;
    int failure = 0;  // errno of a failed connect or send, still to be reported
    std::uint32_t generation = 1;
    Phase phase = Phase::Free;
    bool is_paused = false;
    bool may_have_data = false;  // the edge was seen, the kernel's buffer not yet empty
    bool is_ended = false;       // the peer's end or an error waits behind the data
    bool is_pending = false;     // in the loop's list of streams to look at
    bool owes_sent = false;      // on_sent() was asked for

    [[nodiscard]] std::size_t unsent_bytes() const { return unsent.size() - unsent_offset; }
    [[nodiscard]] bool is_free() const { return phase == Phase::Free; }
    void recycle();
};
// An idle connection must stay small: 20 000 of them are usual.
static_assert(sizeof(EpollStream) <= 80);

class EpollStreams {
public:
    // What epoll gives back for a listening socket: this value plus its index.
    EpollStreams(int epoll, std::uint64_t listener_tag);
    ~EpollStreams();
    EpollStreams(const EpollStreams&) = delete;
    EpollStreams& operator=(const EpollStreams&) = delete;

    StreamId connect(const EventLoop::Endpoint& to, StreamListener& listener);
    void send(StreamId id, std::string_view bytes);
    void send_kept(StreamId id, std::string_view kept) { send(id, kept); }
    void tell_sent(StreamId id);
    [[nodiscard]] std::size_t unsent_bytes(StreamId id) const;
    void set_reading(StreamId id, EventLoop::Reading reading);
    void close(StreamId id, EventLoop::CloseMode mode);
    [[nodiscard]] int listen(const EventLoop::Endpoint& at, EventLoop::PortSharing sharing,
                             AcceptListener& listener);

    // An event comes soon; see net/look_ahead.
    void expect(StreamId id, unsigned step) const { prefetch_stream(table_, id, step); }
    void on_stream_event(StreamId id, std::uint32_t events);
    void on_listener_event(std::size_t index);
    // Streams that something is owed to without a new event of the kernel.
    [[nodiscard]] bool has_pending() const { return !pending_.empty(); }
    void run_pending();
    // True when the process had no descriptor for a new connection: accepting rests until resumed.
    [[nodiscard]] bool is_accepting_paused() const { return is_accepting_paused_; }
    void resume_accepting();

private:
    static constexpr std::size_t kBufferBytes = 64 * 1024;

    using Stream = EpollStream;
    struct Acceptor {
        int descriptor = -1;
        AcceptListener* listener = nullptr;
    };

    [[nodiscard]] Stream* find_owned(StreamId id);
    [[nodiscard]] bool add_to_epoll(int descriptor, StreamId id) const;
    void adopt(int descriptor, const sockaddr_storage& peer, AcceptListener& listener);
    void pause_accepting();
    void set_accepting_interest(std::uint32_t events);
    void finish_connecting(StreamId id);
    void receive(StreamId id);
    enum class Received : std::uint8_t { More, Nothing, Gone };
    [[nodiscard]] Received receive_once(StreamId id, Stream& stream);
    void flush(StreamId id);
    [[nodiscard]] static std::size_t write_some(Stream& stream, std::string_view bytes);
    void make_pending(StreamId id, Stream& stream);
    void run_pending_stream(StreamId id);
    // The stream is gone; its listener is told.
    void end(StreamId id, int error);
    void destroy(StreamId id);

    int epoll_;
    std::uint64_t listener_tag_;
    SlotTable<Stream, StreamId> table_;
    std::vector<Acceptor> acceptors_;
    std::vector<StreamId> pending_;
    std::vector<StreamId> pending_now_;  // being worked on; kept for its capacity
    bool is_accepting_paused_ = false;
    std::unique_ptr<std::array<char, kBufferBytes>> buffer_;
};

}  // namespace boom::net
