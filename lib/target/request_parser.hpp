#pragma once
// A strict, incremental parser of HTTP/1.1 requests (RFC 9112): feed bytes as they come, take
// requests. How the bytes are split never changes the outcome; what two readers could understand
// differently is refused. One thread. Limits: the constants below.

#include "target/request.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boom::target {

class RequestParser {
public:
    static constexpr std::size_t kMaxTarget = std::size_t{32} << 10;
    static constexpr std::size_t kMaxHead = std::size_t{64} << 10;  // request line included
    static constexpr std::size_t kMaxFields = 500;
    static constexpr std::size_t kMaxBody = std::size_t{64} << 20;
    static constexpr std::size_t kMaxChunkLine = 4 << 10;  // extensions included
    static constexpr std::size_t kMaxTrailers = std::size_t{16} << 10;

    void feed(std::string_view bytes) { buffer_.append(bytes); }
    // The next complete request; empty when more bytes are needed or the peer speaks no HTTP.
    [[nodiscard]] std::optional<Request> next();
    // Status to answer with before closing, once next() has given up; 0 while all is well.
    [[nodiscard]] int error() const { return error_; }
    // True once per request whose sender waits for "100 Continue" before it sends the body.
    [[nodiscard]] bool take_continue();
    // What was fed and belongs to no request yet: the first bytes of another protocol.
    [[nodiscard]] std::string take_rest();

private:
    enum class Part : std::uint8_t { Line, Head, Body, ChunkSize, ChunkData, ChunkEnd, Trailers };
    enum class Step : std::uint8_t { On, Starved, Done };

    [[nodiscard]] Step step();
    Step take_request_line(std::string_view line);
    Step take_field(std::string_view line);
    Step take_trailer(std::string_view line);
    Step end_head();
    Step take_chunk_size(std::string_view line);
    Step take_bytes();
    Step fail(int status);
    void read_connection();
    [[nodiscard]] int read_framing();
    [[nodiscard]] bool take_line(std::size_t limit, int status, std::string_view& line);
    [[nodiscard]] std::string_view unread() const {
        return std::string_view(buffer_).substr(consumed_);
    }

    std::string buffer_;
    std::size_t consumed_ = 0;  // of the buffer
    std::size_t scanned_ = 0;   // no end of a line in the unread part before this
    Part part_ = Part::Line;
    Request current_;
    std::size_t part_bytes_ = 0;  // of the head or of the trailers
    std::size_t bytes_left_ = 0;  // of the body or of the chunk
    bool is_version_1_0_ = false;
    bool wants_continue_ = false;
    int error_ = 0;
};

}  // namespace boom::target
