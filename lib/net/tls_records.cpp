#include "net/tls_records.hpp"

#include "net/spare_buffers.hpp"
#include "net/tls_keys.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::net {
namespace {

constexpr std::size_t kTag = RecordCipher::kTagBytes;
constexpr std::string_view kUnexpected = "unexpected message";

// Alerts (RFC 8446 6) and messages (4).
constexpr unsigned char kWarning = 1;
constexpr unsigned char kCloseNotify = 0;
constexpr unsigned char kUserCanceled = 90;
constexpr unsigned char kNoRenegotiation = 100;
constexpr unsigned char kHelloRequest = 0;
constexpr unsigned char kNewSessionTicket = 4;
constexpr unsigned char kKeyUpdate = 24;
constexpr std::size_t kMessageHeader = 4;

// Of this thread, for records that come in pieces.
SpareBuffers& spare_buffers() {
    thread_local SpareBuffers spare;
    return spare;
}

unsigned byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

template <std::size_t kSize>
std::string_view view(const std::array<char, kSize>& bytes) {
    return {bytes.data(), bytes.size()};
}

std::array<char, 8> big_endian(std::uint64_t number) {
    std::array<char, 8> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (std::size_t index = bytes.size(); index-- > 0; number >>= 8U) {
        bytes[index] = static_cast<char>(number & 0xffU);
    }
    return bytes;
}

std::array<char, 5> header_of(unsigned content, std::size_t size) {
    return {static_cast<char>(content), 3, 3, static_cast<char>(size >> 8U & 0xffU),
            static_cast<char>(size & 0xffU)};
}

// TLS 1.2: the number and what the header says of the plain text.
std::array<char, 13> additional_data(std::uint64_t number, unsigned content, std::size_t size) {
    std::array<char, 13> data;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const auto header = header_of(content, size);
    const auto begin = big_endian(number);
    std::copy(header.begin(), header.end(), std::copy(begin.begin(), begin.end(), data.begin()));
    return data;
}

// TLS 1.2: the fixed part and what the record carries.
RecordCipher::Nonce nonce_of(const std::string& iv, std::string_view carried) {
    RecordCipher::Nonce nonce;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    std::copy(carried.begin(), carried.end(), std::copy(iv.begin(), iv.end(), nonce.begin()));
    return nonce;
}

// TLS 1.3: what both sides know.
RecordCipher::Nonce nonce_of(const std::string& iv, std::uint64_t number) {
    RecordCipher::Nonce nonce;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    std::copy(iv.begin(), iv.end(), nonce.begin());
    for (std::size_t index = nonce.size(); number > 0; number >>= 8U) {
        nonce[--index] ^= static_cast<unsigned char>(number & 0xffU);
    }
    return nonce;
}

}  // namespace

TlsRecords::TlsRecords(Agreement agreement)
    : version_(agreement.version),
      digest_(std::move(agreement.digest)),
      read_(std::move(agreement.read)),
      write_(std::move(agreement.write)) {}

TlsRecords::State TlsRecords::receive(std::string_view from_peer, std::string& plain,
                                      std::string& to_peer) {
    while (!from_peer.empty() && state_ == State::Open) {
        if (!partial_.empty() || from_peer.size() < kHeaderBytes) {
            collect(from_peer, plain, to_peer);
            continue;
        }
        const std::size_t size = size_of_record(from_peer);
        if (size > from_peer.size()) {
            collect(from_peer, plain, to_peer);
        } else if (size > 0) {
            open(from_peer.substr(0, size), plain, to_peer);
            from_peer.remove_prefix(size);
        }
    }
    return state_;
}

