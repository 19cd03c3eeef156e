#include "net/web_socket_inbox.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace boom::net {

void WebSocketInbox::push(std::string& payload) {
    if (end_ == texts_.size()) {
        if (first_ > end_ / 2) {
            std::rotate(texts_.begin(), texts_.begin() + static_cast<std::ptrdiff_t>(first_),
                        texts_.end());
            end_ -= first_;
            first_ = 0;
        } else {
            texts_.emplace_back();
        }
    }
    std::string& text = texts_[end_++];
    text.swap(payload);
    payload.clear();
    bytes_ += text.size() + sizeof(std::string);
}

void WebSocketInbox::pop(std::string& payload) {
    BOOM_ASSERT(!is_empty());
    std::string& text = texts_[first_++];
    bytes_ -= text.size() + sizeof(std::string);
    payload.swap(text);
    text.clear();
    if (is_empty()) {
        first_ = end_ = 0;
    }
}

void WebSocketInbox::clear() {
    texts_.clear();
    first_ = end_ = 0;
    bytes_ = 0;
}

}  // namespace boom::net
