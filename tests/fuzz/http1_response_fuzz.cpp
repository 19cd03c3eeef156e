// An answer is understood the same however it is cut, and never more than was sent is reported.
// The first byte chooses the method, the second one the size of the pieces.

#include "base/assert.hpp"
#include "net/http1_response.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using boom::net::Http1Fault;
using boom::net::Http1Response;
using boom::net::HttpResponse;

class Collector final : public boom::net::BodySink {
public:
    bool on_body(std::string_view bytes) noexcept override {
        text += bytes;
        return true;
    }
    std::string text;
};

struct Result {
    Http1Response::Progress progress = Http1Response::Progress::More;
    Http1Fault fault = Http1Fault::None;
    HttpResponse response;
    std::string body;
    std::size_t unused = 0;
};

Result run(std::string_view text, std::size_t piece, Http1Response::Method method) {
    Result result;
    Http1KnownHeads heads;
    Http1Response parser(heads);
    Collector sink;
    parser.begin(method, result.response, &sink);
    while (!text.empty() && result.progress == Http1Response::Progress::More) {
        const std::string_view now = text.substr(0, piece);
        result.progress = parser.feed(now);
        BOOM_ASSERT(parser.unused_bytes() <= now.size());
        text.remove_prefix(now.size() - parser.unused_bytes());
    }
    if (result.progress == Http1Response::Progress::More) {
        result.progress = parser.end();
    }
    result.fault = parser.fault();
    result.body = sink.text;
    result.unused = text.size();
    return result;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    // The one place where bytes become characters.
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data + 2)),
                                size - 2);
    const auto method =
        data[0] % 2 == 0 ? Http1Response::Method::Other : Http1Response::Method::Head;
    const Result whole = run(text, text.size() + 1, method);
    const Result cut = run(text, std::size_t{data[1]} + 1, method);
    BOOM_ASSERT(whole.progress == cut.progress);
    BOOM_ASSERT(whole.fault == cut.fault);
    if (whole.progress == Http1Response::Progress::Done) {
        BOOM_ASSERT(whole.body == cut.body);
        BOOM_ASSERT(whole.unused == cut.unused);
        BOOM_ASSERT(whole.response.status == cut.response.status);
        BOOM_ASSERT(whole.response.header_block == cut.response.header_block);
        BOOM_ASSERT(whole.response.headers.size() == cut.response.headers.size());
        BOOM_ASSERT(whole.response.bytes_received + static_cast<std::int64_t>(whole.unused) ==
                    static_cast<std::int64_t>(text.size()));
    }
    return 0;
}
