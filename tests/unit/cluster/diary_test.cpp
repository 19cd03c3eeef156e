#include "cluster/diary.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using boom::cluster::Diary;

namespace {

TEST_CASE("Diary: lines stay in their order, each with its time", "[cluster]") {
    Diary diary;
    CHECK(diary.text().empty());
    diary.add("12:00", "joined");
    diary.add("12:01", "is missing");
    CHECK(diary.text() == "12:00 joined\n12:01 is missing\n");
}

TEST_CASE("Diary: a worker cannot write a line in another's name", "[cluster]") {
    Diary diary;
    diary.add("12:00", "the disk\n12:00 joined\r\nis full");
    CHECK(diary.text() == "12:00 the disk 12:00 joined  is full\n");
}

TEST_CASE("Diary: the last lines are kept, and it says how many are not", "[cluster]") {
    Diary diary;
    for (std::size_t i = 0; i < Diary::kMostLines + 3; ++i) {
        diary.add("t", std::to_string(i));
    }
    const std::string text = diary.text();
    CHECK(text.rfind("(3 earlier lines are not kept)\nt 3\nt 4\n", 0) == 0);
    CHECK(std::ranges::count(text, '\n') == static_cast<std::ptrdiff_t>(Diary::kMostLines + 1));
}

}  // namespace
