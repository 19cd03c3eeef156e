// The least that a client on libcurl's multi interface can cost: socket_action on a bare epoll,
// no option that is not needed.
#include "bench_report.hpp"

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <sys/epoll.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Loop {
    CURLM* multi = nullptr;
    int epoll = -1;
    long timeout_ms = -1;
    std::int64_t requests = 0;
    std::int64_t failures = 0;
};

std::size_t discard(char* /*data*/, std::size_t size, std::size_t count, void* /*unused*/) {
    return size * count;
}

int on_timeout(CURLM* /*multi*/, long timeout_ms, void* self) {
    static_cast<Loop*>(self)->timeout_ms = timeout_ms;
    return 0;
}

int on_socket(CURL* /*easy*/, curl_socket_t descriptor, int what, void* self, void* known) {
    Loop& loop = *static_cast<Loop*>(self);
    epoll_event event{};
    event.data.fd = descriptor;
    event.events = (what != CURL_POLL_OUT ? std::uint32_t{EPOLLIN} : 0U) |
                   (what != CURL_POLL_IN ? std::uint32_t{EPOLLOUT} : 0U);
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop.epoll, EPOLL_CTL_DEL, descriptor, nullptr);
        curl_multi_assign(loop.multi, descriptor, nullptr);
    } else {
        epoll_ctl(loop.epoll, known != nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
        curl_multi_assign(loop.multi, descriptor, &loop);
    }
    return 0;
}

void restart_done(Loop& loop) {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(loop.multi, &left)) {
        CURL* easy = message->easy_handle;
        ++loop.requests;
        loop.failures += message->data.result != CURLE_OK ? 1 : 0;
        curl_multi_remove_handle(loop.multi, easy);
        curl_multi_add_handle(loop.multi, easy);
    }
}

void run_once(Loop& loop) {
    std::array<epoll_event, 512> events;
    const int wait = static_cast<int>(loop.timeout_ms < 0 ? 1000 : loop.timeout_ms);
    const int count = epoll_wait(loop.epoll, events.data(), static_cast<int>(events.size()), wait);
    int running = 0;
    if (loop.timeout_ms == 0 || count == 0) {
        loop.timeout_ms = -1;
        curl_multi_socket_action(loop.multi, CURL_SOCKET_TIMEOUT, 0, &running);
        restart_done(loop);
    }
    for (int index = 0; index < count; ++index) {
        const epoll_event& event = events[static_cast<std::size_t>(index)];
        const int what = ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                         ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(loop.multi, event.data.fd, what, &running);
        restart_done(loop);
    }
}

}  // namespace

int main(int count, char** arguments) {
    const auto wanted = boom::bench::parse_client_arguments(count, arguments);
    if (!wanted.is_valid()) {
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Loop loop;
    loop.multi = curl_multi_init();
    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETDATA, &loop);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERFUNCTION, &on_timeout);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERDATA, &loop);
    curl_multi_setopt(loop.multi, CURLMOPT_MAXCONNECTS, static_cast<long>(wanted.connections) * 4);
    std::vector<CURL*> handles;
    for (int index = 0; index < wanted.connections; ++index) {
        CURL* easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, wanted.url);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);  // peers do not look at it either
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &discard);
        curl_multi_add_handle(loop.multi, easy);
        handles.push_back(easy);
    }
    const auto begin = Clock::now();
    const double cpu_begin = boom::bench::cpu_seconds();
    const auto elapsed = [&] {
        return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    while (elapsed() < wanted.seconds) {
        run_once(loop);
    }
    boom::bench::print_client_result(loop.requests, loop.failures, elapsed(),
                                     boom::bench::cpu_seconds() - cpu_begin);
    for (CURL* easy : handles) {
        curl_multi_remove_handle(loop.multi, easy);
        curl_easy_cleanup(easy);
    }
    curl_multi_cleanup(loop.multi);
    close(loop.epoll);
    return loop.failures == 0 ? 0 : 1;
}
