// Any text compiles to a JMESPath or is refused with a place inside of it; any path can be searched
// in any document. The text up to the first line end is the path, the rest the document.

#include "base/assert.hpp"
#include "expr/jmespath.hpp"
#include "expr/value.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace boom::expr;
    // The one place where bytes become characters.
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const std::size_t line_end = text.find('\n');
    const std::string_view query = text.substr(0, line_end);
    const auto path = JmesPath::compile(query);
    if (const auto* error = std::get_if<CompileError>(&path)) {
        BOOM_ASSERT(!error->what.empty());
        BOOM_ASSERT(error->offset <= query.size());
        return 0;
    }
    const auto document =
        line_end == std::string_view::npos ? std::nullopt : parse_json(text.substr(line_end + 1));
    const auto found = std::get<JmesPath>(path).search(document.value_or(Value()));
    if (const auto* error = std::get_if<JmesPath::Error>(&found)) {
        BOOM_ASSERT(error->what.starts_with("invalid-type: "));
    }
    return 0;
}
