// libcurl's multi interface on our event loop.
#include "base/assert.hpp"
#include "net/curl_library.hpp"
#include "net/curl_transfer.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"
#include "net/own_addresses.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace boom::net {
namespace {

// A user's requests may go to several hosts, and each of its connections is to be kept.
constexpr long kConnectionsPerUser = 4;
constexpr int kUsersAtLeast = 64;

enum TimerKey : std::uint64_t { kCurlTimer, kRefusedTimer };

// Sockets stay in the loop's set between the exchanges of a connection: that saves two system
// calls per request. The price is one call in vain when the peer ends an idle connection.
struct Socket {
    CurlTransfer* transfer = nullptr;  // the last that waited for it, while in flight
    DescriptorListener::Readiness watched;
    bool is_wanted = false;      // libcurl waits for it now
    bool is_connection = false;  // closed by us; others are libcurl's own, closed unseen
};

class CurlEngine final : public HttpEngine,
                         public CurlSocketOwner,
                         public DescriptorListener,
                         public TimerListener {
public:
    explicit CurlEngine(EventLoop& loop);
    ~CurlEngine() override;
    CurlEngine(const CurlEngine&) = delete;
    CurlEngine& operator=(const CurlEngine&) = delete;

    void start(Exchange& exchange) override;
    void cancel(Exchange& exchange) override;
    [[nodiscard]] int in_flight() const override { return static_cast<int>(flights_.size()); }
    void forget(std::uint64_t owner) override;
    void set_expected_users(int users) override;
    [[nodiscard]] ConnectionCounts counts() const override { return counts_; }

    void on_opened(int descriptor) noexcept override;
    void close_socket(int descriptor) noexcept override;
    void on_gone(CurlTransfer& transfer) noexcept override;
    [[nodiscard]] std::shared_ptr<CurlPool> pool_of(std::uint64_t owner) override;
    void on_ready(int descriptor, Readiness readiness) noexcept override;
    void on_timer(std::uint64_t key) noexcept override;

private:
    static int on_socket(CURL* easy, curl_socket_t descriptor, int what, void* self,
                         void* unused) noexcept;
    static int on_timeout(CURLM* multi, long timeout_ms, void* self) noexcept;

    [[nodiscard]] Socket& socket_at(int descriptor);
    [[nodiscard]] CurlTransfer& transfer_of(Exchange& exchange);
    void set_interest(CurlTransfer& transfer, int descriptor, Readiness interest);
    void lose_interest(int descriptor);
    void set_timeout(long timeout_ms);
    void act(int descriptor, int events);
    void finish_done();
    void finish_refused();
    void land(CurlTransfer& transfer);
    void count(const CurlTransfer& transfer);

    EventLoop& loop_;
    CURLM* multi_;
    std::unordered_map<std::uint64_t, std::shared_ptr<CurlPool>> pools_;  // by owner
    std::vector<CurlTransfer*> transfers_;                                // all that exchanges hold
    std::vector<CurlTransfer*> flights_;
    std::vector<CurlTransfer*> refused_;  // in flight, but unknown to libcurl
    std::vector<Socket> sockets_;         // by descriptor
    ConnectionCounts counts_;
    OwnAddresses own_;
    TimerId timer_;
    TimePoint timer_due_ = TimePoint::max();   // of timer_; max: not armed
    TimePoint wanted_due_ = TimePoint::max();  // of libcurl; max: none
    TimerId refused_timer_;
};

CurlTransfer& transfer_from(CURL* easy) {
    char* stored = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &stored);
    return *static_cast<CurlTransfer*>(static_cast<void*>(stored));
}

CurlEngine::CurlEngine(EventLoop& loop) : loop_(loop) {
    initialize_curl();
    multi_ = curl_multi_init();
    BOOM_ASSERT(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlEngine::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlEngine::on_timeout);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
    // One exchange at a time on a connection, HTTP/2 included: when a server ends one that carries
    // many, libcurl does not say which of them it has read.
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    set_expected_users(kUsersAtLeast);
}

CurlEngine::~CurlEngine() {
    while (!flights_.empty()) {
        CurlTransfer& transfer = *flights_.back();
        curl_multi_remove_handle(multi_, transfer.easy());
        land(transfer);
    }
    // Closes the kept connections, through close_socket().
    for (CurlTransfer* transfer : transfers_) {
        transfer->leave();
    }
    pools_.clear();
    curl_multi_cleanup(multi_);
    loop_.cancel_timer(timer_);
    loop_.cancel_timer(refused_timer_);
}

