// The strict parser and the reader of responses (simdjson) agree on what is JSON and what it means;
// JSON that was written is read back equal.

#include "base/assert.hpp"
#include "expr/response.hpp"
#include "expr/value.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace boom::expr;
    // The one place where bytes become characters.
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    static const Query body =
        std::get<Query>(Query::compile("body", [](std::string_view) { return -1; }));
    static ResponseReader reader;
    static CallContext context;
    ResponseView view;
    view.body = text;
    reader.reset(view);
    const auto read = reader.search(body, {}, context);
    BOOM_ASSERT(read.has_value());
    const auto parsed = parse_json(text);
    BOOM_ASSERT(*read == parsed.value_or(Value(text)));
    if (parsed) {
        BOOM_ASSERT(read->json() == parsed->json());
        const auto again = parse_json(parsed->json());
        BOOM_ASSERT(again.has_value());
        BOOM_ASSERT(*again == *parsed);
    }
    return 0;
}
