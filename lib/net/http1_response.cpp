#include "net/http1_response.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace boom::net {
namespace {

// A server that never ends its header must not fill the memory.
constexpr std::size_t kMaxHeadBytes = std::size_t{256} << 10;
constexpr int kMaxInterimAnswers = 32;
constexpr std::size_t kKeptHeadCapacity = 4096;
constexpr std::string_view kProtocol = "HTTP/1.";
constexpr std::string_view kHttp10 = "HTTP/1.0";
constexpr std::string_view kHttp11 = "HTTP/1.1";
constexpr std::string_view kLineEnd = "\r\n";

constexpr int kSwitchingProtocols = 101;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

// The position after the empty line that ends a head; npos while there is none. Lines may end with
// LF alone (RFC 9112 section 2.2).
std::size_t find_head_end(std::string_view text, std::size_t from) {
    for (std::size_t end = text.find('\n', from); end != std::string_view::npos;
         end = text.find('\n', end + 1)) {
        if (end + 1 < text.size() && text[end + 1] == '\n') {
            return end + 2;
        }
        if (end + 2 < text.size() && text[end + 1] == '\r' && text[end + 2] == '\n') {
            return end + 3;
        }
    }
    return std::string_view::npos;
}

}  // namespace

void Http1Response::begin(Method method, HttpResponse& response, BodySink* sink) {
    response_ = &response;
    sink_ = sink;
    partial_head_.clear();
    scanned_ = 0;
    unused_bytes_ = 0;
    interim_answers_ = 0;
    method_ = method;
    part_ = Part::Head;
    framing_ = Framing::None;
    fault_ = Http1Fault::None;
    allows_reuse_ = false;
}

void Http1Response::release() {
    if (partial_head_.capacity() > kKeptHeadCapacity) {
        partial_head_ = std::string();
    }
}

Http1Response::Progress Http1Response::progress() const {
    switch (part_) {
        case Part::Head:
        case Part::Body:
            return Progress::More;
        case Part::Done:
            return Progress::Done;
        case Part::Failed:
            return Progress::Failed;
    }
    return Progress::Failed;
}

Http1Response::Progress Http1Response::feed(std::string_view bytes) {
    BOOM_ASSERT(response_ != nullptr);
    const std::size_t size = bytes.size();
    while (!bytes.empty() && part_ == Part::Head) {
        bytes = take_head(bytes);
    }
    if (!bytes.empty() && part_ == Part::Body) {
        bytes = take_body(bytes);
    }
    unused_bytes_ = bytes.size();
    response_->bytes_received += static_cast<std::int64_t>(size - unused_bytes_);
    return progress();
}

Http1Response::Progress Http1Response::end() {
    if (part_ == Part::Body && framing_ == Framing::UntilClose) {
        part_ = Part::Done;
    } else if (part_ != Part::Done) {
        part_ = Part::Failed;
    }
    return progress();
}

void Http1Response::fail(Http1Fault fault) {
    part_ = Part::Failed;
    fault_ = fault;
}

std::string_view Http1Response::take_head(std::string_view bytes) {
    if (partial_head_.empty()) {
        if (const Http1KnownHeads::Head* known = known_head(bytes)) {
            take_facts(known->status_line, known->framing);
            return bytes.substr(known->text.size());
        }
        const std::size_t end = find_head_end(bytes, 0);
        if (end != std::string_view::npos) {
            take_whole_head(bytes.substr(0, end));
            return bytes.substr(end);
        }
    }
    const std::size_t room = kMaxHeadBytes - std::min(partial_head_.size(), kMaxHeadBytes);
    const std::size_t before = partial_head_.size();
    partial_head_.append(bytes.substr(0, room));
    const std::size_t prefix = std::min(partial_head_.size(), kProtocol.size());
    if (std::string_view(partial_head_).substr(0, prefix) != kProtocol.substr(0, prefix)) {
        fail(Http1Fault::NotHttp);
        return bytes;
    }
    const std::size_t end = find_head_end(partial_head_, scanned_);
    if (end != std::string_view::npos) {
        const std::string_view rest = bytes.substr(end - before);
        take_whole_head(std::string_view(partial_head_).substr(0, end));
        partial_head_.clear();
        scanned_ = 0;
        return rest;
    }
    if (bytes.size() >= room) {
        fail(Http1Fault::HeaderTooLong);
        return bytes;
    }
    // The last line end may be the first of the two that end the head.
    scanned_ = partial_head_.size() - std::min<std::size_t>(partial_head_.size(), 2);
    return {};
}