void CurlEngine::set_expected_users(int users) {
    const long connections = std::max(users, kUsersAtLeast) * kConnectionsPerUser;
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections);
}

CurlTransfer& CurlEngine::transfer_of(Exchange& exchange) {
    auto* known = dynamic_cast<CurlTransfer*>(exchange.engine_state.get());
    if (known != nullptr && known->sockets() == this) {
        return *known;
    }
    auto fresh = std::make_unique<CurlTransfer>(loop_, *this);
    CurlTransfer& transfer = *fresh;
    transfer.place = transfers_.size();
    transfers_.push_back(&transfer);
    exchange.engine_state = std::move(fresh);
    return transfer;
}

void CurlEngine::start(Exchange& exchange) {
    BOOM_ASSERT(exchange.listener != nullptr);
    CurlTransfer& transfer = transfer_of(exchange);
    BOOM_ASSERT(transfer.flight == CurlTransfer::kNotInFlight);
    transfer.flight = flights_.size();
    flights_.push_back(&transfer);
    if (transfer.prepare(exchange)) {
        // Only sets the timer to "at once": the request begins in the loop's next turn.
        const CURLMcode code = curl_multi_add_handle(multi_, transfer.easy());
        BOOM_ASSERT(code == CURLM_OK);
        return;
    }
    refused_.push_back(&transfer);
    if (refused_.size() == 1) {
        refused_timer_ = loop_.start_timer(loop_.now(), *this, kRefusedTimer);
    }
}

void CurlEngine::cancel(Exchange& exchange) {
    auto* transfer = dynamic_cast<CurlTransfer*>(exchange.engine_state.get());
    if (transfer == nullptr || transfer->flight == CurlTransfer::kNotInFlight) {
        return;
    }
    transfer->finish_cancelled();
    std::erase(refused_, transfer);
    curl_multi_remove_handle(multi_, transfer->easy());
    land(*transfer);
    count(*transfer);
}

void CurlEngine::land(CurlTransfer& transfer) {
    flights_.back()->flight = transfer.flight;
    flights_[transfer.flight] = flights_.back();
    flights_.pop_back();
    transfer.flight = CurlTransfer::kNotInFlight;
    const auto index = static_cast<std::size_t>(transfer.descriptor);
    if (transfer.descriptor >= 0 && sockets_[index].transfer == &transfer) {
        sockets_[index].transfer = nullptr;
    }
}

void CurlEngine::count(const CurlTransfer& transfer) {
    counts_.opened += transfer.connections_used();
    if (transfer.connections_used() > 0 && own_.contains(transfer.peer_address())) {
        counts_.local += transfer.connections_used();
    }
    counts_.reused += transfer.exchange().response.is_connection_reused ? 1 : 0;
    counts_.failed += transfer.is_connecting_failed() ? 1 : 0;
}

void CurlEngine::on_ready(int descriptor, Readiness readiness) noexcept {
    Socket& socket = sockets_[static_cast<std::size_t>(descriptor)];
    if (!socket.is_wanted) {
        // The peer ended an idle connection; libcurl looks at it when it wants to use it again.
        socket.watched = {};
        loop_.unwatch(descriptor);
        return;
    }
    act(descriptor,
        (readiness.readable ? CURL_CSELECT_IN : 0) | (readiness.writable ? CURL_CSELECT_OUT : 0));
}

void CurlEngine::on_timer(std::uint64_t key) noexcept {
    if (key == kRefusedTimer) {
        finish_refused();
        return;
    }
    timer_due_ = TimePoint::max();
    if (wanted_due_ <= loop_.now()) {
        wanted_due_ = TimePoint::max();
        act(CURL_SOCKET_TIMEOUT, 0);
    } else if (wanted_due_ != TimePoint::max()) {
        // libcurl moved its time after the timer was set.
        timer_due_ = wanted_due_;
        timer_ = loop_.start_timer(timer_due_, *this, kCurlTimer);
    }
}

int CurlEngine::on_timeout(CURLM* /*multi*/, long timeout_ms, void* self) noexcept {
    static_cast<CurlEngine*>(self)->set_timeout(timeout_ms);
    return 0;
}

