#include "plan/case_files.hpp"

#include "base/text.hpp"
#include "expr/function.hpp"
#include "plan/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace boom::plan {
namespace {

namespace fs = std::filesystem;

// A file of the bundle that is none on the disk: lines "from<tab>name<tab>path<tab>problem".
constexpr std::string_view kReferences = "(references)";

fs::path folder_of(const std::string& file) {
    return fs::path(file).parent_path();
}

bool marks_root(const fs::path& folder) {
    constexpr std::array<std::string_view, 5> kMarks = {"debugtalk.py", "debugtalk.so",
                                                        "debugtalk.cpp", ".env", "proj.json"};
    std::error_code ignored;
    return std::any_of(kMarks.begin(), kMarks.end(), [&folder, &ignored](std::string_view mark) {
        return fs::is_regular_file(folder / mark, ignored);
    });
}

// As relative as the path of the file, so that messages look like what the user typed.
std::optional<fs::path> root_of(const std::string& file) {
    std::error_code ignored;
    const fs::path start = fs::absolute(folder_of(file), ignored).lexically_normal();
    fs::path folder = start;
    while (true) {
        if (marks_root(folder)) {
            return fs::path(folder_of(file) / folder.lexically_relative(start)).lexically_normal();
        }
        if (!folder.has_relative_path()) {
            return std::nullopt;
        }
        folder = folder.parent_path();
    }
}

}  // namespace

CaseFiles::CaseFiles(const Bundle& bundle) : bundle_(bundle) {
    const BundleFile* references = bundle.find(kReferences);
    if (references == nullptr) {
        return;
    }
    for (const std::string_view line : base::split_text(references->content(), '\n')) {
        const std::vector<std::string_view> parts = base::split_text(line, '\t');
        if (parts.size() == 4) {
            known_[{std::string(parts[0]), std::string(parts[1])}] = {std::string(parts[2]),
                                                                      std::string(parts[3])};
        }
    }
}

CaseFiles::CaseFiles(Bundle& growing, ScriptTools* tools)
    : bundle_(growing), growing_(&growing), tools_(tools) {}

const FoundFile& CaseFiles::find(const std::string& from, const std::string& name) {
    return find(from, name, Where::Everywhere);
}

const FoundFile& CaseFiles::find_in_root(const std::string& from, const std::string& name) {
    return find(from, name, Where::Root);
}

const FoundFile& CaseFiles::find(const std::string& from, const std::string& name, Where where) {
    const auto key = std::pair(from, name);
    if (const auto found = known_.find(key); found != known_.end()) {
        return found->second;
    }
    FoundFile found{{}, "is not in the bundle"};
    if (growing_ != nullptr) {
        found = look(from, name, where);
        note(from, name, found);
    }
    return known_.emplace(key, std::move(found)).first->second;
}

FoundFile CaseFiles::look(const std::string& from, const std::string& name, Where where) {
    if (name.find_first_of("\t\n") != std::string::npos || name.empty()) {
        return {{}, "cannot be the name of a file"};
    }
    std::vector<fs::path> places;
    const std::optional<fs::path> root = root_of(from);
    if (where == Where::Everywhere) {
        places.push_back((folder_of(from) / name).lexically_normal());
    }
    if (root) {
        places.push_back((*root / name).lexically_normal());
    }
    if (where == Where::Everywhere) {
        places.push_back(fs::path(name).lexically_normal());
    }
    // Rows of a table may be more than a memory holds; programs and texts are not.
    const std::optional<std::size_t> max_bytes =
        where == Where::Root ? std::optional(expr::kMaxWholeBytes) : std::nullopt;
    std::string tried;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::string path = places[i].string();
        if (std::find(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(i), places[i]) !=
            places.begin() + static_cast<std::ptrdiff_t>(i)) {
            continue;
        }
        std::error_code ignored;
        if (bundle_.find(path) != nullptr) {
            return {path, {}};
        }
        if (fs::is_regular_file(path, ignored)) {
            std::vector<base::Mistake> mistakes;
            std::optional<base::Content> content = read_data(path, mistakes, max_bytes);
            if (!content) {
                return {{}, mistakes.front().what};
            }
            growing_->files.push_back({path, std::move(*content)});
            return {path, {}};
        }
        tried += (tried.empty() ? "" : ", ") + path;
    }
    return {{}, "is not there; looked for " + tried};
}

const FoundFile& CaseFiles::find_library(const std::string& from) {
    const std::string name = "debugtalk.so";
    const auto key = std::pair(from, name);
    if (const auto found = known_.find(key); found != known_.end()) {
        return found->second;
    }
    FoundFile found;
    if (growing_ != nullptr) {
        found = look_for_library(from);
        note(from, name, found);
    }
    return known_.emplace(key, std::move(found)).first->second;
}

FoundFile CaseFiles::look_for_library(const std::string& from) {
    const std::optional<fs::path> root = root_of(from);
    if (!root) {
        return {};
    }
    const fs::path library = (*root / "debugtalk.so").lexically_normal();
    const fs::path source = (*root / "debugtalk.cpp").lexically_normal();
    if (bundle_.find(library.string()) != nullptr) {
        return {library.string(), {}};
    }
    std::error_code failed;
    const bool has_source = fs::is_regular_file(source, failed);
    const bool has_library = fs::is_regular_file(library, failed);
    if (tools_ == nullptr || (!has_source && !has_library)) {
        return {};
    }
    const bool is_built = has_source && (!has_library || fs::last_write_time(source, failed) >
                                                             fs::last_write_time(library, failed));
    std::string problem;
    std::optional<std::string> content;  // of the library
    if (is_built) {
        content = tools_->build(source.string(), problem);
    } else {
        std::vector<base::Mistake> mistakes;
        if (const auto read = read_data(library.string(), mistakes, expr::kMaxWholeBytes)) {
            content = std::string(read->view());
        }
        problem = mistakes.empty() ? std::string() : mistakes.front().what;
    }
    std::optional<std::string> functions =
        content ? tools_->describe(*content, problem) : std::nullopt;
    if (!functions) {
        fail({{(is_built ? source : library).string(), 0, 0},
              problem,
              {},
              base::ExitCode::FunctionFailed});
        return {};
    }
    growing_->files.push_back({library.string(), std::move(*content)});
    growing_->files.push_back({library.string() + std::string(kFunctions), std::move(*functions)});
    return {library.string(), {}};
}

const BundleFile* CaseFiles::rows(const std::string& from, const std::string& key) const {
    return bundle_.find(fmt::format("(rows)\t{}\t{}", from, key));
}

void CaseFiles::add_rows(const std::string& from, const std::string& key, std::string json) {
    if (growing_ != nullptr && rows(from, key) == nullptr) {
        growing_->files.push_back({fmt::format("(rows)\t{}\t{}", from, key), std::move(json)});
    }
}

void CaseFiles::note(const std::string& from, const std::string& name, const FoundFile& found) {
    auto& files = growing_->files;
    const std::string line = fmt::format("{}\t{}\t{}\t{}\n", from, name, found.path, found.problem);
    const auto references = std::find_if(files.begin(), files.end(), [](const BundleFile& file) {
        return file.path == kReferences;
    });
    if (references == files.end()) {
        files.emplace_back(std::string(kReferences), line);
    } else {
        *references =
            BundleFile(std::string(kReferences), std::string(references->content()) + line);
    }
}

base::Content CaseFiles::content(const std::string& path) const {
    const BundleFile* file = bundle_.find(path);
    return file != nullptr ? file->shared_content() : base::Content();
}

}  // namespace boom::plan
