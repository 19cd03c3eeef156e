#pragma once
// Messages that nobody has read yet. One thread.

#include <cstddef>
#include <string>
#include <vector>

namespace boom::net {

// In the order of their coming. Texts are reused: steady traffic allocates nothing.
class WebSocketInbox {
public:
    void push(std::string& payload);  // takes it in exchange for an empty one
    void pop(std::string& payload);   // REQUIRES: not empty
    void clear();
    [[nodiscard]] bool is_empty() const { return first_ == end_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    std::vector<std::string> texts_;
    std::size_t first_ = 0, end_ = 0;  // of those that wait
    std::size_t bytes_ = 0;            // theirs, with something for each
};

}  // namespace boom::net