// Null unless the bytes begin with the head before.
const Http1KnownHeads::Head* Http1Response::known_head(std::string_view bytes) const {
    if (before_.response != response_ || before_.headers != response_->headers.size()) {
        return nullptr;
    }
    const Http1KnownHeads::Head* known = heads_.find(before_.head);
    const bool is_equal = known != nullptr && bytes.substr(0, known->text.size()) == known->text;
    return is_equal ? known : nullptr;
}

void Http1Response::take_whole_head(std::string_view head) {
    if (head.size() > kMaxHeadBytes) {
        fail(Http1Fault::HeaderTooLong);
        return;
    }
    const std::size_t line_end = head.find('\n');
    std::string_view line = head.substr(0, line_end);
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    const auto status_line = parse_status_line(line);
    if (!status_line) {
        const bool is_http = line.substr(0, kProtocol.size()) == kProtocol;
        fail(is_http ? Http1Fault::StatusLine : Http1Fault::NotHttp);
        return;
    }
    // Without the empty line at its end.
    const std::size_t empty_line = head[head.size() - 2] == '\r' ? 2 : 1;
    const std::size_t begin = std::min(line_end + 1, head.size() - empty_line);
    before_.response = nullptr;
    const std::string_view block = head.substr(begin, head.size() - empty_line - begin);
    response_->header_block.assign(block);
    Http1Framing framing;
    const Http1Fault fault =
        parse_header_lines(response_->header_block, response_->headers, framing);
    if (fault != Http1Fault::None) {
        fail(fault);
        return;
    }
    // One with folded lines is not in its response as it came.
    if (empty_line == kLineEnd.size() && block == response_->header_block) {
        before_ = {heads_.remember(head, framing, *status_line), response_,
                   response_->headers.size()};
    }
    take_facts(*status_line, framing);
}

void Http1Response::take_facts(const Http1StatusLine& status_line, const Http1Framing& framing) {
    response_->status = status_line.status;
    response_->protocol = status_line.minor_version == 0 ? kHttp10 : kHttp11;
    response_->may_set_cookies = framing.has_set_cookie;
    choose_framing(framing, status_line.minor_version);
}

// RFC 9112 section 6.3.
void Http1Response::choose_framing(const Http1Framing& framing, int minor_version) {
    const int status = response_->status;
    if (status / 100 == 1) {
        if (status == kSwitchingProtocols) {
            fail(Http1Fault::UnaskedUpgrade);
        } else if (++interim_answers_ > kMaxInterimAnswers) {
            fail(Http1Fault::TooManyInterim);
        }
        return;
    }
    allows_reuse_ = !framing.has_close && (minor_version >= 1 || framing.has_keep_alive);
    part_ = Part::Body;
    if (framing.is_chunked && framing.content_length >= 0) {
        fail(Http1Fault::LengthConflict);
    } else if (framing.is_chunked && minor_version == 0) {
        fail(Http1Fault::TransferEncoding);
    } else if (method_ == Method::Head || status == kNoContent || status == kNotModified) {
        part_ = Part::Done;
    } else if (framing.is_chunked) {
        framing_ = Framing::Chunked;
        chunked_.begin();
    } else if (framing.content_length >= 0) {
        framing_ = Framing::Length;
        body_left_ = framing.content_length;
        part_ = body_left_ == 0 ? Part::Done : Part::Body;
    } else {
        framing_ = Framing::UntilClose;
        allows_reuse_ = false;
    }
}

std::string_view Http1Response::take_body(std::string_view bytes) {
    switch (framing_) {
        case Framing::Length: {
            const auto size = static_cast<std::size_t>(
                std::min(body_left_, static_cast<std::int64_t>(bytes.size())));
            if (!deliver(bytes.substr(0, size))) {
                return bytes;
            }
            body_left_ -= static_cast<std::int64_t>(size);
            part_ = body_left_ == 0 ? Part::Done : Part::Body;
            return bytes.substr(size);
        }
        case Framing::Chunked:
            return take_chunks(bytes);
        case Framing::UntilClose:
            return deliver(bytes) ? std::string_view() : bytes;
        case Framing::None:
            break;
    }
    return bytes;
}

std::string_view Http1Response::take_chunks(std::string_view bytes) {
    while (!bytes.empty()) {
        const Http1Chunked::Step step = chunked_.next(bytes);
        if (!step.data.empty() && !deliver(step.data)) {
            return bytes;
        }
        bytes.remove_prefix(step.used);
        if (chunked_.has_failed()) {
            fail(Http1Fault::Chunked);
            return bytes;
        }
        if (chunked_.is_done()) {
            part_ = Part::Done;
            return bytes;
        }
    }
    return bytes;
}

bool Http1Response::deliver(std::string_view bytes) {
    if (sink_ == nullptr || sink_->on_body(bytes)) {
        return true;
    }
    fail(Http1Fault::BodyRefused);
    return false;
}

}  // namespace boom::net