// Takes of `bytes` what the record in hand lacks, first of its header, then of the rest.
void TlsRecords::collect(std::string_view& bytes, std::string& plain, std::string& to_peer) {
    std::size_t wanted = kHeaderBytes;
    if (partial_.empty()) {
        partial_ = spare_buffers().take();
    }
    if (partial_.size() >= kHeaderBytes) {
        wanted = size_of_record(partial_);
        partial_.reserve(wanted);
    }
    const std::size_t taken = std::min(wanted - partial_.size(), bytes.size());
    partial_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (partial_.size() < kHeaderBytes) {
        return;
    }
    const std::size_t size = size_of_record(partial_);
    if (state_ == State::Open && partial_.size() == size) {
        std::string record = std::exchange(partial_, {});
        open(record, plain, to_peer);
        spare_buffers().give_back(std::move(record));
    }
}

std::size_t TlsRecords::size_of_record(std::string_view begin) {
    const std::size_t size = byte_at(begin, 3) << 8U | byte_at(begin, 4);
    const std::size_t expansion = version_ == Version::Tls12 ? kExplicitNonceBytes + kTag : 256;
    if (byte_at(begin, 1) != 3 || byte_at(begin, 2) != 3) {  // TLS 1.2, and 1.3 that looks so
        fail("wrong version number");
        return 0;
    }
    if (size > kMostPlain + expansion) {
        fail("record too large");
        return 0;
    }
    return kHeaderBytes + size;
}

void TlsRecords::open(std::string_view record, std::string& plain, std::string& to_peer) {
    const std::size_t begin = plain.size();
    auto content = static_cast<Content>(record[0]);
    if (!decrypt(record, plain) || (version_ == Version::Tls13 && !strip(begin, plain, content))) {
        plain.resize(begin);
        return;
    }
    if (content == Content::Data) {
        return;
    }
    const std::string said = plain.substr(begin);
    plain.resize(begin);
    if (content == Content::Alert) {
        take_alert(said);
    } else if (content == Content::Handshake) {
        take_handshake(said, to_peer);
    } else {
        fail(kUnexpected);
    }
}

bool TlsRecords::decrypt(std::string_view record, std::string& plain) {
    const std::string_view header = record.substr(0, kHeaderBytes);
    record.remove_prefix(kHeaderBytes);
    const std::size_t expansion = version_ == Version::Tls12 ? kExplicitNonceBytes + kTag : kTag;
    if (record.size() < expansion) {
        fail("record too short");
        return false;
    }
    const std::size_t begin = plain.size();
    const std::size_t size = record.size() - expansion;
    const std::uint64_t number = read_.keys.next++;
    plain.resize(begin + size);
    bool is_genuine = false;
    if (version_ == Version::Tls12) {
        is_genuine =
            read_.cipher.open(nonce_of(read_.keys.iv, record.substr(0, kExplicitNonceBytes)),
                              view(additional_data(number, byte_at(header, 0), size)),
                              record.substr(kExplicitNonceBytes), plain.data() + begin);
    } else {
        is_genuine = read_.cipher.open(nonce_of(read_.keys.iv, number), header, record,
                                       plain.data() + begin);
    }
    if (!is_genuine) {
        fail("decryption failed or bad record mac");
    } else if (size > kMostPlain + (version_ == Version::Tls13 ? 1 : 0)) {
        fail("record too large");
    }
    return state_ == State::Open;
}

bool TlsRecords::strip(std::size_t begin, std::string& plain, Content& content) {
    // Outside everything is data; what was sent in clear has no place after the handshake.
    const std::size_t end = plain.find_last_not_of('\0');
    if (content != Content::Data || end == std::string::npos || end < begin) {
        fail(kUnexpected);
        return false;
    }
    content = static_cast<Content>(plain[end]);
    plain.resize(end);
    return true;
}

void TlsRecords::take_alert(std::string_view content) {
    if (content.size() != 2) {
        fail("bad alert");
        return;
    }
    const unsigned kind = byte_at(content, 1);
    if (kind == kCloseNotify) {
        state_ = State::Ended;
    } else if (version_ == Version::Tls12 ? byte_at(content, 0) != kWarning
                                          : kind != kUserCanceled) {
        fail(std::string("alert of the peer: ") +
             ::SSL_alert_desc_string_long(static_cast<int>(kind)));
    }
}

