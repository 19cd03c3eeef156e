// libcurl multi on our event loop (https://curl.se/libcurl/c/libcurl-multi.html, socket_action).
#include "base/assert.hpp"
#include "net/curl_library.hpp"
#include "net/curl_transfer.hpp"
#include "net/event_loop.hpp"
#include "net/http.hpp"

#include <curl/curl.h>

#include <algorithm>

namespace boom::net {
namespace {

// Connections that are kept beside one per user: redirects to other hosts.
constexpr int kSpareConnections = 32;

class CurlEngine final : public HttpEngine, public DescriptorListener, public TimerListener {
public:
    explicit CurlEngine(EventLoop& loop) : loop_(loop) {
        initialise_curl();
        multi_ = curl_multi_init();
        BOOM_ASSERT(multi_ != nullptr);
        curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlEngine::on_socket);
        curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlEngine::on_timeout_change);
        curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
        set_expected_users(1);
    }
    ~CurlEngine() override {
        loop_.cancel_timer(timer_);
        // The multi handle closes its cached connections through our callback.
        curl_multi_cleanup(multi_);
    }
    CurlEngine(const CurlEngine&) = delete;
    CurlEngine& operator=(const CurlEngine&) = delete;

    void start(Exchange& exchange) override {
        if (!exchange.engine_state) {
            exchange.engine_state = std::make_unique<CurlTransfer>(exchange);
        }
        CurlTransfer& transfer = *static_cast<CurlTransfer*>(exchange.engine_state.get());
        BOOM_ASSERT(!transfer.is_in_flight);
        transfer.prepare();
        transfer.is_in_flight = true;
        exchange.response.sent_at = loop_.now();
        ++in_flight_;
        // Adding arms the multi's timer with 0: the transfer begins in the next turn of the loop.
        const CURLMcode code = curl_multi_add_handle(multi_, transfer.easy());
        BOOM_ASSERT(code == CURLM_OK);
    }

    void cancel(Exchange& exchange) override {
        CurlTransfer& transfer = *static_cast<CurlTransfer*>(exchange.engine_state.get());
        if (!transfer.is_in_flight) {
            return;
        }
        transfer.is_in_flight = false;
        --in_flight_;
        transfer.finish(CURLE_ABORTED_BY_CALLBACK, loop_.now());
        exchange.response.error = TransportError::Cancelled;
        count(transfer);
        curl_multi_remove_handle(multi_, transfer.easy());
    }

    [[nodiscard]] int in_flight() const override { return in_flight_; }
    void set_expected_users(int users) override {
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(users) + kSpareConnections);
    }
    [[nodiscard]] ConnectionCounts counts() const override { return counts_; }

    void on_ready(int descriptor, Readiness readiness) noexcept override {
        const int events = (readiness.readable ? CURL_CSELECT_IN : 0) |
                           (readiness.writable ? CURL_CSELECT_OUT : 0);
        act(descriptor, events);
    }
    void on_timer(std::uint64_t) noexcept override {
        timer_ = {};
        act(CURL_SOCKET_TIMEOUT, 0);
    }

private:
    static int on_socket(CURL*, curl_socket_t descriptor, int what, void* self, void*) noexcept {
        auto& engine = *static_cast<CurlEngine*>(self);
        if (what == CURL_POLL_REMOVE) {
            engine.loop_.unwatch(descriptor);
        } else {
            engine.loop_.watch(descriptor,
                               {(what & CURL_POLL_IN) != 0, (what & CURL_POLL_OUT) != 0}, engine);
        }
        return 0;
    }
    static int on_timeout_change(CURLM*, long timeout_ms, void* self) noexcept {
        auto& engine = *static_cast<CurlEngine*>(self);
        engine.loop_.cancel_timer(engine.timer_);
        engine.timer_ = {};
        if (timeout_ms >= 0) {
            engine.timer_ = engine.loop_.start_timer(
                engine.loop_.now() + std::chrono::milliseconds(timeout_ms), engine, 0);
        }
        return 0;
    }

    void act(curl_socket_t descriptor, int events) {
        int running = 0;
        curl_multi_socket_action(multi_, descriptor, events, &running);
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg == CURLMSG_DONE) {
                complete(message->easy_handle, message->data.result);
            }
        }
    }

    void complete(CURL* easy, CURLcode code) {
        char* owner = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
        auto& transfer = *reinterpret_cast<CurlTransfer*>(owner);
        transfer.is_in_flight = false;
        --in_flight_;
        transfer.finish(code, loop_.refresh_now());
        count(transfer);
        curl_multi_remove_handle(multi_, easy);
        transfer.exchange().listener->on_done(transfer.exchange());
    }

    void count(const CurlTransfer& transfer) {
        const HttpResponse& response = transfer.exchange().response;
        if (response.was_sent) {
            ++(response.is_connection_reused ? counts_.reused : counts_.opened);
        } else if (response.error != TransportError::Cancelled) {
            ++counts_.failed;
        }
    }

    EventLoop& loop_;
    CURLM* multi_ = nullptr;
    TimerId timer_;
    int in_flight_ = 0;
    ConnectionCounts counts_;
};

}  // namespace

std::unique_ptr<HttpEngine> make_curl_engine(EventLoop& loop) {
    return std::make_unique<CurlEngine>(loop);
}

}  // namespace boom::net
