#pragma once
// The chunked transfer coding (RFC 9112 section 7.1), incremental and strict: lines end with CRLF,
// sizes are plain hexadecimal numbers, extensions are skipped, trailers are checked and dropped.
// One thread. Holds no bytes.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace boom::net {

class Http1Chunked {
public:
    // What one call of next() found.
    struct Step {
        std::size_t used = 0;   // bytes of the input that are done with
        std::string_view data;  // decoded: a view into them
    };

    void begin();
    // Goes on to the next piece of data, to the end of the body or to the end of the input.
    [[nodiscard]] Step next(std::string_view bytes);
    [[nodiscard]] bool is_done() const { return state_ == State::Done; }
    [[nodiscard]] bool has_failed() const { return state_ == State::Failed; }

private:
    enum class State : std::uint8_t {
        SizeFirst,
        Size,
        SizeSpace,
        Extension,
        SizeEnd,
        Data,
        DataReturn,
        DataEnd,
        TrailerFirst,
        TrailerName,
        TrailerValue,
        TrailerEnd,
        LastEnd,
        Done,
        Failed,
    };

    void take(char c);
    void take_size_digit(char c);
    void take_after_size(char c);
    void take_extension(char c);
    void take_trailer(char c);

    std::uint64_t left_ = 0;        // of the chunk; its size while that is read
    std::uint32_t line_bytes_ = 0;  // of extensions or trailers so far
    State state_ = State::SizeFirst;
};

}  // namespace boom::net
