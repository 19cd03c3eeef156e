#pragma once
// An incremental HTTP/1.1 request parser: feed bytes as they come, take requests. One thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::target {

struct Request {
    std::string method;
    std::string path;                                          // decoded, without query
    std::string query;                                         // as sent
    std::vector<std::pair<std::string, std::string>> headers;  // names as sent
    std::string body;
    bool keeps_alive = true;

    // Case-insensitive; empty when absent.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    // Value of a query parameter, decoded; empty optional when absent.
    [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> parameters() const;
};

// "a=1&b=2", decoded.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

class RequestParser {
public:
    static constexpr std::size_t kMaxHead = std::size_t{64} << 10;
    static constexpr std::size_t kMaxBody = std::size_t{64} << 20;

    void feed(std::string_view bytes) { buffer_.append(bytes); }
    // The next complete request; empty when more bytes are needed or the peer speaks no HTTP.
    [[nodiscard]] std::optional<Request> next();
    // Status to answer with before closing, once next() has given up; 0 while all is well.
    [[nodiscard]] int error() const { return error_; }

private:
    [[nodiscard]] bool parse_head(std::string_view head);
    [[nodiscard]] bool take_body();
    [[nodiscard]] bool take_chunks();

    std::string buffer_;
    std::size_t scanned_ = 0;  // no end of the head before this
    std::optional<Request> current_;
    std::size_t body_left_ = 0;
    bool is_chunked_ = false;
    int error_ = 0;
};

}  // namespace boom::target
