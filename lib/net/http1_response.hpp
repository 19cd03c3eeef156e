#pragma once
// An incremental parser of HTTP/1 answers (RFC 9112), strict: what two readers could understand in
// two ways is refused. Fills an HttpResponse; the body goes to a sink, or nowhere. One thread.
// Keeps at most one unfinished head (256 KB); allocates nothing when heads arrive in one piece.

#include "net/http.hpp"
#include "net/http1_chunked.hpp"
#include "net/http1_head.hpp"
#include "net/http1_known_heads.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace boom::net {

class BodySink {
public:
    virtual ~BodySink() = default;
    // Without its transfer coding, with its content coding. False refuses it.
    [[nodiscard]] virtual bool on_body(std::string_view bytes) noexcept = 0;
};

class Http1Response {
public:
    enum class Progress : std::uint8_t { More, Done, Failed };
    enum class Method : std::uint8_t { Head, Other };

    explicit Http1Response(Http1KnownHeads& heads) : heads_(heads) {}

    // The next answer goes to `response`, which outlives it; a null sink discards the body. What
    // the response says of an earlier head is left to be replaced.
    void begin(Method method, HttpResponse& response, BodySink* sink);
    // Takes bytes up to the end of the answer; unused_bytes() of them are not part of it.
    Progress feed(std::string_view bytes);
    // The peer sends nothing more: the end of an answer without a length; a failure without a
    // fault in the midst of others.
    Progress end();

    [[nodiscard]] std::size_t unused_bytes() const { return unused_bytes_; }
    [[nodiscard]] Http1Fault fault() const { return fault_; }
    // The final head is there.
    [[nodiscard]] bool has_head() const { return part_ == Part::Body || part_ == Part::Done; }
    // Number of answers 1xx before the final one.
    [[nodiscard]] int interim_answers() const { return interim_answers_; }
    // The connection may carry another exchange.
    [[nodiscard]] bool allows_reuse() const { return allows_reuse_; }
    // Gives back what a large head has taken.
    void release();

private:
    enum class Part : std::uint8_t { Head, Body, Done, Failed };
    enum class Framing : std::uint8_t { None, Length, Chunked, UntilClose };

    [[nodiscard]] std::string_view take_head(std::string_view bytes);
    [[nodiscard]] const Http1KnownHeads::Head* known_head(std::string_view bytes) const;
    void take_whole_head(std::string_view head);
    void take_facts(const Http1StatusLine& status_line, const Http1Framing& framing);
    void choose_framing(const Http1Framing& framing, int minor_version);
    [[nodiscard]] std::string_view take_body(std::string_view bytes);
    [[nodiscard]] std::string_view take_chunks(std::string_view bytes);
    [[nodiscard]] bool deliver(std::string_view bytes);
    void fail(Http1Fault fault);
    [[nodiscard]] Progress progress() const;

    HttpResponse* response_ = nullptr;
    BodySink* sink_ = nullptr;
    Http1KnownHeads& heads_;
    // The head before, as far as it is still in its response.
    struct Before {
        Http1KnownHeads::Ref head;
        const HttpResponse* response = nullptr;
        std::size_t headers = 0;
    };
    Before before_;
    std::int64_t body_left_ = 0;
    std::size_t unused_bytes_ = 0;
    std::string partial_head_;
    int interim_answers_ = 0;
    Method method_ = Method::Other;
    Part part_ = Part::Done;
    Framing framing_ = Framing::None;
    Http1Fault fault_ = Http1Fault::None;
    bool allows_reuse_ = false;
    std::size_t scanned_ = 0;  // of partial_head_, for its end
    Http1Chunked chunked_;
};

}  // namespace boom::net
