#include "net/http.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

namespace boom::net {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("HttpResponse: a header block is split into names and values", "[net]") {
    struct Row {
        std::string block;
        Pairs headers;
    };
    const Row row = GENERATE(values<Row>({
        {"", {}},
        {"A: 1\r\n", {{"A", "1"}}},
        {"A: 1", {{"A", "1"}}},
        {"A:1\nB:2\n", {{"A", "1"}, {"B", "2"}}},
        {"A: 1\r\na: 2\r\n", {{"A", "1"}, {"a", "2"}}},
        {"A:  \t x y \t \r\n", {{"A", "x y"}}},
        {"A:\r\nB: b\r\n", {{"A", ""}, {"B", "b"}}},
        {"A: 1:2:3\r\n", {{"A", "1:2:3"}}},
        {"A: 1\r\n 2\r\n\t3\r\nB: 4\r\n", {{"A", "1   2  \t3"}, {"B", "4"}}},
        {"no colon\r\nA: 1\r\n: no name\r\n\r\n", {{"A", "1"}}},
    }));
    INFO(row.block);
    std::string block = row.block;
    std::vector<Header> headers{{"left", "over"}};
    split_headers(block, headers);
    Pairs found;
    for (const Header& header : headers) {
        found.emplace_back(header.name, header.value);
    }
    CHECK(found == row.headers);
}

TEST_CASE("HttpResponse: a header is found by its name in any case, the first of several",
          "[net]") {
    HttpResponse response;
    response.header_block = "Content-Type: a/b\r\nX: 1\r\nx: 2\r\n";
    split_headers(response.header_block, response.headers);
    CHECK(response.header("content-TYPE") == "a/b");
    CHECK(response.header("x") == "1");
    CHECK(response.header("Content").empty());
}

}  // namespace
}  // namespace boom::net
