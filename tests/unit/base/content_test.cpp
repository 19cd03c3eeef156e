#include "base/content.hpp"

#include "base/digest.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

using namespace boom;
using base::Content;
using base::ContentWriter;

namespace {

namespace fs = std::filesystem;

// Sets TMPDIR for the time of a test.
class Folder {
public:
    explicit Folder(const std::string& path) {
        const char* before = std::getenv("TMPDIR");
        before_ = before != nullptr ? before : "";
        ::setenv("TMPDIR", path.c_str(), 1);
    }
    ~Folder() {
        if (before_.empty()) {
            ::unsetenv("TMPDIR");
        } else {
            ::setenv("TMPDIR", before_.c_str(), 1);
        }
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

private:
    std::string before_;
};

std::string numbers(std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i) {
        text += std::to_string(i) + ',';
    }
    text.resize(bytes);
    return text;
}

}  // namespace

TEST_CASE("Content: bytes are the same whether they are held or mapped", "[base]") {
    constexpr std::size_t kBudget = 10'000;
    const std::size_t size = GENERATE(0U, 1U, 9'999U, 10'000U, 10'001U, 12'288U, 50'000U);
    const std::size_t piece = GENERATE(777U, 4'096U, 100'000U);
    const std::string text = numbers(size);
    ContentWriter writer(kBudget);
    for (std::size_t at = 0; at < size; at += piece) {
        REQUIRE(writer.append(std::string_view(text).substr(at, piece)));
    }
    const auto content = writer.finish();
    REQUIRE(content);
    CHECK(content->view() == text);
    CHECK(content->size() == size);
    CHECK(content->is_mapped() == (size > kBudget));
    CHECK(content->sha256() == base::sha256_hex(text));
}

TEST_CASE("Content: copies share the bytes and outlive the first", "[base]") {
    const std::string text = numbers(30'000);
    Content copy;
    CHECK(copy.view().empty());
    const char* place = nullptr;
    {
        ContentWriter writer(100);
        REQUIRE(writer.append(text));
        const auto content = writer.finish();
        REQUIRE(content);
        copy = *content;
        place = content->view().data();
    }
    CHECK(copy.view().data() == place);
    CHECK(copy.view() == text);
}

TEST_CASE("Content: a mapped one leaves no file with a name", "[base]") {
    const fs::path folder =
        fs::temp_directory_path() / ("boom-content-" + std::to_string(::getpid()));
    fs::create_directory(folder);
    {
        const Folder chosen(folder.string());
        CHECK(base::content_folder() == folder.string());
        ContentWriter writer(10);
        REQUIRE(writer.append(numbers(5'000)));
        CHECK(fs::is_empty(folder));
        const auto content = writer.finish();
        REQUIRE(content);
        CHECK(content->is_mapped());
        CHECK(fs::is_empty(folder));
    }
    fs::remove(folder);
}

TEST_CASE("Content: what cannot be kept says where, and why not", "[base]") {
    const Folder chosen("/does/not/exist");
    ContentWriter large;
    CHECK_FALSE(large.expect(std::uint64_t{1} << 30U));
    CHECK(large.problem() ==
          "1.0 GiB do not fit into /does/not/exist (No such file or directory; TMPDIR names "
          "another folder)");
    ContentWriter writer(10);
    REQUIRE(writer.append("0123456789"));
    CHECK_FALSE(writer.append("0"));
    CHECK_THAT(writer.problem(), Catch::Contains("/does/not/exist"));
    CHECK_FALSE(writer.append("0"));
    CHECK_FALSE(writer.finish());
}

TEST_CASE("Content: more than the disk has free is refused before it is read", "[base]") {
    ContentWriter writer;
    CHECK(writer.expect(1000));
    REQUIRE_FALSE(writer.expect(std::uint64_t{1} << 62U));
    CHECK_THAT(writer.problem(), Catch::Contains("4294967296.0 GiB do not fit into ") &&
                                     Catch::Contains(base::content_folder()) &&
                                     Catch::Contains(" free;"));
}
