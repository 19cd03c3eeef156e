#include "net/http1_chunked.hpp"

#include "net/http1_head.hpp"

#include <algorithm>

namespace boom::net {
namespace {

// Nobody needs more; without a limit an endless line would be read for ever.
constexpr std::uint32_t kMaxExtensionBytes = 16 * 1024;
constexpr std::uint32_t kMaxTrailerBytes = 64 * 1024;
constexpr std::uint64_t kMaxChunkBytes = std::uint64_t{1} << 62;
constexpr unsigned kHexBits = 4;

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

void Http1Chunked::begin() {
    left_ = 0;
    line_bytes_ = 0;
    state_ = State::SizeFirst;
}

Http1Chunked::Step Http1Chunked::next(std::string_view bytes) {
    Step step;
    while (step.used < bytes.size() && state_ != State::Done && state_ != State::Failed) {
        if (state_ == State::Data) {
            const auto room = static_cast<std::uint64_t>(bytes.size() - step.used);
            const auto size = static_cast<std::size_t>(std::min(left_, room));
            step.data = bytes.substr(step.used, size);
            step.used += size;
            left_ -= size;
            state_ = left_ == 0 ? State::DataReturn : State::Data;
            return step;
        }
        take(bytes[step.used]);
        ++step.used;
    }
    return step;
}

void Http1Chunked::take(char c) {
    const auto expect = [&](char wanted, State then) {
        state_ = c == wanted ? then : State::Failed;
    };
    switch (state_) {
        case State::SizeFirst:
        case State::Size:
            take_size_digit(c);
            return;
        case State::SizeSpace:
            take_after_size(c);
            return;
        case State::Extension:
            take_extension(c);
            return;
        case State::SizeEnd:
            expect('\n', left_ == 0 ? State::TrailerFirst : State::Data);
            line_bytes_ = 0;
            return;
        case State::DataReturn:
            expect('\r', State::DataEnd);
            return;
        case State::DataEnd:
            expect('\n', State::SizeFirst);
            return;
        case State::TrailerFirst:
        case State::TrailerName:
        case State::TrailerValue:
            take_trailer(c);
            return;
        case State::TrailerEnd:
            expect('\n', State::TrailerFirst);
            return;
        case State::LastEnd:
            expect('\n', State::Done);
            return;
        case State::Data:
        case State::Done:
        case State::Failed:
            return;
    }
}

void Http1Chunked::take_size_digit(char c) {
    const int digit = hex_value(c);
    if (digit < 0) {
        if (state_ == State::SizeFirst) {
            state_ = State::Failed;
        } else {
            take_after_size(c);
        }
        return;
    }
    if (left_ >= kMaxChunkBytes >> kHexBits) {
        state_ = State::Failed;
        return;
    }
    left_ = (left_ << kHexBits) | static_cast<std::uint64_t>(digit);
    state_ = State::Size;
}

void Http1Chunked::take_after_size(char c) {
    if (c == '\r') {
        state_ = State::SizeEnd;
    } else if (c == ';') {
        state_ = State::Extension;
    } else {
        // Some servers pad the number with spaces.
        state_ = c == ' ' || c == '\t' ? State::SizeSpace : State::Failed;
        take_extension(c);
    }
}

void Http1Chunked::take_extension(char c) {
    if (state_ == State::Extension && c == '\r') {
        state_ = State::SizeEnd;
    } else if (c == '\n' || c == '\0' || ++line_bytes_ > kMaxExtensionBytes) {
        state_ = State::Failed;
    }
}

void Http1Chunked::take_trailer(char c) {
    if (++line_bytes_ > kMaxTrailerBytes) {
        state_ = State::Failed;
    } else if (state_ == State::TrailerValue) {
        if (c == '\r') {
            state_ = State::TrailerEnd;
        } else if (c == '\n' || c == '\0') {
            state_ = State::Failed;
        }
    } else if (state_ == State::TrailerFirst && c == '\r') {
        state_ = State::LastEnd;
    } else if (state_ == State::TrailerName && c == ':') {
        state_ = State::TrailerValue;
    } else {
        state_ = is_token_character(c) ? State::TrailerName : State::Failed;
    }
}

}  // namespace boom::net
