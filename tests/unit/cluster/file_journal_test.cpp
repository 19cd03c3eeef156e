#include "cluster/file_journal.hpp"

#include "cluster/bundle_cache.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

using namespace boom;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// A folder of its own, gone afterwards.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "boom-journal-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] fs::path journal(const std::string& id) const { return path_ / id / "journal"; }

private:
    fs::path path_;
};

wire::JournalEntry entry_at(base::Duration at) {
    wire::JournalEntry entry;
    entry.at = at;
    entry.notes.push_back("at " + std::to_string(base::to_ms(at)));
    return entry;
}

void begin(cluster::Journal& journal, const std::string& id) {
    wire::JournalHeader header;
    header.run_id = id;
    REQUIRE(journal.append(wire::encode_record(header)).empty());
    plan::Bundle bundle;
    bundle.cases = {"case.yml"};
    bundle.files = {{"case.yml", "config: {}"}};
    cluster::for_each_part(bundle, [&journal](const wire::BundlePart& part) {
        REQUIRE(journal.append(wire::encode_record(part)).empty());
    });
}

std::vector<std::string> notes_of(cluster::UnfinishedRun& run) {
    std::vector<std::string> notes;
    while (const auto entry = run.next()) {
        notes.insert(notes.end(), entry->notes.begin(), entry->notes.end());
    }
    return notes;
}

std::optional<cluster::UnfinishedRun> find(const Folder& folder, int* complaints = nullptr) {
    return cluster::find_unfinished_run(folder.path(), [&](const std::string&) {
        if (complaints != nullptr) {
            ++*complaints;
        }
    });
}

void write_three(const Folder& folder) {
    const cluster::NewJournal made = cluster::create_file_journal(folder.path(), "run-1");
    REQUIRE(made.journal != nullptr);
    begin(*made.journal, "run-1");
    for (const auto at : {1s, 2s, 3s}) {
        REQUIRE(made.journal->append(wire::encode_record(entry_at(at))).empty());
    }
}

}  // namespace

TEST_CASE("FileJournal: what was appended is read back in order, and goes on", "[cluster]") {
    const Folder folder;
    write_three(folder);
    {
        auto run = find(folder);
        REQUIRE(run);
        CHECK(run->header.run_id == "run-1");
        CHECK(run->bundle.files.at(0).content() == "config: {}");
        CHECK(notes_of(*run) == std::vector<std::string>{"at 1000", "at 2000", "at 3000"});
        REQUIRE(run->journal->append(wire::encode_record(entry_at(4s))).empty());
    }
    auto again = find(folder);
    REQUIRE(again);
    CHECK(notes_of(*again).back() == "at 4000");
    again->journal->discard();
    again.reset();
    CHECK_FALSE(find(folder));
}

TEST_CASE("FileJournal: one that is in use belongs to its process", "[cluster]") {
    const Folder folder;
    const cluster::NewJournal made = cluster::create_file_journal(folder.path(), "run-1");
    begin(*made.journal, "run-1");
    int complaints = 0;
    CHECK_FALSE(find(folder, &complaints));
    CHECK(complaints == 0);
    CHECK_FALSE(cluster::create_file_journal(folder.path(), "run-1").journal);
}

TEST_CASE("FileJournal: torn anywhere, the whole records before are there and more can follow",
          "[cluster]") {
    const Folder folder;
    write_three(folder);
    std::ifstream file(folder.journal("run-1"), std::ios::binary);
    const std::string whole(std::istreambuf_iterator<char>(file), {});
    std::size_t most = 0;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        CAPTURE(size);
        std::ofstream(folder.journal("run-1"), std::ios::binary | std::ios::trunc)
            << whole.substr(0, size);
        std::size_t count = 0;
        {
            auto run = find(folder);
            if (!run) {
                REQUIRE(most == 0);
                continue;
            }
            count = notes_of(*run).size();
            REQUIRE(count >= most);
            REQUIRE(run->journal->append(wire::encode_record(entry_at(9s))).empty());
        }
        auto again = find(folder);
        REQUIRE(again);
        const std::vector<std::string> notes = notes_of(*again);
        REQUIRE(notes.size() == count + 1);
        REQUIRE(notes.back() == "at 9000");
        most = count;
    }
    CHECK(most == 3);
}

TEST_CASE("FileJournal: a changed byte ends it before the record that has it", "[cluster]") {
    const Folder folder;
    write_three(folder);
    std::ifstream file(folder.journal("run-1"), std::ios::binary);
    const std::string whole(std::istreambuf_iterator<char>(file), {});
    for (std::size_t at = 0; at < whole.size(); ++at) {
        CAPTURE(at);
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        std::ofstream(folder.journal("run-1"), std::ios::binary | std::ios::trunc) << changed;
        if (auto run = find(folder)) {
            REQUIRE(notes_of(*run).size() < 3);
        }
    }
}

TEST_CASE("FileJournal: the youngest that can be read is taken, the others are named",
          "[cluster]") {
    const Folder folder;
    write_three(folder);
    fs::create_directories(folder.journal("run-2").parent_path());
    std::ofstream(folder.journal("run-2")) << "something else";
    int complaints = 0;
    const auto run = find(folder, &complaints);
    REQUIRE(run);
    CHECK(run->header.run_id == "run-1");
    CHECK(complaints == 1);
}

TEST_CASE("FileJournal: a folder that cannot be is a complaint", "[cluster]") {
    const cluster::NewJournal made = cluster::create_file_journal("/proc/none", "run-1");
    CHECK(made.journal == nullptr);
    CHECK(made.complaint.find("/proc/none") != std::string::npos);
}
