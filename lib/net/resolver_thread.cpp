#include "net/resolver_thread.hpp"

#include <arpa/inet.h>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace boom::net {

// Lives as long as the thread or its owner, whichever ends later: a lookup cannot be cut short,
// and nobody shall wait for one at the end of a run.
struct ResolverThread::Shared {
    std::mutex mutex;
    std::condition_variable has_work;
    std::deque<std::string> hosts;
    std::vector<Answer> answers;
    int descriptor = -1;
    bool is_abandoned = false;

    Shared() = default;
    ~Shared() {
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
};

namespace {

std::string address_text(const addrinfo& info) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (info.ai_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, info.ai_addr, sizeof address);
        ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    } else if (info.ai_family == AF_INET6) {
        sockaddr_in6 address{};
        std::memcpy(&address, info.ai_addr, sizeof address);
        ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    }
    return text.data();
}

std::vector<std::string> look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    std::vector<std::string> addresses;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) {
        return addresses;
    }
    for (const addrinfo* info = list; info != nullptr; info = info->ai_next) {
        std::string text = address_text(*info);
        if (!text.empty()) {
            addresses.push_back(std::move(text));
        }
    }
    ::freeaddrinfo(list);
    return addresses;
}

template <typename Shared>
void serve_names(Shared& shared) {
    std::unique_lock<std::mutex> lock(shared.mutex);
    while (true) {
        shared.has_work.wait(lock, [&] { return shared.is_abandoned || !shared.hosts.empty(); });
        if (shared.is_abandoned) {
            return;
        }
        std::string host = std::move(shared.hosts.front());
        shared.hosts.pop_front();
        lock.unlock();
        std::vector<std::string> addresses = look_up(host);
        lock.lock();
        shared.answers.push_back({std::move(host), std::move(addresses)});
        const std::uint64_t one = 1;
        static_cast<void>(::write(shared.descriptor, &one, sizeof one) == sizeof one);
    }
}

}  // namespace

ResolverThread::ResolverThread() : shared_(std::make_shared<Shared>()) {
    shared_->descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (shared_->descriptor < 0) {
        shared_.reset();
        return;
    }
    try {
        std::thread([shared = shared_] { serve_names(*shared); }).detach();
    } catch (const std::system_error&) {
        shared_.reset();
    }
}

ResolverThread::~ResolverThread() {
    if (shared_ != nullptr) {
        const std::lock_guard<std::mutex> lock(shared_->mutex);
        shared_->is_abandoned = true;
        shared_->has_work.notify_one();
    }
}

void ResolverThread::ask(const std::string& host) {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->hosts.push_back(host);
    shared_->has_work.notify_one();
}

int ResolverThread::descriptor() const {
    return shared_->descriptor;
}

std::vector<ResolverThread::Answer> ResolverThread::take() {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    std::uint64_t count = 0;
    static_cast<void>(::read(shared_->descriptor, &count, sizeof count) == sizeof count);
    return std::exchange(shared_->answers, {});
}

}  // namespace boom::net
