#pragma once
// The part of OpenSSL that a client's handshakes use: its default algorithms, but of its decoders
// only those for the public keys of certificates.

struct ossl_lib_ctx_st;

namespace boom::net {

// OpenSSL 3.0 looks through all of its decoders anew for each certificate that it reads, four
// fifths of the time that takes. Any thread; lives as long as the process. Null, which is OpenSSL's
// own, where the configuration of the system asks for other providers than the default one.
[[nodiscard]] ossl_lib_ctx_st* client_tls_library();

}  // namespace boom::net
