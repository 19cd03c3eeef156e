// The target's reader of uploads: what it takes fits into what came.
#include "base/assert.hpp"
#include "target/multipart.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto parts = boom::target::parse_multipart("multipart/form-data; boundary=xyz", body);
    std::size_t sum = 0;
    for (const auto& part : parts.value_or(std::vector<boom::target::FormPart>{})) {
        sum += part.content.size() + part.name.size();
    }
    BOOM_ASSERT(sum <= size);
    // The type itself comes from the peer too.
    static_cast<void>(boom::target::parse_multipart(body, "--xyz--"));
    return 0;
}
