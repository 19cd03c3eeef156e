#include "net/web_socket_frames.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace boom::net {
namespace {

using namespace std::string_literals;
using Kind = WebSocketMessage::Kind;

struct Outcome {
    std::vector<WebSocketMessage> messages;
    int error = 0;
    bool operator==(const Outcome&) const = default;
};

using From = WebSocketReader::From;

Outcome read_in_pieces(From from, const std::string& bytes, std::size_t first, std::size_t step) {
    WebSocketReader reader(from);
    Outcome outcome;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = at == 0 ? first : step;
        reader.feed(std::string_view(bytes).substr(at, size));
        while (const WebSocketMessage* message = reader.next()) {
            outcome.messages.push_back(*message);
        }
        at += size;
    }
    outcome.error = reader.error();
    return outcome;
}

Outcome read(From from, const std::string& bytes) {
    return read_in_pieces(from, bytes, bytes.size(), bytes.size());
}

// `first` is the first byte: FIN and opcode.
std::string frame(From from, unsigned first, std::string payload) {
    const std::string mask = from == From::Client ? "\x37\xfa\x21\x3d" : "";
    const unsigned mask_bit = from == From::Client ? 0x80 : 0;
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(mask_bit | payload.size());
    } else if (payload.size() < 65536) {
        out += static_cast<char>(mask_bit | 126);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xff);
    } else {
        out += static_cast<char>(mask_bit | 127);
        out += "\0\0\0\0"s;
        for (int shift = 24; shift >= 0; shift -= 8) {
            out += static_cast<char>((payload.size() >> shift) & 0xff);
        }
    }
    for (std::size_t i = 0; from == From::Client && i < payload.size(); ++i) {
        payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    }
    return out + mask + payload;
}

