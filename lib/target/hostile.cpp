#include "target/hostile.hpp"

#include "target/encodings.hpp"
#include "target/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace boom::target {
namespace {

using namespace std::string_view_literals;
using Then = Answer::Then;

enum class Verdict { Legal, Broken };

struct Row {
    std::string_view name;
    std::string_view bytes;
    Then then = Then::Close;
};

// Legal ones have the body "hello", unless their status forbids one.
constexpr std::array<Row, 22> kLegal{{
    {"plain", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Then::Keep},
    {"interim-100",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Then::Keep},
    {"interim-103",
     "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
     Then::Keep},
    {"no-reason", "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello", Then::Keep},
    {"odd-reason", "HTTP/1.1 200 so: 200 OK!\r\nContent-Length: 5\r\n\r\nhello", Then::Keep},
    {"odd-status", "HTTP/1.1 299 Odd\r\nContent-Length: 5\r\n\r\nhello", Then::Keep},
    {"no-space", "HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello", Then::Keep},
    {"blanks", "HTTP/1.1 200 OK\r\nContent-Length: \t 5 \t\r\n\r\nhello", Then::Keep},
    {"empty-field", "HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello", Then::Keep},
    {"chunks",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n4\r\nello\r\n0\r\n\r\n",
     Then::Keep},
    {"chunk-extension",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
     "Chunked\r\n\r\n0005;a=\"b;c\"\r\nhello\r\n000;x\r\n\r\n",
     Then::Keep},
    {"trailers",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\n"
     "X-Sum: 5\r\nX-Other: 6\r\n\r\n",
     Then::Keep},
    {"until-close", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"},
    {"until-close-silently", "HTTP/1.1 200 OK\r\n\r\nhello"},
    {"old-version", "HTTP/1.0 200 OK\r\n\r\nhello"},
    {"old-version-length", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
    {"old-version-kept",
     "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", Then::Keep},
    {"close-unannounced", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
    {"not-modified-length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Then::Keep},
    {"no-content", "HTTP/1.1 204 No Content\r\n\r\n", Then::Keep},
    {"length-zero", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Then::Keep},
    {"latin-1-field", "HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 5\r\n\r\nhello",
     Then::Keep},
}};

constexpr std::array<Row, 37> kBroken{{
    {"no-answer", ""},
    {"no-answer-reset", "", Then::Reset},
    {"half-status-line", "HTTP/1.1 2"},
    {"half-head", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"},
    {"half-head-hang", "HTTP/1.1 200 OK\r\nContent-", Then::Hang},
    {"half-body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"},
    {"half-body-reset", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", Then::Reset},
    {"half-body-hang", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", Then::Hang},
    {"half-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhello"},
    {"no-last-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
    {"half-last-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"},
    {"half-interim", "HTTP/1.1 100 Continue\r\n\r\n"},
    {"not-http", "SSH-2.0-OpenSSH_9.2\r\n\r\n", Then::Hang},
    {"html-only", "<html><body>hello</body></html>\r\n\r\n"},
    {"no-status", "HTTP/1.1 OK\r\nContent-Length: 5\r\n\r\nhello"},
    {"short-status", "HTTP/1.1 20 OK\r\nContent-Length: 5\r\n\r\nhello"},
    {"long-status", "HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello"},
    {"negative-status", "HTTP/1.1 -20 OK\r\nContent-Length: 5\r\n\r\nhello"},
    {"other-version", "HTTP/3.7 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
    {"unasked-upgrade",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello"},
    {"negative-length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"},
    {"text-length", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello"},
    {"hex-length", "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello"},
    {"huge-length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello"},
    {"two-lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"},
    {"length-and-chunks",
     "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
     "0\r\n\r\n"},
    {"unknown-coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nuryyb"},
    {"bad-chunk-size",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n"},
    {"negative-chunk-size",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"},
    {"huge-chunk-size",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n"
     "0\r\n\r\n"},
    {"long-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n"},
    {"no-colon", "HTTP/1.1 200 OK\r\nX-Nothing\r\nContent-Length: 5\r\n\r\nhello"},
    {"space-before-colon", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello"},
    {"empty-name", "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 5\r\n\r\nhello"},
    {"null-in-field", "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 5\r\n\r\nhello"sv},
    {"folded-field", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello"},
    {"extra-bytes",
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
     "evil",
     Then::Keep},
}};

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += text;
    }
    return out;
}

std::string encoded(std::string_view coding, const std::string& bytes) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Encoding: {}\r\nContent-Length: {}\r\n\r\n{}",
                       coding, bytes.size(), bytes);
}

constexpr std::size_t kBlock = 16 * 1024;  // of what never ends

// Those that are too long, or computed. `start` is sent once, `block` for ever (when not empty).
struct Made {
    std::string_view name;
    Verdict verdict;
    std::string (*start)();
    std::string (*block)();
    Then then;
};
std::string nothing() {
    return {};
}
std::string damaged_gzip() {
    std::string bytes = to_gzip("hello");
    bytes[bytes.size() - 8] = static_cast<char>(bytes[bytes.size() - 8] ^ 1);  // its checksum
    return bytes;
}
const std::array<Made, 10> kMade{{
    {"many-fields", Verdict::Legal,
     [] {
         return "HTTP/1.1 200 OK\r\n" + repeated("X-Field: value\r\n", 90) +
                "Content-Length: 5\r\n\r\nhello";
     },
     nothing, Then::Keep},
    {"long-field", Verdict::Legal,
     [] {
         return "HTTP/1.1 200 OK\r\nX-Long: " + std::string(kBlock, 'x') +
                "\r\nContent-Length: 5\r\n\r\nhello";
     },
     nothing, Then::Keep},
    {"many-chunks", Verdict::Legal,
     [] {
         return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                repeated("1\r\nh\r\n", 10'000) + "0\r\n\r\n";
     },
     nothing, Then::Keep},
    {"endless-body", Verdict::Broken,
     [] { return std::string("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"); },
     [] { return std::string(kBlock, 'x'); }, Then::Repeat},
    {"endless-chunks", Verdict::Broken,
     [] { return std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"); },
     [] { return "4000\r\n" + std::string(kBlock, 'x') + "\r\n"; }, Then::Repeat},
    {"endless-field", Verdict::Broken, [] { return std::string("HTTP/1.1 200 OK\r\nX: "); },
     [] { return std::string(kBlock, 'x'); }, Then::Repeat},
    {"endless-fields", Verdict::Broken, [] { return std::string("HTTP/1.1 200 OK\r\n"); },
     [] { return repeated("X-Field: value\r\n", 1000); }, Then::Repeat},
    {"endless-interims", Verdict::Broken, nothing,
     [] { return repeated("HTTP/1.1 100 Continue\r\n\r\n", 500); }, Then::Repeat},
    {"bad-gzip", Verdict::Broken, [] { return encoded("gzip", "this is no gzip"); }, nothing,
     Then::Keep},
    {"bad-gzip-sum", Verdict::Broken, [] { return encoded("gzip", damaged_gzip()); }, nothing,
     Then::Keep},
}};

Answer raw(std::vector<Piece> pieces, Then then) {
    Answer result;
    result.status = 0;  // what is sent need not have one
    result.manner = Answer::Manner::Raw;
    result.pieces = std::move(pieces);
    result.then = then;
    return result;
}

std::string entry(std::string_view name, Verdict verdict) {
    return fmt::format("{}:{}", json_string(name), verdict == Verdict::Legal ? "true" : "false");
}

template <typename Rows>
const typename Rows::value_type* find_row(const Rows& rows, std::string_view kind) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == kind; });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Answer> hostile_answer(std::string_view kind) {
    for (const Row* row : {find_row(kLegal, kind), find_row(kBroken, kind)}) {
        if (row != nullptr) {
            return raw({{std::string(row->bytes), {}}}, row->then);
        }
    }
    const Made* made = find_row(kMade, kind);
    if (made == nullptr) {
        return std::nullopt;
    }
    std::vector<Piece> pieces{{made->start(), {}}};
    if (made->then == Then::Repeat) {
        pieces.push_back({made->block(), {}});
    }
    return raw(std::move(pieces), made->then);
}

std::string hostile_kinds_json() {
    std::vector<std::string> entries;
    for (const Row& row : kLegal) {
        entries.push_back(entry(row.name, Verdict::Legal));
    }
    for (const Row& row : kBroken) {
        entries.push_back(entry(row.name, Verdict::Broken));
    }
    for (const Made& made : kMade) {
        entries.push_back(entry(made.name, made.verdict));
    }
    return fmt::format("{{{}}}", fmt::join(entries, ","));
}

}  // namespace boom::target
