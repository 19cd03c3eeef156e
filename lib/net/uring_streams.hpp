#pragma once
// The streams of an io_uring loop. Receiving is one standing order per stream (multishot, into the
// loop's ring of buffers); sending is an order from a buffer that the kernel owns until it is
// done. A stream that is closed lives on, nobody's, until the kernel has let go of it. One thread;
// callbacks may do anything to any stream, for every step looks the stream up again by its id.

#include "net/event_loop.hpp"
#include "net/slot_table.hpp"
#include "net/socket.hpp"
#include "net/spare_buffers.hpp"
#include "net/uring.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace boom::net {

// What a completion belongs to; in its user_data between the generation and the slot of an id.
// SendKept completes only where it fails, and perhaps after its stream.
enum class UringOperation : std::uint8_t {
    Ignored,
    Receive,
    Send,
    SendKept,
    Connect,
    Accept,
    Wake,
    Watch
};
[[nodiscard]] std::uint64_t pack(UringOperation operation, std::uint64_t id);
[[nodiscard]] UringOperation operation_of(std::uint64_t data);
[[nodiscard]] std::uint64_t id_of(std::uint64_t data);

struct UringStream {
    enum class Phase : std::uint8_t {
        Free,
        Connecting,
        Open,
        Closing,  // nobody's any more: only what is unsent still goes out
        Dying,    // closed: waits until the kernel is done with its orders
    };

    StreamListener* listener = nullptr;
    std::string sending;  // the kernel's while is_sending
    std::string unsent;   // goes after it
    std::uint32_t sending_offset = 0;
    int descriptor = -1;
    int failure = 0;  // errno of a failed connect or send, still to be reported
    std::uint32_t generation = 1;
    std::uint32_t kept_batch = 0;  // Uring::batch() of the last send_kept()
    Phase phase = Phase::Free;
    bool is_connecting = false;  // these three: an order is with the kernel
    bool is_receiving = false;
    bool is_sending = false;
    bool is_paused = false;
    bool is_ended = false;    // the peer's end or an error waits behind the data
    bool is_pending = false;  // in the loop's list of streams to look at
    bool has_held = false;    // data that came after the pause
    bool owes_sent = false;   // on_sent() was asked for
    bool is_reset = false;    // closing it sends RST

    [[nodiscard]] std::size_t unsent_bytes() const {
        return sending.size() - sending_offset + unsent.size();
    }
    [[nodiscard]] bool has_orders() const { return is_connecting || is_receiving || is_sending; }
    [[nodiscard]] bool is_free() const { return phase == Phase::Free; }
    void recycle() { *this = UringStream{}; }
};
// An idle connection must stay small: 20 000 of them are usual.
static_assert(sizeof(UringStream) <= 104);

class UringStreams {
public:
    explicit UringStreams(std::unique_ptr<Uring> uring)
        : owned_uring_(std::move(uring)), uring_(*owned_uring_) {}
    ~UringStreams();
    UringStreams(const UringStreams&) = delete;
    UringStreams& operator=(const UringStreams&) = delete;

    StreamId connect(const EventLoop::Endpoint& to, StreamListener& listener);
    void send(StreamId id, std::string_view bytes);
    void send_kept(StreamId id, std::string_view kept);
    void tell_sent(StreamId id);
    [[nodiscard]] std::size_t unsent_bytes(StreamId id) const;
    void set_reading(StreamId id, EventLoop::Reading reading);
    void close(StreamId id, EventLoop::CloseMode mode);
    [[nodiscard]] int listen(const EventLoop::Endpoint& at, EventLoop::PortSharing sharing,
                             AcceptListener& listener);

    // A completion comes soon; see net/look_ahead.
    void expect(UringOperation operation, std::uint64_t id, unsigned step) const;
    void on_completion(UringOperation operation, const io_uring_cqe& completion);
    // Streams that something is owed to without a new completion.
    [[nodiscard]] bool has_pending() const { return !pending_.empty(); }
    void run_pending();
    [[nodiscard]] std::size_t size() const { return table_.size(); }
    [[nodiscard]] Uring& uring() { return uring_; }
    // Of the sends since the last call those that are done when they are handed over, and whose
    // ends nothing waits for.
    [[nodiscard]] unsigned take_sent_at_once() { return std::exchange(sent_at_once_, 0); }
    // True when the process had no descriptor for a new connection: accepting rests until resumed.
    [[nodiscard]] bool is_accepting_paused() const { return is_accepting_paused_; }
    void resume_accepting();

private:
    using Stream = UringStream;
    struct Acceptor {
        int descriptor = -1;
        AcceptListener* listener = nullptr;
        bool is_armed = false;
    };

    [[nodiscard]] Stream* find_owned(StreamId id);
    // Orders to the kernel.
    void order(io_uring_sqe& entry, UringOperation operation, StreamId id);
    void order_receive(StreamId id, Stream& stream);
    void order_send(StreamId id, Stream& stream);
    void release_buffer(Stream& stream);
    void order_accept(std::size_t index);
    // Their ends.
    void on_connect_done(StreamId id, Stream& stream);
    void on_received(StreamId id, Stream& stream, const io_uring_cqe& completion);
    void deliver(StreamId id, Stream& stream, std::string_view bytes);
    void on_receive_over(StreamId id, int result);
    void on_sent(StreamId id, Stream& stream, int result);
    void on_send_failed(StreamId id, Stream& stream, int error);
    void on_accepted(std::size_t index, const io_uring_cqe& completion);
    void adopt(int descriptor, AcceptListener& listener);

    void make_pending(StreamId id, Stream& stream);
    void run_pending_stream(StreamId id);
    // The stream is gone; its listener is told.
    void end(StreamId id, int error);
    void destroy(StreamId id);
    void release(StreamId id, Stream& stream);

    std::unique_ptr<Uring> owned_uring_;
    Uring& uring_;
    SlotTable<Stream, StreamId> table_;
    std::unordered_map<std::uint64_t, std::string> held_;  // by id: rare
    SpareBuffers spare_buffers_;                           // for `sending`
    std::vector<Acceptor> acceptors_;
    std::vector<StreamId> pending_;
    std::vector<StreamId> pending_now_;  // being worked on; kept for its capacity
    unsigned sent_at_once_ = 0;
    bool is_accepting_paused_ = false;
};

}  // namespace boom::net
