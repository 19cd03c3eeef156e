#pragma once
// The easy handle of one exchange, kept between its starts: sets what changed since the last one
// and collects the answer. The thread of its engine.

#include "net/curl_headers.hpp"
#include "net/curl_pool.hpp"
#include "net/http.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace boom::net {

class CurlTransfer;

// Connections live longer than the flight that opened them.
class CurlSocketOwner {
public:
    virtual ~CurlSocketOwner() = default;
    virtual void on_opened(int descriptor) noexcept = 0;
    virtual void close_socket(int descriptor) noexcept = 0;
    virtual void on_gone(CurlTransfer& transfer) noexcept = 0;
    // The connections of an owner, kept until it is forgotten.
    [[nodiscard]] virtual std::shared_ptr<CurlPool> pool_of(std::uint64_t owner) = 0;
};

class CurlTransfer final : public Exchange::EngineState {
public:
    CurlTransfer(EventLoop& loop, CurlSocketOwner& sockets);
    ~CurlTransfer() override;
    CurlTransfer(const CurlTransfer&) = delete;
    CurlTransfer& operator=(const CurlTransfer&) = delete;

    // False when libcurl refuses an option; finish() then says so.
    [[nodiscard]] bool prepare(Exchange& exchange);
    // Fills the response after the transfer ended with `code` (a CURLcode).
    void finish(int code);
    void finish_cancelled();
    // The connection that the request went out on is about to be closed.
    void on_closing(int descriptor);

    [[nodiscard]] void* easy() const { return easy_; }
    [[nodiscard]] const CurlSocketOwner* sockets() const { return sockets_; }
    // Closes its connections; it cannot be started again. Before its engine is gone.
    void leave();
    // The owner is gone, and its connections with it; for another one it can be started.
    void leave_pool_of(std::uint64_t owner);
    [[nodiscard]] Exchange& exchange() const { return *exchange_; }
    // Connections of this flight that were opened to the end.
    [[nodiscard]] int connections_used() const { return connections_used_; }
    // Of the last connection, as a literal.
    [[nodiscard]] std::string_view peer_address() const;
    // The flight ended for want of a connection.
    [[nodiscard]] bool is_connecting_failed() const;

    // The engine's: where the transfer is in its list of flights, and its socket.
    static constexpr std::size_t kNotInFlight = ~std::size_t{0};
    std::size_t flight = kNotInFlight;
    std::size_t place = 0;  // in its list of all transfers
    int descriptor = -1;

private:
    static constexpr std::size_t kErrorText = 256;  // CURL_ERROR_SIZE

    enum class Shape { None, Get, Head, Post };
    // What became of the connection of the attempt before.
    enum class Fate { Kept, ClosedUnread, ClosedMaybeRead };

    static std::size_t on_header(char* data, std::size_t size, std::size_t count,
                                 void* self) noexcept;
    static std::size_t on_body(char* data, std::size_t size, std::size_t count,
                               void* self) noexcept;
    static int on_request(void* self, char* remote, char* local, int remote_port,
                          int local_port) noexcept;
    static int on_open_socket(void* self, const void* address) noexcept;
    static int on_close_socket(void* sockets, int descriptor) noexcept;

    template <typename T>
    void set(int option, T value);
    void set_constant_options();
    void set_connection_options(const ConnectionOptions& options);
    void set_tls_options(const ConnectionOptions& options);
    void set_headers(const HttpRequest& request, bool has_new_options);
    void set_method(const HttpRequest& request);
    void set_resolve(const ConnectionOptions& options);

    void begin_flight(Exchange& exchange);
    void enter_pool(std::uint64_t owner);
    void leave_pool();
    [[nodiscard]] bool take_header_line(std::string_view line);
    [[nodiscard]] bool may_try();
    void begin_attempt();
    [[nodiscard]] int connections_opened() const;
    [[nodiscard]] long request_bytes() const;
    [[nodiscard]] std::int64_t bytes_sent(std::int64_t request, std::int64_t upload) const;
    void read_counters();
    void read_phases();
    void set_failure(int code);

    EventLoop& loop_;
    CurlSocketOwner* sockets_;  // null: the engine is gone
    void* easy_;
    std::shared_ptr<CurlPool> pool_;  // of the exchange's owner
    std::uint64_t pool_owner_ = 0;
    Exchange* exchange_ = nullptr;
    bool is_accepted_ = true;  // no option was refused
    std::string_view refusal_;

    // What the handle is set to.
    const ConnectionOptions* applied_options_ = nullptr;
    std::string applied_url_;
    std::string applied_method_;
    std::string applied_headers_;
    Exchange::Body applied_body_ = Exchange::Body::Discard;
    Shape shape_ = Shape::None;
    CurlHeaders headers_;
    curl_slist* resolve_ = nullptr;

    // This flight.
    int attempts_ = 0;        // requests begun: more than one when libcurl tried again
    long unread_bytes_ = 0;   // of them, sent in vain on a connection that was closed already
    long attempt_begin_ = 0;  // libcurl's count of sent bytes when the last attempt began
    Fate fate_ = Fate::Kept;
    int connections_used_ = 0;
    bool is_reusing_ = false;  // the last attempt did not open its connection
    int socket_error_ = 0;
    bool is_retry_refused_ = false;
    bool is_body_too_long_ = false;
    bool is_header_too_long_ = false;
    bool is_header_complete_ = true;
    std::array<char, kErrorText> error_text_{};
};

}  // namespace boom::net
