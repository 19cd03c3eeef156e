#include "plan/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace boom::plan {
namespace {

struct Closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::vector<base::Mistake>& mistakes,
                                     std::size_t max_bytes) {
    const auto fail = [&path, &mistakes](const std::string& why) {
        mistakes.push_back({{}, fmt::format("cannot read {}: {}", path, why), {}});
        return std::nullopt;
    };
    const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rbe"));
    if (file == nullptr) {
        return fail(std::generic_category().message(errno));
    }
    std::string content;
    std::error_code unknown;  // of a pipe
    const std::uintmax_t size = std::filesystem::file_size(path, unknown);
    content.reserve(unknown ? 0
                            : static_cast<std::size_t>(std::min<std::uintmax_t>(size, max_bytes)));
    char buffer[1U << 14U];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file.get())) {
        content.append(buffer, count);
        if (content.size() > max_bytes) {
            return fail(fmt::format("larger than {} MiB", max_bytes >> 20U));
        }
    }
    if (std::ferror(file.get()) != 0) {
        return fail(std::generic_category().message(errno));
    }
    // A case may start with one; data is shipped as it is.
    if (max_bytes == kMaxCaseBytes && content.starts_with("\xEF\xBB\xBF")) {
        content.erase(0, 3);
    }
    return content;
}

}  // namespace boom::plan
