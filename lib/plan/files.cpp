#include "plan/files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
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
