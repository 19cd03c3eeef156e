#include "net/http2_request.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::net {
namespace {

std::string text_of(const Http2Request& request) {
    std::string text;
    for (const Http2Request::Field& field : request.fields()) {
        text += std::string(field.name) + "=" + std::string(field.value) + "\n";
    }
    return text;
}

HttpRequest get(const std::string& url, const std::string& headers = "") {
    HttpRequest request;
    request.method = "GET";
    request.url = url;
    request.headers = headers;
    return request;
}

std::string fields_for(const HttpRequest& request) {
    Http2Request fields;
    CHECK(fields.assign(request).empty());
    return text_of(fields);
}

TEST_CASE("Http2Request: the URL becomes four pseudo fields", "[net]") {
    const auto [url, scheme, authority, path] =
        GENERATE(table<std::string, std::string, std::string, std::string>({
            {"https://boom.test/a?b#c", "https", "boom.test", "/a?b"},
            {"https://boom.test:8443/", "https", "boom.test:8443", "/"},
            {"http://boom.test:80/x", "http", "boom.test", "/x"},
            {"http://[::1]:8080", "http", "[::1]:8080", "/"},
            {"https://boom.test?q=1", "https", "boom.test", "/?q=1"},
        }));
    CHECK(fields_for(get(url)) == ":method=GET\n:scheme=" + scheme + "\n:authority=" + authority +
                                      "\n:path=" + path + "\n");
}

TEST_CASE("Http2Request: names are in lower case, and a Host is the authority", "[net]") {
    CHECK(fields_for(get("https://boom.test/", "X-One: 1\r\nHOST: other.test\r\nX-Empty:\r\n")) ==
          ":method=GET\n:scheme=https\n:authority=other.test\n:path=/\nx-one=1\nx-empty=\n");
}

TEST_CASE("Http2Request: what concerns one connection is left out", "[net]") {
    CHECK(
        fields_for(get("https://boom.test/",
                       "Connection: close, x\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\n"
                       "Proxy-Connection: close\r\nTransfer-Encoding: chunked\r\nTE: gzip\r\n")) ==
        fields_for(get("https://boom.test/")));
    CHECK(fields_for(get("https://boom.test/", "TE: trailers\r\n")) ==
          fields_for(get("https://boom.test/")) + "te=trailers\n");
}

TEST_CASE("Http2Request: method, body and length fit together", "[net]") {
    const auto [method, body, headers, length] =
        GENERATE(table<std::string, std::string, std::string, std::string>({
            {"GET", "", "", ""},
            {"GET", "abc", "", "content-length=3\n"},
            {"POST", "", "", "content-length=0\n"},
            {"POST", "abc", "Content-Length: 7\r\n", "content-length=7\n"},
            {"POST", "abc", "Transfer-Encoding: chunked\r\n", "content-length=3\n"},
            {"HEAD", "abc", "", ""},
        }));
    HttpRequest request = get("https://boom.test/", headers);
    request.method = method;
    request.body = body;
    Http2Request fields;
    REQUIRE(fields.assign(request).empty());
    CHECK(text_of(fields) ==
          ":method=" + method + "\n:scheme=https\n:authority=boom.test\n:path=/\n" + length);
    CHECK(fields.has_body() == (!body.empty() && method != "HEAD"));
}

TEST_CASE("Http2Request: user and password are an authorization, but for one that is given",
          "[net]") {
    CHECK(fields_for(get("https://me:secret@boom.test/")) ==
          fields_for(get("https://boom.test/")) + "authorization=Basic bWU6c2VjcmV0\n");
    CHECK(fields_for(get("https://me:secret@boom.test/", "Authorization: own\r\n")) ==
          fields_for(get("https://boom.test/")) + "authorization=own\n");
}

TEST_CASE("Http2Request: what cannot be asked is refused, and the next one is not", "[net]") {
    Http2Request fields;
    CHECK_FALSE(fields.assign(get("ftp://boom.test/")).empty());
    CHECK_FALSE(fields.assign(get("https://boom.test/a b")).empty());
    CHECK_FALSE(fields.assign(get("https://boom.test/a\nb")).empty());
    HttpRequest bad = get("https://boom.test/");
    bad.method = "G T";
    CHECK_FALSE(fields.assign(bad).empty());
    CHECK(fields.assign(get("https://boom.test/")).empty());
    CHECK(text_of(fields) == fields_for(get("https://boom.test/")));
}

TEST_CASE("Http2Request: every change of a request is seen", "[net]") {
    Http2Request fields;
    HttpRequest request = get("https://boom.test/1");
    REQUIRE(fields.assign(request).empty());
    const int version = fields.origin_version();
    request.url = "https://boom.test/2";
    request.headers = "X: 1\r\nExpect: 100-continue\r\nAccept-Encoding: br\r\n";
    request.body = "body";
    REQUIRE(fields.assign(request).empty());
    CHECK(text_of(fields) == fields_for(request));
    CHECK(fields.awaits_continue());
    CHECK(fields.accepts_encodings());
    CHECK(fields.origin_version() == version);
    request.url = "https://other.test/2";
    request.headers.clear();
    REQUIRE(fields.assign(request).empty());
    CHECK(text_of(fields) == fields_for(request));
    CHECK_FALSE(fields.awaits_continue());
    CHECK_FALSE(fields.accepts_encodings());
    CHECK(fields.origin_version() == version + 1);
    // A number stands for the whole request.
    request.constant = 1;
    REQUIRE(fields.assign(request).empty());
    const std::string before = text_of(fields);
    request.method = "PUT";
    REQUIRE(fields.assign(request).empty());
    CHECK(text_of(fields) == before);
    request.constant = 2;
    REQUIRE(fields.assign(request).empty());
    CHECK(text_of(fields) == fields_for(request));
}

}  // namespace
}  // namespace boom::net
