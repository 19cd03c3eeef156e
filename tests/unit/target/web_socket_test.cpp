#include "target/web_socket.hpp"

#include "target/utf8.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace boom::target {
namespace {

using namespace std::string_literals;
using Kind = WebSocketMessage::Kind;

struct Outcome {
    std::vector<WebSocketMessage> messages;
    int error = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome read_in_pieces(const std::string& bytes, std::size_t first, std::size_t step) {
    WebSocketReader reader;
    Outcome outcome;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = at == 0 ? first : step;
        reader.feed(std::string_view(bytes).substr(at, size));
        while (auto message = reader.next()) {
            outcome.messages.push_back(std::move(*message));
        }
        at += size;
    }
    outcome.error = reader.error();
    return outcome;
}

Outcome read(const std::string& bytes) {
    return read_in_pieces(bytes, bytes.size(), bytes.size());
}

// A frame of a client. `first` is the first byte: FIN and opcode.
std::string frame(unsigned first, std::string payload) {
    const std::string mask = "\x37\xfa\x21\x3d";
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() < 65536) {
        out += "\xfe"s + static_cast<char>(payload.size() >> 8) +
               static_cast<char>(payload.size() & 0xff);
    } else {
        out += "\xff\0\0\0\0"s;
        for (int shift = 24; shift >= 0; shift -= 8) {
            out += static_cast<char>((payload.size() >> shift) & 0xff);
        }
    }
    for (std::size_t i = 0; i < payload.size(); ++i) {
        payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    }
    return out + mask + payload;
}

TEST_CASE("web_socket: the examples of RFC 6455 are read and written", "[target]") {
    CHECK(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(web_socket_accept("c2hvcnQ=").empty());
    CHECK(web_socket_accept("no base64!").empty());
    CHECK(read("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") ==
          Outcome{{{Kind::Text, "Hello"}}, 0});
    CHECK(web_socket_frame({Kind::Text, "Hello"}) == "\x81\x05Hello");
    CHECK(web_socket_frame({Kind::Ping, "Hello"}) == "\x89\x05Hello");
    CHECK(web_socket_frame({Kind::Binary, std::string(256, 'x')}).substr(0, 4) ==
          "\x82\x7e\x01\0"s);
    CHECK(web_socket_frame({Kind::Binary, std::string(65536, 'x')}).substr(0, 10) ==
          "\x82\x7f\0\0\0\0\0\x01\0\0"s);
    CHECK(close_payload(1002, "x") == "\x03\xeax");
}

std::vector<std::pair<std::string, Outcome>> samples() {
    const std::string long_text(70'000, 'y');
    return {
        {frame(0x81, ""), {{{Kind::Text, ""}}, 0}},
        {frame(0x82, "\xff\0"s), {{{Kind::Binary, "\xff\0"s}}, 0}},
        {frame(0x81, std::string(126, 'x')), {{{Kind::Text, std::string(126, 'x')}}, 0}},
        {frame(0x81, long_text), {{{Kind::Text, long_text}}, 0}},
        // Fragments, with a ping between them; a character is cut in two.
        {frame(0x01, "a\xc3") + frame(0x89, "p") + frame(0x00, "\xa4") + frame(0x80, "b"),
         {{{Kind::Ping, "p"},
           {Kind::Text,
            "a\xc3\xa4"
            "b"}},
          0}},
        {frame(0x88, ""), {{{Kind::Close, ""}}, 0}},
        {frame(0x88,
               "\x03\xe8"
               "bye"),
         {{{Kind::Close,
            "\x03\xe8"
            "bye"}},
          0}},
        {frame(0x8a, "pong"), {{{Kind::Pong, "pong"}}, 0}},
        // What the protocol forbids.
        {frame(0xc1, "x"), {{}, 1002}},                     // a reserved bit
        {frame(0x83, "x"), {{}, 1002}},                     // an unknown opcode
        {"\x81\x01x", {{}, 1002}},                          // no mask
        {frame(0x09, "x"), {{}, 1002}},                     // a control frame in fragments
        {frame(0x89, std::string(126, 'x')), {{}, 1002}},   // a long one
        {frame(0x80, "x"), {{}, 1002}},                     // an end without a beginning
        {frame(0x01, "x") + frame(0x81, "y"), {{}, 1002}},  // a beginning inside
        {"\x81\xfe\0\x05\0\0\0\0hello"s, {{}, 1002}},       // a length in too many bytes
        {"\x81\xff\0\0\0\0\0\0\0\x05\0\0\0\0hello"s, {{}, 1002}},
        {"\x82\xff\xff\0\0\0\0\0\0\0\0\0\0\0"s, {{}, 1002}},  // a negative length
        {frame(0x88, "\x03"), {{}, 1002}},                    // half a code
        {frame(0x88, "\x03\xed"), {{}, 1002}},                // 1005 is never sent
        {frame(0x88, "\x03\xe8\xff"), {{}, 1007}},
        {frame(0x81, "\xc3("), {{}, 1007}},
        {frame(0x01, "a\xc3") + frame(0x80, ""), {{}, 1007}},
        {"\x82\xff\0\0\0\0\x01\0\0\x01\0\0\0\0"s, {{}, 1009}},  // a byte more than is taken
        {frame(0x81, "first") + frame(0xf1, ""), {{{Kind::Text, "first"}}, 1002}},
    };
}

TEST_CASE("web_socket: frames are taken or refused as RFC 6455 says", "[target]") {
    for (const auto& [bytes, expected] : samples()) {
        INFO(bytes.substr(0, 40));
        CHECK(read(bytes) == expected);
    }
}

TEST_CASE("web_socket: splitting at any byte changes nothing", "[target]") {
    for (const auto& [bytes, expected] : samples()) {
        INFO(bytes.substr(0, 40));
        // Of the long ones the heads and the ends are what matters.
        for (std::size_t at = 1; at<bytes.size(); at += at> 300 ? 997 : 1) {
            CHECK(read_in_pieces(bytes, at, bytes.size()) == expected);
        }
        if (bytes.size() < 1000) {
            CHECK(read_in_pieces(bytes, 1, 1) == expected);
        }
    }
}

TEST_CASE("web_socket: fragments together have a limit", "[target]") {
    WebSocketReader reader;
    const std::string half(WebSocketReader::kMaxMessage / 2, 'x');
    reader.feed(frame(0x02, half) + frame(0x00, half));
    CHECK_FALSE(reader.next());
    CHECK(reader.error() == 0);
    reader.feed(frame(0x80, "x"));
    CHECK_FALSE(reader.next());
    CHECK(reader.error() == 1009);
}

TEST_CASE("utf8: well-formed text is told from other bytes", "[target]") {
    for (const std::string& text :
         {""s, "a\0b"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s,
          "\xef\xbf\xbf"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s}) {
        CHECK(is_utf8(text));
    }
    for (const std::string& text :
         {"\x80"s, "\xbf"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc2"s, "\xc2\x20"s, "\xe0\x9f\xbf"s,
          "\xe1\x80"s, "\xed\xa0\x80"s, "\xf0\x8f\xbf\xbf"s, "\xf1\x80\x80"s, "\xf4\x90\x80\x80"s,
          "\xf5\x80\x80\x80"s, "\xff"s}) {
        CHECK_FALSE(is_utf8(text));
        CHECK_FALSE(is_utf8("a" + text + "b"));
    }
}

}  // namespace
}  // namespace boom::target
