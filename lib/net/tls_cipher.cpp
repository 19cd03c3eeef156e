#include "net/tls_cipher.hpp"

#include "base/assert.hpp"
#include "base/prefetch.hpp"

#include <openssl/crypto.h>

// Debian has it for x86-64 alone; elsewhere OpenSSL keeps all connections.
#if __has_include(<intel-ipsec-mb.h>)
#include <intel-ipsec-mb.h>

namespace boom::net {
namespace {

using Tag = std::array<unsigned char, RecordCipher::kTagBytes>;

// The functions for this processor: tables that nobody changes. Null where it has none for GCM.
IMB_MGR* find_functions() {
    IMB_MGR* const manager = ::alloc_mb_mgr(0);
    if (manager == nullptr) {
        return nullptr;
    }
    constexpr std::uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    ::init_mb_mgr_auto(manager, nullptr);
    if (imb_get_errno(manager) != 0 || (manager->features & kNeeded) != kNeeded) {
        ::free_mb_mgr(manager);
        return nullptr;
    }
    return manager;
}

IMB_MGR* functions() {
    static IMB_MGR* const found = find_functions();
    return found;
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

bool RecordCipher::is_available() {
    return functions() != nullptr;
}

RecordCipher::RecordCipher(std::string_view key)
    : key_(std::make_unique<gcm_key_data>()), key_bytes_(key.size()) {
    BOOM_ASSERT(key.size() == 16 || key.size() == 32);
    if (key.size() == 16) {
        IMB_AES128_GCM_PRE(functions(), key.data(), key_.get());
    } else {
        IMB_AES256_GCM_PRE(functions(), key.data(), key_.get());
    }
}

void RecordCipher::seal(const Nonce& nonce, std::string_view header, char* text,
                        std::size_t size) const {
    gcm_context_data context;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    auto* const bytes = reinterpret_cast<unsigned char*>(text);
    const auto seal = key_bytes_ == 16 ? functions()->gcm128_enc : functions()->gcm256_enc;
    seal(key_.get(), &context, bytes, bytes, size, nonce.data(), bytes_of(header), header.size(),
         bytes + size, kTagBytes);
}

bool RecordCipher::open(const Nonce& nonce, std::string_view header, std::string_view sealed,
                        char* out) const {
    gcm_context_data context;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    Tag tag;                   // NOLINT(cppcoreguidelines-pro-type-member-init)
    const std::size_t size = sealed.size() - kTagBytes;
    const auto open = key_bytes_ == 16 ? functions()->gcm128_dec : functions()->gcm256_dec;
    open(key_.get(), &context, reinterpret_cast<unsigned char*>(out), bytes_of(sealed), size,
         nonce.data(), bytes_of(header), header.size(), tag.data(), tag.size());
    return ::CRYPTO_memcmp(tag.data(), sealed.data() + size, tag.size()) == 0;
}

}  // namespace boom::net

#else

struct gcm_key_data {};

namespace boom::net {

bool RecordCipher::is_available() {
    return false;
}
RecordCipher::RecordCipher(std::string_view key) : key_bytes_(key.size()) {
    BOOM_ASSERT(is_available());
}
void RecordCipher::seal(const Nonce&, std::string_view, char*, std::size_t) const {}
bool RecordCipher::open(const Nonce&, std::string_view, std::string_view, char*) const {
    return false;
}

}  // namespace boom::net

#endif

namespace boom::net {

void RecordCipher::prefetch() const {
    base::prefetch(key_.get());
}

RecordCipher::~RecordCipher() = default;
RecordCipher::RecordCipher(RecordCipher&&) noexcept = default;
RecordCipher& RecordCipher::operator=(RecordCipher&&) noexcept = default;

}  // namespace boom::net
