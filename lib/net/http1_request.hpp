#pragma once
// The bytes of an HTTP/1.1 request, and where they go. Rebuilt only where something changed since
// the last one; allocates nothing when the new one is no longer than those before. One thread.

#include "net/http.hpp"
#include "net/request_origin.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace boom::net {

class Http1Request {
public:
    // Empty when all is well, else why the request cannot be made.
    [[nodiscard]] std::string_view assign(const HttpRequest& request,
                                          ConnectionOptions::KeepAlive keep_alive);

    // All of it, or only the head where the body goes apart. Valid until the next assign().
    [[nodiscard]] std::string_view bytes() const { return bytes_; }
    [[nodiscard]] bool is_body_apart() const { return is_body_apart_; }
    // Number of bytes of head and body together.
    [[nodiscard]] std::size_t size() const { return bytes_.size() + apart_size_; }
    [[nodiscard]] const Http1Origin& origin() const { return origin_.origin(); }
    // Counts the changes of origin(): where it is equal, so is the origin.
    [[nodiscard]] int origin_version() const { return origin_.version(); }

    [[nodiscard]] bool is_head() const { return is_head_; }
    // It says "Expect: 100-continue"; then the body is apart.
    [[nodiscard]] bool awaits_continue() const { return awaits_continue_; }
    // It says that the connection ends with it.
    [[nodiscard]] bool closes_connection() const { return facts_.has_close; }
    [[nodiscard]] bool accepts_encodings() const { return facts_.has_accept_encoding; }

private:
    // What the header lines say.
    struct Facts {
        bool has_host = false;
        bool has_length = false;
        bool has_connection = false;
        bool has_close = false;
        bool has_authorization = false;
        bool has_accept_encoding = false;
        bool is_chunked = false;
        bool expects_continue = false;
    };

    [[nodiscard]] bool is_same(std::string_view target, const HttpRequest& request,
                               ConnectionOptions::KeepAlive keep_alive) const;
    void read_headers(std::string_view block);
    void build(std::string_view target, const HttpRequest& request);
    void append_body(const HttpRequest& request);

    RequestOrigin origin_;
    std::string bytes_;
    // Where the parts are in bytes_.
    std::size_t method_size_ = 0;
    std::size_t target_begin_ = 0;
    std::size_t target_size_ = 0;
    std::size_t headers_begin_ = 0;
    std::size_t headers_size_ = 0;
    std::size_t body_begin_ = 0;
    std::size_t apart_size_ = 0;
    ConnectionOptions::KeepAlive keep_alive_ = ConnectionOptions::KeepAlive::On;
    Facts facts_;
    bool is_head_ = false;
    bool is_body_apart_ = false;
    bool awaits_continue_ = false;
};

}  // namespace boom::net
