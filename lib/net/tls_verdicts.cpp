#include "net/tls_verdicts.hpp"

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <optional>

namespace boom::net {
namespace {

using Time = TlsVerdicts::Time;

// Empty where a certificate cannot be written: nothing is known of such a chain.
std::string key_of(X509_STORE_CTX* question) {
    X509_VERIFY_PARAM* const wanted = ::X509_STORE_CTX_get0_param(question);
    const char* const name = ::X509_VERIFY_PARAM_get0_host(wanted, 0);
    char* const address = ::X509_VERIFY_PARAM_get1_ip_asc(wanted);
    std::string key = name != nullptr ? name : "";
    // Neither a name nor an address can contain these.
    key += '\n';
    key += address != nullptr ? address : "";
    key += '\n';
    ::OPENSSL_free(address);
    const STACK_OF(X509)* const sent = ::X509_STORE_CTX_get0_untrusted(question);
    for (int index = 0; index < sk_X509_num(sent); ++index) {
        const X509* const certificate = sk_X509_value(sent, index);
        const int size = ::i2d_X509(certificate, nullptr);
        if (size <= 0) {
            return {};
        }
        const std::size_t begin = key.size();
        key.resize(begin + static_cast<std::size_t>(size));
        auto* place = reinterpret_cast<unsigned char*>(key.data() + begin);
        static_cast<void>(::i2d_X509(certificate, &place));
    }
    return key;
}

std::optional<Time> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (::ASN1_TIME_to_tm(time, &parts) != 1) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::optional<TlsVerdicts::Validity> validity_of(const STACK_OF(X509) * chain) {
    TlsVerdicts::Validity whole{Time::min(), Time::max()};
    for (int index = 0; index < sk_X509_num(chain); ++index) {
        const X509* const certificate = sk_X509_value(chain, index);
        const auto begin = time_of(::X509_get0_notBefore(certificate));
        const auto end = time_of(::X509_get0_notAfter(certificate));
        if (!begin || !end) {
            return std::nullopt;
        }
        whole = {std::max(whole.begin, *begin), std::min(whole.end, *end)};
    }
    return whole;
}

}  // namespace

bool TlsVerdicts::has_found_good(const std::string& chain, Time now) const {
    const auto found = good_.find(chain);
    return found != good_.end() && found->second.begin <= now && now <= found->second.end;
}

void TlsVerdicts::remember_good(const std::string& chain, const Validity& validity) {
    if (good_.size() >= kMost) {
        good_.clear();
    }
    good_.insert_or_assign(chain, validity);
}

int TlsVerdicts::verify(X509_STORE_CTX* question, void* verdicts) {
    auto& self = *static_cast<TlsVerdicts*>(verdicts);
    const std::string key = key_of(question);
    if (!key.empty() && self.has_found_good(key, std::chrono::system_clock::now())) {
        ::X509_STORE_CTX_set_error(question, X509_V_OK);
        return 1;
    }
    const int verdict = ::X509_verify_cert(question);
    if (verdict == 1 && !key.empty()) {
        const auto validity = validity_of(::X509_STORE_CTX_get0_chain(question));
        if (validity) {
            self.remember_good(key, *validity);
        }
    }
    return verdict;
}

}  // namespace boom::net
