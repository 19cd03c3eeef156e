#include "script/native_build.hpp"

#include "base/text.hpp"
#include "script/child.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace boom::script {
namespace {

namespace fs = std::filesystem;

constexpr int kDeadlineSeconds = 120;
constexpr std::size_t kShownBytes = 2000;

// Goes with everything in it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "boom-debugtalk-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) {
            path_ = name;
        }
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path_.empty()) {
            fs::remove_all(path_, ignored);
        }
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string from_environment(const char* name, const char* otherwise) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): at the start only
    return value != nullptr && *value != '\0' ? value : otherwise;
}

}  // namespace

std::optional<std::string> build_library(const std::string& path, std::string& error) {
    const TemporaryFolder folder;
    if (folder.path().empty()) {
        error = "no temporary folder to build in";
        return std::nullopt;
    }
    std::error_code failed;
    fs::create_directory(folder.path() / "boom", failed);
    std::ofstream(folder.path() / "boom" / "debugtalk.h") << kNativeHeader;
    const fs::path result = folder.path() / "debugtalk.so";
    std::vector<std::string> command{from_environment("CXX", "c++"), "-std=c++20", "-O2", "-shared",
                                     "-fPIC"};
    for (const std::string_view flag : base::split_text(from_environment("CXXFLAGS", ""), ' ')) {
        if (!flag.empty()) {
            command.emplace_back(flag);
        }
    }
    for (const std::string& more :
         {std::string("-I"), folder.path().string(), std::string("-o"), result.string(), path}) {
        command.push_back(more);
    }
    const ChildEnd end = run_program(command, kDeadlineSeconds);
    if (end.is_late) {
        error = fmt::format("is not built after {} s", kDeadlineSeconds);
        return std::nullopt;
    }
    if (end.signal != 0 || end.code != 0) {
        error = end.code == 127 ? fmt::format("{} {} (it builds debugtalk.cpp)", command.front(),
                                              base::trim(end.output))
                                : fmt::format("{} says:\n{}", command.front(),
                                              base::shorten(end.output, kShownBytes));
        return std::nullopt;
    }
    std::ifstream file(result, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace boom::script
