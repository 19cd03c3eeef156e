#include "plan/bundle.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "expr/value.hpp"
#include "plan/case_files.hpp"
#include "plan/files.hpp"
#include "plan/yaml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace boom::plan {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCommandLine = "(command line)";

bool has_case_extension(const fs::path& path) {
    const std::string extension = base::to_lower(path.extension().string());
    return extension == ".yml" || extension == ".yaml" || extension == ".json";
}

// Files of a folder and its sub-folders, in order of their paths.
std::vector<std::string> files_of(const fs::path& folder, std::vector<base::Mistake>& mistakes) {
    std::vector<std::string> found;
    std::error_code error;
    fs::recursive_directory_iterator it(folder, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
        const bool is_hidden = it->path().filename().string().starts_with('.');
        std::error_code ignored;
        if (is_hidden) {
            it.disable_recursion_pending();
        } else if (it->is_regular_file(ignored) && has_case_extension(it->path())) {
            found.push_back(it->path().string());
        }
    }
    if (error) {
        mistakes.push_back({{folder.string(), 0, 0},
                            fmt::format("cannot read {}: {}", folder.string(), error.message()),
                            {}});
    }
    std::sort(found.begin(), found.end());
    return found;
}

// A profile, an api or data beside the cases of its folder is no broken case.
bool is_something_else(const BundleFile& file) {
    const auto root = parse_yaml(file.content(), file.path);
    const auto* node = std::get_if<YamlNode>(&root);
    if (node == nullptr || node->find("teststeps") != nullptr) {
        return false;
    }
    return node->is_list() || node->find("cases") != nullptr || node->find("request") != nullptr ||
           node->find("$schema") != nullptr;
}

void add_case(BundleFile file, Bundle& bundle) {
    if (bundle.find(file.path) == nullptr) {
        bundle.cases.push_back(file.path);
        bundle.files.push_back(std::move(file));
    }
}

void add_folder(const std::string& path, Bundle& bundle, std::vector<base::Mistake>& mistakes) {
    const std::size_t before = mistakes.size();
    bool is_empty = true;
    for (const std::string& name : files_of(path, mistakes)) {
        std::optional<std::string> content = read_file(name, mistakes);
        BundleFile file{name, content.value_or("")};
        if (content && !is_something_else(file)) {
            is_empty = false;
            add_case(std::move(file), bundle);
        }
    }
    if (is_empty && mistakes.size() == before) {
        mistakes.push_back(
            {{path, 0, 0}, "no test case in this folder", "files end in .yml, .yaml or .json"});
    }
}

std::string json_text(std::string_view text) {
    return "\"" + base::escape_json(text) + "\"";
}

}  // namespace

const BundleFile* Bundle::find(std::string_view path) const {
    const auto found = std::find_if(files.begin(), files.end(),
                                    [path](const BundleFile& file) { return file.path == path; });
    return found != files.end() ? &*found : nullptr;
}

std::uint64_t Bundle::size() const {
    std::uint64_t bytes = 0;
    for (const BundleFile& file : files) {
        bytes += file.content().size();
    }
    return bytes;
}

std::string Bundle::hash() const {
    // Sizes before texts: no two bundles give the same bytes.
    std::string bytes;
    for (const std::string& path : cases) {
        bytes += fmt::format("case {}\n{}", path.size(), path);
    }
    for (const BundleFile& file : files) {
        bytes += fmt::format("file {} {}\n{}{}", file.path.size(), file.content().size(), file.path,
                             file.sha256());
    }
    return base::sha256_hex(bytes);
}

void set_run_values(Bundle& bundle, const expr::Value& document) {
    bundle = without_run_values(std::move(bundle));
    bundle.files.emplace_back(std::string(kRunValuesFile), document.json());
}

const BundleFile* run_values(const Bundle& bundle) {
    return bundle.find(kRunValuesFile);
}

Bundle without_run_values(Bundle bundle) {
    std::erase_if(bundle.files, [](const BundleFile& file) { return file.path == kRunValuesFile; });
    return bundle;
}

Bundle load_bundle(const std::vector<std::string>& paths, const load::Profile& profile,
                   ScriptTools* tools) {
    Bundle bundle;
    std::vector<base::Mistake> mistakes;
    for (const std::string& path : paths) {
        std::error_code error;
        if (fs::is_directory(path, error)) {
            add_folder(path, bundle, mistakes);
        } else if (fs::exists(path, error) && !has_case_extension(path)) {
            mistakes.push_back(
                {{path, 0, 0}, "is no test case", "files end in .yml, .yaml or .json"});
        } else if (std::optional<std::string> content = read_file(path, mistakes)) {
            add_case({path, std::move(*content)}, bundle);
        }
    }
    if (!mistakes.empty()) {
        throw base::ConfigError(std::move(mistakes));
    }
    add_referenced_files(bundle, profile, tools);
    return bundle;
}

Bundle make_url_bundle(const std::vector<UrlRequest>& requests) {
    std::string text = "config:\n  name: url\nteststeps:\n";
    for (const UrlRequest& request : requests) {
        const std::string method =
            !request.method.empty() ? request.method : (request.data.empty() ? "GET" : "POST");
        text += fmt::format("  - request:\n      method: {}\n      url: {}\n", json_text(method),
                            json_text(request.url));
        if (!request.data.empty()) {
            const auto json = expr::parse_json(request.data);
            const bool is_json = json && (json->kind() == expr::Value::Kind::Map ||
                                          json->kind() == expr::Value::Kind::List);
            text += fmt::format("      headers: {{Content-Type: {}}}\n      data: {}\n",
                                is_json ? "application/json" : "application/x-www-form-urlencoded",
                                json_text(request.data));
        }
    }
    return {{std::string(kCommandLine)}, {{std::string(kCommandLine), std::move(text)}}};
}

}  // namespace boom::plan
