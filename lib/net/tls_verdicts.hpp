#pragma once
// Chains of certificates that OpenSSL found good: a thousand users of one server judge its chain
// once. All that a verdict depends on is part of what is remembered, but for the trusted
// certificates and the rules, which are those of the one context that it belongs to. One thread.

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

struct x509_store_ctx_st;

namespace boom::net {

class TlsVerdicts {
public:
    using Time = std::chrono::system_clock::time_point;
    // Of the certificates of a chain up to the trusted one together; both are part of it.
    struct Validity {
        Time begin;
        Time end;
    };
    // Servers beyond this many make it forget the others.
    static constexpr std::size_t kMost = 256;

    // A chain as it was sent, with the name that it is to be good for.
    [[nodiscard]] bool has_found_good(const std::string& chain, Time now) const;
    void remember_good(const std::string& chain, const Validity& validity);

    // For SSL_CTX_set_cert_verify_callback(): 1 is good.
    static int verify(x509_store_ctx_st* question, void* verdicts);

private:
    std::unordered_map<std::string, Validity> good_;
};

}  // namespace boom::net
