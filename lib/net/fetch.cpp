#include "net/fetch.hpp"

#include "net/curl_library.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace boom::net {
namespace {

constexpr std::size_t kMaxBody = std::size_t{16} << 20;

std::size_t append_body(char* data, std::size_t size, std::size_t count, void* target) noexcept {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + size * count > kMaxBody) {
        return 0;  // ends the transfer with an error
    }
    body.append(data, size * count);
    return size * count;
}

struct EasyCleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListCleanup {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace

FetchResult fetch(const FetchRequest& request) {
    initialize_curl();
    FetchResult result;
    const std::unique_ptr<CURL, EasyCleanup> handle(curl_easy_init());
    if (handle == nullptr) {
        result.error = "out of memory";
        return result;
    }
    curl_slist* lines = curl_slist_append(nullptr, "Expect:");
    for (const std::string& header : request.headers) {
        lines = curl_slist_append(lines, header.c_str());
    }
    const std::unique_ptr<curl_slist, ListCleanup> owned(lines);
    CURL* easy = handle.get();
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, owned.get());
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(std::max<std::int64_t>(base::to_ms(request.deadline), 1)));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &append_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &result.body);
    if (request.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else {
        if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             static_cast<curl_off_t>(request.body.size()));
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
        }
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    const CURLcode code = curl_easy_perform(easy);
    if (code != CURLE_OK) {
        result.error = curl_easy_strerror(code);
        return result;
    }
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    result.status = static_cast<int>(status);
    return result;
}

}  // namespace boom::net
