#pragma once
// The inside of a TlsContext, shared by the files that implement TLS and by nobody else: it names
// a type of OpenSSL without its header.

#include "net/tls_stream.hpp"
#include "net/tls_verdicts.hpp"

#include <atomic>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace boom::net {

struct TlsContext::State {
    ssl_ctx_st* raw = nullptr;
    bool is_client = false;
    TlsVerdicts verdicts;  // of a client that verifies
    // Streams of all threads; they may outlive the context.
    std::shared_ptr<std::atomic<int>> streams = std::make_shared<std::atomic<int>>(0);

    State() = default;
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

// The oldest error of this thread's queue as text; the queue is empty afterwards.
[[nodiscard]] std::string take_tls_error();

}  // namespace boom::net
