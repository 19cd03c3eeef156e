#include "web/case_files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace boom::web {
namespace {

namespace fs = std::filesystem;

bool has_case_extension(const fs::path& path) {
    const std::string extension = path.extension().string();
    return extension == ".yml" || extension == ".yaml" || extension == ".json";
}

std::optional<std::string> read_text(const fs::path& path) {
    std::error_code failure;
    const std::uintmax_t size = fs::file_size(path, failure);
    if (failure || size > kMaxCaseBytes) {
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    return file.bad() || text.find("teststeps") == std::string::npos
               ? std::nullopt
               : std::optional(std::move(text));
}

// `path` with every link followed is a regular file below `root`, which has none.
bool is_inside(const fs::path& root, const fs::path& path) {
    std::error_code failure;
    const fs::path real = fs::canonical(path, failure);
    if (failure || !fs::is_regular_file(real, failure)) {
        return false;
    }
    const auto [end, unused] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
    return end == root.end();
}

bool is_hidden(const fs::path& name) {
    return name.string().rfind('.', 0) == 0;
}

}  // namespace

std::vector<CaseFile> list_cases(const fs::path& folder) {
    std::vector<CaseFile> cases;
    std::error_code failure;
    const fs::path root = fs::canonical(folder, failure);
    if (failure) {
        return cases;
    }
    const auto options = fs::directory_options::skip_permission_denied;
    std::size_t visited = 0;
    for (fs::recursive_directory_iterator it(root, options, failure), end;
         !failure && it != end && ++visited <= kMaxVisitedFiles; it.increment(failure)) {
        const fs::path& path = it->path();
        std::error_code ignored;
        if (it->is_directory(ignored)) {
            if (is_hidden(path.filename()) || it.depth() >= kMaxCaseDepth) {
                it.disable_recursion_pending();
            }
        } else if (has_case_extension(path) && is_inside(root, path)) {
            if (const auto text = read_text(path)) {
                cases.push_back({path.lexically_relative(root).generic_string(),
                                 static_cast<std::int64_t>(text->size())});
            }
        }
    }
    std::sort(cases.begin(), cases.end(),
              [](const CaseFile& a, const CaseFile& b) { return a.path < b.path; });
    cases.resize(std::min(cases.size(), kMaxCaseFiles));
    return cases;
}

std::optional<std::string> read_case(const fs::path& folder, std::string_view path) {
    std::error_code failure;
    const fs::path root = fs::canonical(folder, failure);
    const fs::path relative(path);
    const bool is_odd = path.empty() || relative.is_absolute() ||
                        std::any_of(relative.begin(), relative.end(), is_hidden);
    if (failure || is_odd || !has_case_extension(relative) || !is_inside(root, root / relative)) {
        return std::nullopt;
    }
    return read_text(root / relative);
}

}  // namespace boom::web
