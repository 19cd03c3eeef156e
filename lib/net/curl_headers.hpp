#pragma once
// A block of header lines as libcurl's list, in two buffers that are used again. One thread.

#include "net/http.hpp"

#include <string>
#include <string_view>
#include <vector>

struct curl_slist;

namespace boom::net {

class CurlHeaders {
public:
    // Who undoes a Content-Encoding: libcurl (then it sends Accept-Encoding itself), or nobody.
    enum class Decoding { Libcurl, Nobody };

    CurlHeaders();
    ~CurlHeaders();
    CurlHeaders(const CurlHeaders&) = delete;
    CurlHeaders& operator=(const CurlHeaders&) = delete;

    // Headers that libcurl would add unasked are suppressed unless the block has them.
    void assign(std::string_view block, Decoding decoding, ConnectionOptions::KeepAlive keep_alive);
    // Valid until the next assign().
    [[nodiscard]] curl_slist* list();
    // What is left out of the list for libcurl to send; empty when there is no such header.
    [[nodiscard]] const std::string& accept_encoding() const { return accept_encoding_; }

private:
    void add_line(std::string_view line, Decoding decoding);
    void add(std::string_view text, std::string_view end);
    [[nodiscard]] bool has(std::string_view name) const;
    void link();

    std::string text_;  // the lines, each with a closing zero
    std::vector<std::size_t> begins_;
    std::vector<curl_slist> nodes_;
    std::string accept_encoding_;
};

}  // namespace boom::net
