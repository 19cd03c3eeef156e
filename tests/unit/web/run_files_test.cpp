#include "web/run_files.hpp"

#include "base/error.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

namespace fs = std::filesystem;
using boom::report::Result;
using boom::web::RunFiles;

namespace {

class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "boom-runs-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    fs::path path;
};

Result run(const std::string& id) {
    Result result;
    result.run.id = id;
    result.run.started_at = "2026-11-21T08:00:00.000Z";
    result.run.cases = {{"first \xff", "a.yml", ""}};
    result.run.verdict = boom::report::Verdict::Failed;
    result.run.state = boom::report::RunState::Finished;
    result.run.tags = {{"team", "x"}};
    result.total.requests = 1000;
    result.total.requests_per_second = 12.5;
    result.total.response_time.p95 = 4321;
    return result;
}

}  // namespace

TEST_CASE("RunFiles: what was kept is listed by time and read back whole", "[web]") {
    const Folder folder;
    const RunFiles files(folder.path / "new/runs");
    CHECK(files.list().empty());
    REQUIRE(files.keep(run("20261121-2")));
    REQUIRE(files.keep(run("20261121-1")));
    REQUIRE(files.keep(run("20261121-2")));  // again: replaced
    const auto rows = files.list();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].id == "20261121-1");
    CHECK(rows[1].id == "20261121-2");
    CHECK(rows[0].verdict == "failed");
    CHECK(rows[0].state == "finished");
    CHECK(rows[0].requests == 1000);
    CHECK(rows[0].rps == 12.5);
    CHECK(rows[0].p95_us == 4321);
    CHECK(rows[0].cases.size() == 1);
    CHECK(rows[0].tags.at("team") == "x");
    CHECK(files.read("20261121-1") == boom::report::to_json(run("20261121-1")) + "\n");
}

TEST_CASE("RunFiles: what is no run is left out, and no id leaves the folder", "[web]") {
    const Folder folder;
    const RunFiles files(folder.path / "runs");
    REQUIRE(files.keep(run("good")));
    fs::create_directories(folder.path / "runs/empty");
    fs::create_directories(folder.path / "runs/broken");
    std::ofstream(folder.path / "runs/broken/summary.json") << "{";
    fs::create_directories(folder.path / "runs/odd");
    std::ofstream(folder.path / "runs/odd/summary.json") << R"({"requests":"many"})";
    std::ofstream(folder.path / "result.json") << "secret";
    REQUIRE(files.list().size() == 1);
    const auto id = GENERATE(as<std::string>(), "", ".", "..", "../runs/good", "good/..", "/good",
                             "empty", "nowhere", "good\n");
    CAPTURE(id);
    CHECK_FALSE(files.read(id).has_value());
    CHECK_FALSE(files.keep(run(id == "empty" || id == "nowhere" ? "" : id)));
}

TEST_CASE("RunFiles: a folder that cannot be written is refused by name", "[web]") {
    const Folder folder;
    std::ofstream(folder.path / "file") << "x";
    try {
        const RunFiles files(folder.path / "file/runs");
        FAIL("no complaint");
    } catch (const boom::base::ConfigError& error) {
        CHECK(error.code() == boom::base::ExitCode::Refused);
        CHECK(std::string(error.what()).find("--run-dir") != std::string::npos);
    }
}
