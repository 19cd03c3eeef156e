// The target's request parser: never more than its limits, and the same requests however the bytes
// are split. The first byte of the input chooses the size of the pieces.
#include "base/assert.hpp"
#include "target/request_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using boom::target::Request;
using boom::target::RequestParser;

void describe(const Request& request, std::string& text) {
    BOOM_ASSERT(!request.method.empty());
    BOOM_ASSERT(!request.path.empty());
    BOOM_ASSERT(request.body.size() <= RequestParser::kMaxBody);
    BOOM_ASSERT(request.headers.size() <= RequestParser::kMaxFields);
    text += request.method + ' ' + request.path + '?' + request.query + '\n';
    for (const auto& [name, value] : request.headers) {
        BOOM_ASSERT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
        text += name + ':' + value + '\n';
    }
    for (const auto& [name, value] : request.trailers) {
        text += name + ';' + value + '\n';
    }
    text += request.body + (request.keeps_alive ? "\n+" : "\n-");
}

std::string parse(std::string_view bytes, std::size_t step) {
    RequestParser parser;
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        parser.feed(bytes.substr(at, step));
        while (const auto request = parser.next()) {
            describe(*request, text);
        }
        static_cast<void>(parser.take_continue());
    }
    return text + std::to_string(parser.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::string bytes(data + 1, data + size);
    BOOM_ASSERT(parse(bytes, bytes.size()) == parse(bytes, std::size_t{data[0]} % 64 + 1));
    return 0;
}
