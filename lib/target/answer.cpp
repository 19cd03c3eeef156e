#include "target/answer.hpp"

#include "target/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace boom::target {
namespace {

struct Reason {
    int status;
    std::string_view phrase;
};
constexpr std::array<Reason, 43> kReasons{{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

constexpr std::size_t kChunk = 1000;
constexpr std::size_t kHeadSize = 256;  // usually less

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_chunks(std::string& out, std::string_view body) {
    for (std::size_t at = 0; at < body.size(); at += kChunk) {
        const std::string_view piece = body.substr(at, kChunk);
        fmt::format_to(std::back_inserter(out), "{:x}\r\n{}\r\n", piece.size(), piece);
    }
    out += "0\r\n\r\n";
}

}  // namespace

Answer json(int status, std::string body) {
    Answer result;
    result.status = status;
    result.body = std::move(body);
    return result;
}

Answer problem(int status, std::string_view text) {
    return json(status, fmt::format(R"({{"error":{}}})", json_string(text)));
}

std::string_view reason_phrase(int status) {
    const auto* const found =
        std::lower_bound(kReasons.begin(), kReasons.end(), status,
                         [](const Reason& reason, int wanted) { return reason.status < wanted; });
    return found != kReasons.end() && found->status == status ? found->phrase : "Status";
}

std::string serialize(const Answer& answer, std::string_view method, Afterwards afterwards) {
    const bool has_body = answer.status >= 200 && answer.status != 204 && answer.status != 304;
    const bool is_chunked = answer.manner == Answer::Manner::Chunked;
    std::string out;
    out.reserve(kHeadSize + answer.body.size());
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(answer.status));
    out.append(" ").append(reason_phrase(answer.status)).append("\r\n");
    for (const auto& [name, value] : answer.headers) {
        out.append(name).append(": ").append(value).append("\r\n");
    }
    if (has_body) {
        out.append("Content-Type: ").append(answer.content_type).append("\r\n");
        if (is_chunked) {
            out += "Transfer-Encoding: chunked\r\n";
        } else {
            out += "Content-Length: ";
            append_number(out, answer.body.size());
            out += "\r\n";
        }
    }
    out += afterwards == Afterwards::Keep ? "\r\n" : "Connection: close\r\n\r\n";
    if (!has_body || method == "HEAD") {
        return out;
    }
    if (is_chunked) {
        append_chunks(out, answer.body);
    } else {
        out += answer.body;
    }
    return out;
}

std::vector<Piece> split_into_pieces(std::string_view bytes, std::size_t size,
                                     base::Duration pause) {
    std::vector<Piece> pieces;
    while (!bytes.empty()) {
        const std::size_t taken = pieces.size() + 1 == kMaxPieces ? bytes.size() : size;
        pieces.push_back(
            {std::string(bytes.substr(0, taken)), pieces.empty() ? base::Duration::zero() : pause});
        bytes.remove_prefix(pieces.back().bytes.size());
    }
    return pieces;
}

}  // namespace boom::target
