#include "net/fetch.hpp"

#include "base/assert.hpp"
#include "net/curl_failure.hpp"
#include "net/curl_library.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace boom::net {
namespace {

constexpr std::size_t kMaxBodyBytes = std::size_t{16} << 20;

struct Body {
    std::string text;
    bool is_too_long = false;
    bool has_head = false;  // to its empty line
};

struct EasyCleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListCleanup {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, EasyCleanup>;
using List = std::unique_ptr<curl_slist, ListCleanup>;

std::size_t append_body(char* data, std::size_t size, std::size_t count, void* target) noexcept {
    Body& body = *static_cast<Body*>(target);
    if (body.text.size() + size * count > kMaxBodyBytes) {
        body.is_too_long = true;
        return 0;  // ends the transfer with an error
    }
    body.text.append(data, size * count);
    return size * count;
}

// libcurl takes a connection that ends inside the head for the end of an empty answer.
std::size_t watch_head(char* data, std::size_t size, std::size_t count, void* target) noexcept {
    const std::string_view line(data, size * count);
    Body& body = *static_cast<Body*>(target);
    const bool is_end = line == "\r\n" || line == "\n";
    // Trailers come here too; only a new head begins with a version.
    body.has_head = is_end || (body.has_head && line.substr(0, 5) != "HTTP/");
    return line.size();
}

List header_lines(const FetchRequest& request) {
    curl_slist* lines = curl_slist_append(nullptr, "Expect:");
    for (const std::string& header : request.headers) {
        lines = curl_slist_append(lines, header.c_str());
    }
    return List(lines);
}

void set_method(CURL* easy, const FetchRequest& request) {
    if (request.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_limits(CURL* easy, base::Duration deadline) {
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(std::max<std::int64_t>(base::to_ms(deadline), 1)));
    // A name that does not resolve must not hold the end up.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    // Only to where the user said: no proxy of the environment.
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

std::string failure_text(CURL* easy, CURLcode code, const Body& body, base::Duration deadline) {
    if (body.is_too_long) {
        return "the answer is longer than 16 MiB";
    }
    long system_error = 0;
    long request_bytes = 0;
    long header_bytes = 0;
    curl_off_t resolved_us = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &system_error);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &header_bytes);
    curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
    CurlFailure failure;
    failure.code = code;
    failure.system_error = static_cast<int>(system_error);
    failure.is_resolved = resolved_us > 0;
    failure.is_request_begun = request_bytes > 0;
    failure.is_answer_begun = header_bytes > 0;
    ConnectionOptions options;
    options.timeout = deadline;
    return explain(failure, options).text;
}

}  // namespace

FetchResult fetch(const FetchRequest& request) {
    initialize_curl();
    const Handle handle(curl_easy_init());
    BOOM_ASSERT(handle != nullptr);
    CURL* easy = handle.get();
    const List headers = header_lines(request);
    Body body;
    set_limits(easy, request.deadline);
    set_method(easy, request);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &append_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(&body));
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &watch_head);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, static_cast<void*>(&body));

    FetchResult result;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    if (code == CURLE_OK) {
        code = curl_easy_perform(easy);
    }
    if (code != CURLE_OK) {
        result.error = failure_text(easy, code, body, request.deadline);
        return result;
    }
    if (!body.has_head) {
        result.error = "the connection ended inside the head of the answer";
        return result;
    }
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    result.status = static_cast<int>(status);
    result.body = std::move(body.text);
    return result;
}

}  // namespace boom::net