void CurlEngine::set_timeout(long timeout_ms) {
    if (timeout_ms < 0) {
        wanted_due_ = TimePoint::max();
        return;
    }
    const TimePoint now = timeout_ms == 0 ? loop_.now() : loop_.refresh_now();
    wanted_due_ = now + std::chrono::milliseconds(timeout_ms);
    // A timer that comes too early looks again; so most moves of the time cost nothing.
    if (wanted_due_ < timer_due_) {
        loop_.cancel_timer(timer_);
        timer_due_ = wanted_due_;
        timer_ = loop_.start_timer(timer_due_, *this, kCurlTimer);
    }
}

int CurlEngine::on_socket(CURL* easy, curl_socket_t descriptor, int what, void* self,
                          void* /*unused*/) noexcept {
    CurlEngine& engine = *static_cast<CurlEngine*>(self);
    if (what == CURL_POLL_REMOVE) {
        engine.lose_interest(descriptor);
    } else {
        engine.set_interest(transfer_from(easy), descriptor,
                            {what != CURL_POLL_OUT, what != CURL_POLL_IN});
    }
    return 0;
}

Socket& CurlEngine::socket_at(int descriptor) {
    const auto index = static_cast<std::size_t>(descriptor);
    if (index >= sockets_.size()) {
        sockets_.resize(index + 1);
    }
    return sockets_[index];
}

void CurlEngine::set_interest(CurlTransfer& transfer, int descriptor, Readiness interest) {
    Socket& socket = socket_at(descriptor);
    socket.is_wanted = true;
    if (socket.is_connection) {
        socket.transfer = &transfer;
        transfer.descriptor = descriptor;
    }
    if (socket.watched.readable != interest.readable ||
        socket.watched.writable != interest.writable) {
        socket.watched = interest;
        loop_.watch(descriptor, interest, *this);
    }
}

void CurlEngine::lose_interest(int descriptor) {
    Socket& socket = socket_at(descriptor);
    socket.is_wanted = false;
    if (!socket.is_connection) {
        loop_.unwatch(descriptor);
        socket = {};
    }
}

void CurlEngine::on_opened(int descriptor) noexcept {
    socket_at(descriptor) = {};
    socket_at(descriptor).is_connection = true;
}

void CurlEngine::close_socket(int descriptor) noexcept {
    Socket& socket = socket_at(descriptor);
    if (socket.transfer != nullptr) {
        socket.transfer->on_closing(descriptor);
    }
    loop_.unwatch(descriptor);
    socket = {};
    ::close(descriptor);
}

void CurlEngine::on_gone(CurlTransfer& transfer) noexcept {
    transfers_.back()->place = transfer.place;
    transfers_[transfer.place] = transfers_.back();
    transfers_.pop_back();
}

std::shared_ptr<CurlPool> CurlEngine::pool_of(std::uint64_t owner) {
    std::shared_ptr<CurlPool>& pool = pools_[owner];
    if (pool == nullptr) {
        pool = std::make_shared<CurlPool>();
    }
    return pool;
}

void CurlEngine::forget(std::uint64_t owner) {
    const auto found = pools_.find(owner);
    if (found == pools_.end()) {
        return;
    }
    if (found->second.use_count() > 1) {
        for (CurlTransfer* transfer : transfers_) {
            transfer->leave_pool_of(owner);
        }
    }
    pools_.erase(found);
}

void CurlEngine::act(int descriptor, int events) {
    int running = 0;
    const CURLMcode code = curl_multi_socket_action(multi_, descriptor, events, &running);
    BOOM_ASSERT(code == CURLM_OK);
    finish_done();
}

void CurlEngine::finish_done() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        // The message is gone with the handle.
        CURL* easy = message->easy_handle;
        const CURLcode code = message->data.result;
        CurlTransfer& transfer = transfer_from(easy);
        curl_multi_remove_handle(multi_, easy);
        land(transfer);
        transfer.finish(code);
        count(transfer);
        transfer.exchange().listener->on_done(transfer.exchange());
    }
}

void CurlEngine::finish_refused() {
    // Only those of now: a listener may start another one that is refused as well.
    const std::vector<CurlTransfer*> refused = std::exchange(refused_, {});
    for (CurlTransfer* transfer : refused) {
        land(*transfer);
        transfer->finish(CURLE_OK);
        transfer->exchange().listener->on_done(transfer->exchange());
    }
}

}  // namespace

std::unique_ptr<HttpEngine> make_curl_engine(EventLoop& loop) {
    return std::make_unique<CurlEngine>(loop);
}

}  // namespace boom::net
