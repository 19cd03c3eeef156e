#pragma once
// Watches the records of a client's connection that OpenSSL still reads and writes, until all that
// came is read and our own record layer can go on: then the peer's tickets, which follow the
// handshake, have been taken. One thread.

#include "net/tls_records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace boom::net {

class TlsTakeover {
public:
    // For all clients of a context: it tells the secrets of TLS 1.3.
    static void prepare(ssl_ctx_st* context);

    // From before the handshake on; it may not be moved.
    explicit TlsTakeover(ssl_st* ssl);
    ~TlsTakeover();
    TlsTakeover(const TlsTakeover&) = delete;
    TlsTakeover& operator=(const TlsTakeover&) = delete;

    // The handshake is done, and OpenSSL has not yet read these bytes.
    void begin(std::size_t unread);
    // OpenSSL was given so many bytes more.
    void add_received(std::size_t bytes) { received_ += bytes; }
    // REQUIRES: OpenSSL has read all that it can. Nothing: not now, or never.
    [[nodiscard]] std::optional<TlsRecords::Agreement> take_over();

private:
    struct Count {
        std::uint64_t records = 0;
        std::size_t bytes = 0;
    };
    static void on_message(int is_written, int version, int content, const void* bytes,
                           std::size_t size, ssl_st* ssl, void* self);
    static void on_secret(const ssl_st* ssl, const char* line);

    [[nodiscard]] bool make_keys12(TlsRecords::Agreement& agreement) const;
    [[nodiscard]] bool make_keys13(TlsRecords::Agreement& agreement) const;

    ssl_st* ssl_;
    std::size_t key_bytes_ = 0;  // 0: the cipher is none of ours
    Count read_;
    Count written_;
    std::size_t received_ = 0;
    std::string read_secret_;  // TLS 1.3
    std::string write_secret_;
};

}  // namespace boom::net