TEST_CASE("web_socket: the examples of RFC 6455 are read and written", "[net]") {
    CHECK(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(web_socket_accept("c2hvcnQ=").empty());
    CHECK(web_socket_accept("no base64!").empty());
    CHECK(read(From::Client, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") ==
          Outcome{{{Kind::Text, "Hello"}}, 0});
    CHECK(read(From::Server, "\x81\x05Hello") == Outcome{{{Kind::Text, "Hello"}}, 0});
    std::string masked;
    append_web_socket_frame(masked, Kind::Text, "Hello", 0x37fa213d);
    CHECK(masked == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    CHECK(web_socket_frame({Kind::Text, "Hello"}) == "\x81\x05Hello");
    CHECK(web_socket_frame({Kind::Ping, "Hello"}) == "\x89\x05Hello");
    CHECK(web_socket_frame({Kind::Binary, std::string(256, 'x')}).substr(0, 4) ==
          "\x82\x7e\x01\0"s);
    CHECK(web_socket_frame({Kind::Binary, std::string(65536, 'x')}).substr(0, 10) ==
          "\x82\x7f\0\0\0\0\0\x01\0\0"s);
    CHECK(close_payload(1002, "x") == "\x03\xeax");
    CHECK(read_close("\x03\xeax").code == 1002);
    CHECK(read_close("\x03\xeax").reason == "x");
    CHECK(read_close("").code == 1005);
}

// The same head of a server.
std::string with_mask_bit(From from, std::string bytes) {
    if (from == From::Server) {
        bytes[1] = static_cast<char>(bytes[1] & 0x7f);
    }
    return bytes;
}

std::vector<std::pair<std::string, Outcome>> samples(From from) {
    const auto make = [from](unsigned first, const std::string& payload) {
        return frame(from, first, payload);
    };
    const std::string long_text(70'000, 'y');
    return {
        {make(0x81, ""), {{{Kind::Text, ""}}, 0}},
        {make(0x82, "\xff\0"s), {{{Kind::Binary, "\xff\0"s}}, 0}},
        {make(0x81, std::string(126, 'x')), {{{Kind::Text, std::string(126, 'x')}}, 0}},
        {make(0x81, long_text), {{{Kind::Text, long_text}}, 0}},
        // Fragments, with a ping between them; a character is cut in two.
        {make(0x01, "a\xc3") + make(0x89, "p") + make(0x00, "\xa4") + make(0x80, "b"),
         {{{Kind::Ping, "p"},
           {Kind::Text,
            "a\xc3\xa4"
            "b"}},
          0}},
        {make(0x88, ""), {{{Kind::Close, ""}}, 0}},
        {make(0x88,
              "\x03\xe8"
              "bye"),
         {{{Kind::Close,
            "\x03\xe8"
            "bye"}},
          0}},
        {make(0x8a, "pong"), {{{Kind::Pong, "pong"}}, 0}},
        // What the protocol forbids.
        {make(0xc1, "x"), {{}, 1002}},  // a reserved bit
        {make(0x83, "x"), {{}, 1002}},  // an unknown opcode
        // The wrong side's: one that masks, or does not.
        {frame(from == From::Client ? From::Server : From::Client, 0x81, "x"), {{}, 1002}},
        {make(0x09, "x"), {{}, 1002}},                    // a control frame in fragments
        {make(0x89, std::string(126, 'x')), {{}, 1002}},  // a long one
        {make(0x80, "x"), {{}, 1002}},                    // an end without a beginning
        {make(0x01, "x") + make(0x81, "y"), {{}, 1002}},  // a beginning inside
        {with_mask_bit(from, "\x81\xfe\0\x05\0\0\0\0hello"s),
         {{}, 1002}},  // a length in too many bytes
        {with_mask_bit(from, "\x81\xff\0\0\0\0\0\0\0\x05\0\0\0\0hello"s), {{}, 1002}},
        {with_mask_bit(from, "\x82\xff\xff\0\0\0\0\0\0\0\0\0\0\0"s),
         {{}, 1002}},                          // a negative length
        {make(0x88, "\x03"), {{}, 1002}},      // half a code
        {make(0x88, "\x03\xed"), {{}, 1002}},  // 1005 is never sent
        {make(0x88, "\x03\xe8\xff"), {{}, 1007}},
        {make(0x81, "\xc3("), {{}, 1007}},
        {make(0x01, "a\xc3") + make(0x80, ""), {{}, 1007}},
        {with_mask_bit(from, "\x82\xff\0\0\0\0\x01\0\0\x01\0\0\0\0"s),
         {{}, 1009}},  // a byte more than is taken
        {make(0x81, "first") + make(0xf1, ""), {{{Kind::Text, "first"}}, 1002}},
    };
}

TEST_CASE("web_socket: frames are taken or refused as RFC 6455 says", "[net]") {
    const From from = GENERATE(From::Client, From::Server);
    for (const auto& [bytes, expected] : samples(from)) {
        INFO(bytes.substr(0, 40));
        CHECK(read(from, bytes) == expected);
    }
}

TEST_CASE("web_socket: splitting at any byte changes nothing", "[net]") {
    const From from = GENERATE(From::Client, From::Server);
    for (const auto& [bytes, expected] : samples(from)) {
        INFO(bytes.substr(0, 40));
        // Of the long ones the heads and the ends are what matters.
        for (std::size_t at = 1; at<bytes.size(); at += at> 300 ? 997 : 1) {
            CHECK(read_in_pieces(from, bytes, at, bytes.size()) == expected);
        }
        if (bytes.size() < 1000) {
            CHECK(read_in_pieces(from, bytes, 1, 1) == expected);
        }
    }
}

TEST_CASE("web_socket: fragments together have a limit", "[net]") {
    WebSocketReader reader(From::Client);
    const std::string half(WebSocketReader::kMaxMessage / 2, 'x');
    reader.feed(frame(From::Client, 0x02, half) + frame(From::Client, 0x00, half));
    CHECK_FALSE(reader.next());
    CHECK(reader.error() == 0);
    reader.feed(frame(From::Client, 0x80, "x"));
    CHECK_FALSE(reader.next());
    CHECK(reader.error() == 1009);
}

TEST_CASE("web_socket: a limit of one's own holds for whole messages", "[net]") {
    WebSocketReader reader(From::Server, 10);
    reader.feed(frame(From::Server, 0x82, "0123456789"));
    REQUIRE(reader.next() != nullptr);
    reader.feed(frame(From::Server, 0x89, "a longer ping than the limit"));
    REQUIRE(reader.next() != nullptr);
    reader.feed(frame(From::Server, 0x02, "012345") + frame(From::Server, 0x80, "67890"));
    CHECK(reader.next() == nullptr);
    CHECK(reader.error() == 1009);
}

}  // namespace
}  // namespace boom::net
