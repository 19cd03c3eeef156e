#pragma once
// Which file a name in a case means. Private to this module.

#include "base/error.hpp"
#include "plan/bundle.hpp"

#include <filesystem>
#include <map>
#include <memory>
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
    explicit CaseFiles(Bundle& growing);

    [[nodiscard]] const FoundFile& find(const std::string& from, const std::string& name);
    // Only in the project's root.
    [[nodiscard]] const FoundFile& find_in_root(const std::string& from, const std::string& name);
    // Of a file that was found. The same pointer for the same file.
    [[nodiscard]] std::shared_ptr<const std::string> content(const std::string& path);

private:
    enum class Where { Everywhere, Root };
    const FoundFile& find(const std::string& from, const std::string& name, Where where);
    FoundFile look(const std::string& from, const std::string& name, Where where);
    void note(const std::string& from, const std::string& name, const FoundFile& found);

    const Bundle& bundle_;
    Bundle* growing_ = nullptr;
    std::map<std::pair<std::string, std::string>, FoundFile> known_;
    std::map<std::string, std::shared_ptr<const std::string>> contents_;
};

// Everything that the cases of a bundle refer to. Mistakes in them are left for compile().
void add_referenced_files(Bundle& bundle, const load::Profile& profile);

}  // namespace boom::plan
