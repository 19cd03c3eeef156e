#pragma once
// Which file a name in a case means. Private to this module.

#include "base/content.hpp"
#include "base/error.hpp"
#include "plan/bundle.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::plan {

// What was found for a name: a file of the bundle, or the places that were looked at in vain.
struct FoundFile {
    std::string path;     // empty: not found
    std::string problem;  // then
};

// A name is looked up in the folder of the file that names it, then in the project's root (the
// nearest folder above with debugtalk.*, .env or proj.json), then in the working directory. Done
// once, where the bundle is loaded: what was found travels in the bundle. One thread.
class CaseFiles {
public:
    // Only looks at what the bundle holds.
    explicit CaseFiles(const Bundle& bundle);
    // Reads what is missing from the disk and adds it.
    CaseFiles(Bundle& growing, ScriptTools* tools);

    [[nodiscard]] const FoundFile& find(const std::string& from, const std::string& name);
    // Only in the project's root.
    [[nodiscard]] const FoundFile& find_in_root(const std::string& from, const std::string& name);
    // The debugtalk.so of the project's root, built from debugtalk.cpp where that is newer. The
    // names of its functions are in the file of that path with kFunctions behind it.
    [[nodiscard]] const FoundFile& find_library(const std::string& from);
    static constexpr std::string_view kFunctions = ".functions";

    // Rows of parameters that functions of the user gave: made once, shipped to all.
    [[nodiscard]] const BundleFile* rows(const std::string& from, const std::string& key) const;
    void add_rows(const std::string& from, const std::string& key, std::string json);
    // Null: this is no loading of a bundle.
    [[nodiscard]] ScriptTools* tools() const { return tools_; }
    // What went wrong in code of the user, while the bundle grows.
    void fail(base::Mistake mistake) { failures_.push_back(std::move(mistake)); }
    [[nodiscard]] std::vector<base::Mistake> take_failures() { return std::move(failures_); }

    // Of a file that was found, shared with the bundle.
    [[nodiscard]] base::Content content(const std::string& path) const;

private:
    enum class Where { Everywhere, Root };
    const FoundFile& find(const std::string& from, const std::string& name, Where where);
    FoundFile look_for_library(const std::string& from);
    FoundFile look(const std::string& from, const std::string& name, Where where);
    void note(const std::string& from, const std::string& name, const FoundFile& found);

    const Bundle& bundle_;
    Bundle* growing_ = nullptr;
    ScriptTools* tools_ = nullptr;
    std::vector<base::Mistake> failures_;
    std::map<std::pair<std::string, std::string>, FoundFile> known_;
};

// Everything that the cases of a bundle refer to. Mistakes in them are left for compile().
void add_referenced_files(Bundle& bundle, const load::Profile& profile, ScriptTools* tools);

}  // namespace boom::plan
