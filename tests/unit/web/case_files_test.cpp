#include "web/case_files.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

namespace fs = std::filesystem;
using boom::web::list_cases;
using boom::web::read_case;

namespace {

// A folder with cases, and a secret beside it; removed afterwards.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "boom-cases-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        top_ = name;
        root = top_ / "work";
        fs::create_directories(root / "a/b");
        fs::create_directories(root / ".hidden");
        write("work/z.yml", "teststeps: []");
        write("work/a/one.yaml", "config: {}\nteststeps: []");
        write("work/a/b/two.json", R"({"teststeps":[]})");
        write("work/a/profile.yml", "spawn-count: 3");
        write("work/a/notes.txt", "teststeps");
        write("work/.hidden/three.yml", "teststeps: []");
        write("secret.yml", "teststeps: [secret]");
        fs::create_symlink(top_ / "secret.yml", root / "link.yml");
        fs::create_directory_symlink(top_, root / "up");
        fs::create_symlink(root / "z.yml", root / "inner.yml");
    }
    ~Folder() { fs::remove_all(top_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(top_ / name) << text;
    }

    fs::path root;

private:
    fs::path top_;
};

std::vector<std::string> paths(const fs::path& folder) {
    std::vector<std::string> result;
    for (const auto& file : list_cases(folder)) {
        result.push_back(file.path);
    }
    return result;
}

}  // namespace

TEST_CASE("Case files: cases below the folder are listed, nothing else", "[web]") {
    const Folder folder;
    CHECK(paths(folder.root) ==
          std::vector<std::string>{"a/b/two.json", "a/one.yaml", "inner.yml", "z.yml"});
    CHECK(list_cases(folder.root / "nowhere").empty());
}

TEST_CASE("Case files: what is too long or too deep is left out", "[web]") {
    const Folder folder;
    folder.write("work/long.yml", "teststeps: " + std::string(boom::web::kMaxCaseBytes, ' '));
    fs::create_directories(folder.root / "1/2/3/4/5/6/7/8/9");
    folder.write("work/1/2/3/4/5/6/7/8/in.yml", "teststeps: []");
    folder.write("work/1/2/3/4/5/6/7/8/9/out.yml", "teststeps: []");
    const auto found = paths(folder.root);
    CHECK(std::count(found.begin(), found.end(), "1/2/3/4/5/6/7/8/in.yml") == 1);
    CHECK(found.size() == 5);
}

TEST_CASE("Case files: a case is read by its path, and the folder is never left", "[web]") {
    const Folder folder;
    CHECK(read_case(folder.root, "z.yml") == "teststeps: []");
    CHECK(read_case(folder.root, "a/b/two.json") == R"({"teststeps":[]})");
    const auto path =
        GENERATE(as<std::string>(), "", ".", "..", "../secret.yml", "link.yml", "up/secret.yml",
                 "a/../../secret.yml", "/etc/passwd", "a", "a/profile.yml", "a/notes.txt",
                 ".hidden/three.yml", "a/../z.yml", "nowhere.yml", "/z.yml");
    CAPTURE(path);
    CHECK_FALSE(read_case(folder.root, path).has_value());
    CHECK_FALSE(read_case(folder.root, (folder.root.parent_path() / "secret.yml").string()));
}
