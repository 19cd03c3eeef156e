#pragma once
// What is shipped to workers: the texts, not the compiled plan. Both ends compile it.

#include "base/content.hpp"
#include "expr/value.hpp"
#include "load/profile.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::expr {
class UserCalls;
}

namespace boom::plan {

// A file by the name that the case uses for it. Its content, as on the disk of the master, is read
// once and never changes; copies share it, and what is compiled from them does. Any thread.
class BundleFile {
public:
    BundleFile(std::string its_path, base::Content content)
        : path(std::move(its_path)), content_(std::move(content)) {}
    BundleFile(std::string its_path, std::string content)
        : BundleFile(std::move(its_path), base::Content(std::move(content))) {}

    [[nodiscard]] std::string_view content() const { return content_.view(); }
    [[nodiscard]] const base::Content& shared_content() const { return content_; }
    [[nodiscard]] const std::string& sha256() const { return content_.sha256(); }
    bool operator==(const BundleFile& other) const {
        return path == other.path && sha256() == other.sha256();
    }

    std::string path;  // as given: for messages and for lookup from other files of the bundle

private:
    base::Content content_;
};

struct Bundle {
    std::vector<std::string> cases;  // paths of files below that are test cases, in order
    std::vector<BundleFile> files;

    [[nodiscard]] const BundleFile* find(std::string_view path) const;
    [[nodiscard]] std::uint64_t size() const;  // of all contents, in bytes
    // sha256 over names and contents, in hex: the identity of a bundle.
    [[nodiscard]] std::string hash() const;
};

// What the run_setup of the cases has given, as it travels in the bundle: an object with "values",
// in it an object of variables for the path of each case.
inline constexpr std::string_view kRunValuesFile = "(run setup)";
inline constexpr std::string_view kRunValuesKey = "values";
void set_run_values(Bundle& bundle, const expr::Value& document);
// Null pointer: it has none.
[[nodiscard]] const BundleFile* run_values(const Bundle& bundle);
// The bundle as it was loaded.
[[nodiscard]] Bundle without_run_values(Bundle bundle);

struct Script;

// What runs code of the user while a bundle is loaded; workers get what came out of it. All of it
// blocks.
class ScriptTools {
public:
    virtual ~ScriptTools() = default;
    // The shared object made of a debugtalk.cpp. Empty: `error` says why.
    virtual std::optional<std::string> build(const std::string& path, std::string& error) = 0;
    // The functions of a shared object, one "name<tab>fewest<tab>most arguments" a line.
    virtual std::optional<std::string> describe(const std::string& library, std::string& error) = 0;
    // For `parameters`. Null: nothing is to be called, the case is only checked.
    virtual expr::UserCalls* calls(const Script& script) = 0;
};

// Reads cases (files or folders of .yml/.yaml/.json, hidden sub-folders skipped) and everything
// that they refer to. Throws ConfigError with all mistakes.
[[nodiscard]] Bundle load_bundle(const std::vector<std::string>& paths,
                                 const load::Profile& profile = {}, ScriptTools* tools = nullptr);

// URL mode: one case with one step, made from the command line. `data` empty = no body.
struct UrlRequest {
    std::string url;
    std::string method;  // empty: GET, or POST with data
    std::string data;
};
[[nodiscard]] Bundle make_url_bundle(const std::vector<UrlRequest>& requests);

// A profile file (YAML or JSON): profile keys, and `cases:` (paths relative to the file).
struct ProfileFile {
    std::vector<load::Setting> settings;  // in the file's order, for load::apply
    std::vector<std::string> cases;
    std::vector<load::Setting> cluster;  // "expect-workers" and other options of the process
};
[[nodiscard]] ProfileFile load_profile_file(const std::string& path);

}  // namespace boom::plan
