#pragma once
// A thread that asks the system's resolver, which blocks. Names go in, addresses come out; a
// descriptor becomes readable when there are some. All but the inside belongs to one loop's thread.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace boom::net {

class ResolverThread {
public:
    struct Answer {
        std::string host;
        std::vector<std::string> addresses;  // literals, in the system's order; empty: a failure
    };

    ResolverThread();
    // Does not wait for a lookup that is under way: the thread ends by itself after it.
    ~ResolverThread();
    ResolverThread(const ResolverThread&) = delete;
    ResolverThread& operator=(const ResolverThread&) = delete;

    // False when there is no thread or descriptor to be had.
    [[nodiscard]] bool is_running() const { return shared_ != nullptr; }
    void ask(const std::string& host);
    // Readable when take() has something.
    [[nodiscard]] int descriptor() const;
    [[nodiscard]] std::vector<Answer> take();

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace boom::net
