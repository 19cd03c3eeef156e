// A log_format and a line, split at the first line feed; and the line in nginx's own format.
#include "base/assert.hpp"
#include "report/access_log.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

void check(const boom::report::AccessFormat& format, std::string_view text) {
    const auto line = format.read(text);
    if (line) {
        BOOM_ASSERT(!line->path.empty());
        BOOM_ASSERT(line->status >= 100);
        BOOM_ASSERT(line->bytes >= 0);
        BOOM_ASSERT(line->time_us.value_or(0) >= 0);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using boom::report::AccessFormat;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = std::min(text.find('\n'), size);
    const std::string_view line = std::string_view(text).substr(std::min(middle + 1, size));
    static const AccessFormat combined = AccessFormat::combined();
    check(combined, line);
    const auto format = AccessFormat::compile(std::string_view(text).substr(0, middle));
    if (const auto* compiled = std::get_if<AccessFormat>(&format)) {
        check(*compiled, line);
    }
    return 0;
}
