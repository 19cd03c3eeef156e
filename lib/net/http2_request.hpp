#pragma once
// The fields of an HTTP/2 request (RFC 9113 section 8.3), and where they go. Rebuilt only where
// something changed since the last one; allocates nothing when the new one is no longer than those
// before. One thread.

#include "net/http.hpp"
#include "net/request_origin.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

class Http2Request {
public:
    // Empty when all is well, else why the request cannot be made. What concerns one connection
    // only (RFC 9113 section 8.2.2) is left out; a Host becomes the authority.
    [[nodiscard]] std::string_view assign(const HttpRequest& request);

    struct Field {
        std::string_view name;  // in lower case
        std::string_view value;
    };
    // Pseudo fields first. Valid until the next assign().
    [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
    [[nodiscard]] bool has_body() const { return has_body_; }
    [[nodiscard]] const Http1Origin& origin() const { return origin_.origin(); }
    // Counts the changes of origin(): where it is equal, so is the origin.
    [[nodiscard]] int origin_version() const { return origin_.version(); }
    // It says "Expect: 100-continue", and has a body.
    [[nodiscard]] bool awaits_continue() const { return has_body_ && expects_continue_; }
    [[nodiscard]] bool accepts_encodings() const { return accepts_encodings_; }

private:
    // Where a field is in text_.
    struct Place {
        std::size_t name_begin = 0;
        std::size_t name_size = 0;
        std::size_t value_begin = 0;
        std::size_t value_size = 0;
    };

    [[nodiscard]] std::string_view take(const HttpRequest& request);
    [[nodiscard]] bool is_same(const HttpRequest& request, std::string_view target) const;
    [[nodiscard]] std::string_view find_host(std::string_view block) const;
    void build(const HttpRequest& request, std::string_view target);
    void add(std::string_view name, std::string_view value);
    void add_path(std::string_view target);
    void add_line(std::string_view name, std::string_view value);
    void add_length(const HttpRequest& request);

    RequestOrigin origin_;
    std::string text_;  // names and values of all fields
    std::vector<Place> places_;
    std::vector<Field> fields_;  // views into text_
    // What they were made of.
    std::string method_, target_, headers_;
    std::size_t body_size_ = 0;
    std::uint64_t constant_ = 0;  // HttpRequest::constant
    bool is_valid_ = false;
    bool has_body_ = false;
    bool has_length_ = false;
    bool has_authorization_ = false;
    bool accepts_encodings_ = false;
    bool expects_continue_ = false;
};

}  // namespace boom::net
