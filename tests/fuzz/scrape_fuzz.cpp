// What an exporter answers, as it comes: two scrapes, split at the first zero byte.
#include "base/assert.hpp"
#include "report/monitor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace boom::report;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = std::min(text.find('\0'), size);
    const Scrape before = read_scrape(std::string_view(text).substr(0, middle), 0);
    const Scrape now = read_scrape(std::string_view(text).substr(std::min(middle + 1, size)), 1);
    for (const auto& figures :
         {machine_figures(before, now), named_figures({"a", "b_total"}, before, now)}) {
        for (const Figure& figure : figures) {
            BOOM_ASSERT(std::isfinite(figure.value));
            BOOM_ASSERT(!figure.name.empty());
        }
    }
    return 0;
}
