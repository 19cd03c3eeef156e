#pragma once
// The server's side of HTTP/2 for the scripted server, by libnghttp2: requests and answers are the
// texts that HTTP/1.1 would have for them. One connection, one thread.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boom::test {

class Http2Dialect {
public:
    static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    struct Request {
        std::int32_t stream = 0;
        std::string head;  // "GET / HTTP/1.1" with Host, and the fields as they came
        std::string body;
    };

    Http2Dialect();
    ~Http2Dialect();
    Http2Dialect(const Http2Dialect&) = delete;
    Http2Dialect& operator=(const Http2Dialect&) = delete;

    // False when it is no HTTP/2.
    [[nodiscard]] bool receive(std::string_view bytes);
    // Those that are complete and were not taken yet.
    [[nodiscard]] std::vector<Request> take_requests();
    // `text` is an answer of HTTP/1.1, interim ones before it; what it lacks stays open.
    void answer(std::int32_t stream, std::string_view text);
    [[nodiscard]] std::string take_output();

private:
    struct Callbacks;
    struct Stream {
        Request request;
        std::string answer_body;
        std::size_t answered = 0;
        bool is_cut = false;  // its end is never sent
    };
    struct Raw;

    std::unique_ptr<Raw> raw_;
    std::map<std::int32_t, Stream> streams_;
    std::vector<Request> requests_;
    std::string authority_;  // of the request that is being read
};

}  // namespace boom::test
