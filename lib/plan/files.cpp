#include "plan/files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

namespace boom::plan {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

// What is wrong, or empty.
std::string read_all(const std::string& path, std::optional<std::size_t> max_bytes,
                     base::ContentWriter& content) {
    const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rbe"));
    if (file == nullptr) {
        return std::generic_category().message(errno);
    }
    std::error_code unknown;  // of a pipe
    const std::uintmax_t size = std::filesystem::file_size(path, unknown);
    if (!unknown && size <= max_bytes.value_or(size) && !content.expect(size)) {
        return content.problem();
    }
    std::string piece(kPieceBytes, '\0');
    std::size_t total = 0;
    while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), file.get())) {
        total += count;
        if (max_bytes && total > *max_bytes) {
            return fmt::format("larger than {} MiB", *max_bytes >> 20U);
        }
        if (!content.append({piece.data(), count})) {
            return content.problem();
        }
    }
    return std::ferror(file.get()) != 0 ? std::generic_category().message(errno) : std::string();
}

}  // namespace

std::optional<base::Content> read_data(const std::string& path,
                                       std::vector<base::Mistake>& mistakes,
                                       std::optional<std::size_t> max_bytes) {
    base::ContentWriter writer;
    std::string problem = read_all(path, max_bytes, writer);
    std::optional<base::Content> content = problem.empty() ? writer.finish() : std::nullopt;
    if (!content) {
        problem = problem.empty() ? writer.problem() : problem;
        mistakes.push_back({{}, fmt::format("cannot read {}: {}", path, problem), {}});
    }
    return content;
}

std::optional<std::string> read_file(const std::string& path,
                                     std::vector<base::Mistake>& mistakes) {
    const std::optional<base::Content> content = read_data(path, mistakes, kMaxCaseBytes);
    if (!content) {
        return std::nullopt;
    }
    std::string_view text = content->view();
    text.remove_prefix(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
    return std::string(text);
}

}  // namespace boom::plan
