#pragma once
// Requests in which nothing ever changes, by HttpRequest::constant: made once for all users, and
// sent from the one place. One thread.

#include "net/event_loop.hpp"
#include "net/http1_request.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace boom::net {

class Http1Constants {
public:
    struct Constant {
        Http1Request request;
        std::string_view kept;  // its bytes, as EventLoop::keep() gave them
    };

    explicit Http1Constants(EventLoop& loop) : loop_(loop) {}

    // Null for one that is not constant, cannot be made, or whose body goes apart.
    [[nodiscard]] const Constant* find_or_make(const HttpRequest& request,
                                               ConnectionOptions::KeepAlive keep_alive);

private:
    EventLoop& loop_;
    std::vector<std::unique_ptr<Constant>> constants_;  // by number
};

}  // namespace boom::net
