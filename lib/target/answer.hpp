#pragma once
// What an endpoint answers, and the bytes of it. Values; any thread.

#include "base/units.hpp"
#include "target/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::target {

// Bytes that are sent after a pause.
struct Piece {
    std::string bytes;
    base::Duration pause{};
};

struct Answer {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    Fields headers;
    std::string body;
    enum class Manner {
        Now,
        Chunked,
        Raw,        // `pieces` instead of a head and a body, then as `then` says
        WebSocket,  // the connection changes its protocol; `pieces` are the first frames
        Never,
        Close,  // whole, then the connection ends
        Reset,  // nothing, the connection is torn down
    } manner = Manner::Now;
    std::vector<Piece> pieces;
    enum class Then { Keep, Close, Reset, Hang, Repeat } then = Then::Keep;
    base::Duration delay{};
    bool is_delay_drawn = false;  // and belongs to the measurements
    // Nobody is answered for this long, from so much later on.
    struct Stall {
        base::Duration after{};
        base::Duration length{};
    };
    std::optional<Stall> stall;
};

[[nodiscard]] Answer json(int status, std::string body);
[[nodiscard]] Answer problem(int status, std::string_view text);
[[nodiscard]] std::string_view reason_phrase(int status);

// Whether the connection stays afterwards.
enum class Afterwards { Keep, Close };
// A whole answer (not Raw): Close adds "Connection: close"; HEAD gets no body.
[[nodiscard]] std::string serialize(const Answer& answer, std::string_view method,
                                    Afterwards afterwards);
// At most kMaxPieces: the last one takes the rest.
inline constexpr std::size_t kMaxPieces = 100'000;
[[nodiscard]] std::vector<Piece> split_into_pieces(std::string_view bytes, std::size_t size,
                                                   base::Duration pause);

}  // namespace boom::target
