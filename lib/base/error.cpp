#include "base/error.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::base {

std::string Location::text() const {
    if (line <= 0) {
        return file;
    }
    return column <= 0 ? fmt::format("{}:{}", file, line)
                       : fmt::format("{}:{}:{}", file, line, column);
}

std::string Mistake::text() const {
    const std::string place = where.text();
    std::string result = place.empty() ? what : fmt::format("{}: {}", place, what);
    if (!hint.empty()) {
        result += fmt::format(" ({})", hint);
    }
    return result;
}

ConfigError::ConfigError(std::vector<Mistake> mistakes) : mistakes_(std::move(mistakes)) {
    BOOM_ASSERT(!mistakes_.empty());
    for (const Mistake& mistake : mistakes_) {
        text_ += (text_.empty() ? "" : "\n") + mistake.text();
    }
}

ConfigError::ConfigError(Mistake mistake) : ConfigError(std::vector<Mistake>{std::move(mistake)}) {}

}  // namespace boom::base
