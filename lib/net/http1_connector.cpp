#include "net/http1_connector.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace boom::net {
namespace {

// RFC 8305 section 5.
constexpr Duration kAttemptDelay = std::chrono::milliseconds(250);

}  // namespace

Http1Connector::Http1Connector(EventLoop& loop, NameResolver& resolver, StreamListener& streams,
                               Owner& owner)
    : loop_(loop), resolver_(resolver), streams_(streams), owner_(owner) {}

Http1Connector::~Http1Connector() {
    loop_.cancel_timer(timer_);
    if (resolved_at_ == TimePoint{}) {
        resolver_.forget(*this);
    }
    for (const Attempt& attempt : attempts_) {
        loop_.close(attempt.stream, EventLoop::CloseMode::Reset);
    }
}

void Http1Connector::start(const Target& target, const ConnectionOptions& options) {
    options_ = &options;
    port_ = target.port;
    if (!options.resolve.empty()) {
        const auto given = find_resolved(options.resolve, target.host, target.port);
        if (!given.empty()) {
            take_addresses(given);
            return;
        }
    }
    const std::vector<std::string>* known = resolver_.look_up(target.host, *this);
    if (known != nullptr) {
        take_addresses(*known);
    }
}

void Http1Connector::on_addresses(const std::vector<std::string>& addresses) noexcept {
    take_addresses(addresses);
}

void Http1Connector::take_addresses(const std::vector<std::string>& addresses) {
    resolved_at_ = loop_.refresh_now();
    addresses_ = addresses;
    try_next();
}

void Http1Connector::try_next() {
    while (next_ < addresses_.size()) {
        const std::string& address = addresses_[next_++];
        errno = 0;
        const StreamId attempt =
            loop_.connect({address, port_, options_->source_address}, streams_);
        if (attempt != StreamId{}) {
            attempts_.push_back({attempt, next_ - 1});
            if (next_ < addresses_.size()) {
                set_timer(kAttemptDelay);
            }
            return;
        }
        last_error_ = errno;
    }
    if (attempts_.empty()) {
        set_timer(Duration::zero());
    }
}

void Http1Connector::set_timer(Duration after) {
    loop_.cancel_timer(timer_);
    timer_ = loop_.start_timer(loop_.now() + after, *this, 0);
}

void Http1Connector::on_timer(std::uint64_t /*key*/) noexcept {
    timer_ = {};
    if (next_ < addresses_.size()) {
        try_next();
    } else if (attempts_.empty()) {
        owner_.on_connecting_failed(
            addresses_.empty() ? Owner::Reason::NoName : Owner::Reason::NoConnection, last_error_);
    }
}

const std::string& Http1Connector::choose(StreamId stream) {
    const auto found = std::find_if(attempts_.begin(), attempts_.end(),
                                    [stream](const Attempt& a) { return a.stream == stream; });
    BOOM_ASSERT(found != attempts_.end());
    const std::size_t address = found->address;
    attempts_.erase(found);
    return addresses_[address];
}

void Http1Connector::on_attempt_failed(StreamId stream, int error) {
    static_cast<void>(choose(stream));
    last_error_ = error;
    if (next_ < addresses_.size()) {
        try_next();
    } else if (attempts_.empty()) {
        set_timer(Duration::zero());
    }
}

}  // namespace boom::net
