#pragma once
// Servers that fail in one way each, for clients that must not wait for them.

#include <atomic>
#include <string>
#include <thread>

namespace boom::test {

// A listening socket on loopback that nobody serves: the kernel connects, and that is all.
class SilentPort {
public:
    SilentPort();
    ~SilentPort();
    SilentPort(const SilentPort&) = delete;
    SilentPort& operator=(const SilentPort&) = delete;
    [[nodiscard]] std::string url() const;

protected:
    int descriptor_;

private:
    int port_ = 0;
};

// Answers every request with one status and keeps what it was asked. Requests are counted, and
// their first lines and bodies kept until stop().
class OneAnswerServer final : public SilentPort {
public:
    explicit OneAnswerServer(int status);
    ~OneAnswerServer();
    // Ends the thread; the text of all requests, one after the other.
    [[nodiscard]] std::string stop();
    [[nodiscard]] int requests() const { return requests_; }

private:
    void serve();

    int status_;
    std::atomic<bool> is_stopping_ = false;
    std::atomic<int> requests_ = 0;
    std::string received_;
    std::thread thread_;
};

}  // namespace boom::test
