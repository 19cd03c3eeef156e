#pragma once
// One exchange's easy handle: options that changed are set, what came back is read. Loop thread.

#include "net/http.hpp"

#include <curl/curl.h>

#include <string>

namespace boom::net {

class CurlTransfer final : public Exchange::EngineState {
public:
    explicit CurlTransfer(Exchange& exchange);
    ~CurlTransfer() override;
    CurlTransfer(const CurlTransfer&) = delete;
    CurlTransfer& operator=(const CurlTransfer&) = delete;

    void prepare();
    // Fills the response after the transfer has ended with `code`.
    void finish(CURLcode code, TimePoint now);

    [[nodiscard]] CURL* easy() const { return easy_; }
    [[nodiscard]] Exchange& exchange() const { return exchange_; }
    [[nodiscard]] bool opened_connection() const;
    bool is_in_flight = false;

private:
    static std::size_t on_header(char* data, std::size_t size, std::size_t count,
                                 void* self) noexcept;
    static std::size_t on_body(char* data, std::size_t size, std::size_t count,
                               void* self) noexcept;
    static curl_socket_t on_open_socket(void* self, curlsocktype purpose,
                                        curl_sockaddr* address) noexcept;
    void set_connection_options();
    void set_headers();
    void set_method_and_body();
    void read_headers();
    void set_error(CURLcode code);

    Exchange& exchange_;
    CURL* easy_;
    curl_slist* header_lines_ = nullptr;
    curl_slist* resolve_lines_ = nullptr;
    const ConnectionOptions* applied_options_ = nullptr;
    std::string applied_headers_;
    std::string applied_method_;
    bool applied_keeps_body_ = false;
    bool has_applied_body_ = false;
    bool has_applied_ = false;
    bool is_too_large_ = false;
    int socket_error_ = 0;
};

}  // namespace boom::net
