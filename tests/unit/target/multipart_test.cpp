#include "target/multipart.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::target {
namespace {

const std::string kType = "multipart/form-data; boundary=\"x y\"";

std::string part(const std::string& fields, const std::string& content) {
    return "--x y\r\n" + fields + "\r\n\r\n" + content + "\r\n";
}

TEST_CASE("multipart: parts have names, file names, types and contents", "[target]") {
    const std::string body =
        part("Content-Disposition: form-data; name=\"a\"", "1") +
        part(
            "content-disposition: form-data; name=f; filename=\"C:\\\\d\\\"q\\\".txt\"\r\n"
            "CONTENT-TYPE: text/plain",
            "--x\r\n--x z, and inside a line --x y") +
        part("X-Other: 1\r\nContent-Disposition: form-data; filename=\"e;f\" ; name=\"e\"", "") +
        "--x y--\r\n";
    const auto parts = parse_multipart(kType, body);
    REQUIRE(parts);
    REQUIRE(parts->size() == 3);
    CHECK(parts->at(0).name == "a");
    CHECK(parts->at(0).content == "1");
    CHECK_FALSE(parts->at(0).filename);
    CHECK(parts->at(1).name == "f");
    CHECK(parts->at(1).filename == "C:\\\\d\"q\".txt");
    CHECK(parts->at(1).content_type == "text/plain");
    CHECK(parts->at(2).name == "e");
    CHECK(parts->at(2).filename == "e;f");
    CHECK(parts->at(2).content.empty());
}

TEST_CASE("multipart: no parts are parts too", "[target]") {
    const auto parts = parse_multipart(kType, "--x y--\r\n");
    REQUIRE(parts);
    CHECK(parts->empty());
}

TEST_CASE("multipart: what is not exactly that is refused", "[target]") {
    const std::string good = part("Content-Disposition: form-data; name=\"a\"", "1") + "--x y--";
    REQUIRE(parse_multipart(kType, good));
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_FALSE(parse_multipart(kType, std::string_view(good).substr(0, size)));
    }
    CHECK_FALSE(parse_multipart("multipart/form-data", good));
    CHECK_FALSE(parse_multipart("multipart/form-data; boundary=", good));
    CHECK_FALSE(parse_multipart("multipart/form-data; boundary=\"x y", good));
    CHECK_FALSE(parse_multipart("multipart/form-data; boundary=other", good));
    CHECK_FALSE(parse_multipart("multipart/mixed; boundary=\"x y\"", good));
    CHECK_FALSE(parse_multipart(kType, "preamble\r\n" + good));
    CHECK_FALSE(parse_multipart(kType, good + "more"));
    CHECK_FALSE(parse_multipart(kType, "--x y\r\n\r\n1\r\n--x y--"));
    CHECK_FALSE(parse_multipart(kType, "--x y\r\n\r\n\r\n1\r\n--x y--"));
    CHECK_FALSE(parse_multipart(kType, part("Content-Type: text/plain", "1") + "--x y--"));
    CHECK_FALSE(parse_multipart(kType, part("Content-Disposition: form-data", "1") + "--x y--"));
    CHECK_FALSE(parse_multipart(kType, part("nonsense", "1") + "--x y--"));
}

}  // namespace
}  // namespace boom::target