void TlsRecords::take_handshake(std::string_view content, std::string& to_peer) {
    if (content.empty() || handshake_.size() + content.size() > kMostHandshake) {
        fail(kUnexpected);
        return;
    }
    handshake_.append(content);
    while (state_ == State::Open && handshake_.size() >= kMessageHeader) {
        const std::size_t size =
            kMessageHeader +
            (byte_at(handshake_, 1) << 16U | byte_at(handshake_, 2) << 8U | byte_at(handshake_, 3));
        if (size > kMostHandshake) {
            fail(kUnexpected);
        } else if (handshake_.size() < size) {
            return;
        } else {
            take_message(std::string_view(handshake_).substr(0, size), to_peer);
            handshake_.erase(0, size);
        }
    }
}

void TlsRecords::take_message(std::string_view message, std::string& to_peer) {
    const unsigned kind = byte_at(message, 0);
    if (version_ == Version::Tls12) {
        if (kind == kHelloRequest && message.size() == kMessageHeader) {
            seal(Content::Alert, std::string{kWarning, kNoRenegotiation}, to_peer);
        } else {
            fail(kUnexpected);
        }
        return;
    }
    if (kind == kNewSessionTicket) {
        return;  // those of before are good enough
    }
    // New keys count from the next record on: nothing may follow in this one.
    const bool is_update = kind == kKeyUpdate && message.size() == kMessageHeader + 1 &&
                           message.size() == handshake_.size() && byte_at(message, 4) <= 1;
    if (!is_update) {
        fail(kUnexpected);
        return;
    }
    renew(read_);
    if (byte_at(message, 4) == 1) {
        seal(Content::Handshake, std::string{kKeyUpdate, 0, 0, 1, 0}, to_peer);
        renew(write_);
    }
}

void TlsRecords::send(std::string_view plain, std::string& to_peer) {
    while (!plain.empty()) {
        const std::string_view part = plain.substr(0, kMostPlain);
        seal(Content::Data, part, to_peer);
        plain.remove_prefix(part.size());
    }
}

void TlsRecords::end(std::string& to_peer) {
    seal(Content::Alert, std::string{kWarning, kCloseNotify}, to_peer);
}

void TlsRecords::seal(Content content, std::string_view plain, std::string& to_peer) {
    const std::uint64_t number = write_.keys.next++;
    const auto kind = static_cast<unsigned>(content);
    if (version_ == Version::Tls12) {
        // The number is never the same twice, as RFC 5288 3 wants it.
        const auto carried = big_endian(number);
        to_peer.append(view(header_of(kind, carried.size() + plain.size() + kTag)));
        to_peer.append(view(carried));
        const std::size_t begin = to_peer.size();
        to_peer.append(plain).append(kTag, '\0');
        write_.cipher.seal(nonce_of(write_.keys.iv, view(carried)),
                           view(additional_data(number, kind, plain.size())),
                           to_peer.data() + begin, plain.size());
        return;
    }
    const auto header = header_of(static_cast<unsigned>(Content::Data), plain.size() + 1 + kTag);
    to_peer.append(view(header));
    const std::size_t begin = to_peer.size();
    to_peer.append(plain).append(1, static_cast<char>(kind)).append(kTag, '\0');
    write_.cipher.seal(nonce_of(write_.keys.iv, number), view(header), to_peer.data() + begin,
                       plain.size() + 1);
}

// RFC 8446 7.2.
void TlsRecords::renew(Direction& direction) const {
    Keys keys;
    keys.secret =
        expand_label(direction.keys.secret, "traffic upd", direction.keys.secret.size(), digest_);
    keys.key = expand_label(keys.secret, "key", direction.keys.key.size(), digest_);
    keys.iv = expand_label(keys.secret, "iv", direction.keys.iv.size(), digest_);
    direction = Direction(std::move(keys));
}

void TlsRecords::fail(std::string_view reason) {
    state_ = State::Failed;
    error_ = reason;
}

}  // namespace boom::net
