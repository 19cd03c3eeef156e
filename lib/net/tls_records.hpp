#pragma once
// The record layer of an open TLS connection with AES-GCM, client and server alike: TLS 1.2
// (RFC 5246 section 6.2, RFC 5288) and TLS 1.3 (RFC 8446 sections 4.6 and 5). The handshake is
// OpenSSL's; what it agreed on comes in. One thread.

#include "net/tls_cipher.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace boom::net {

class TlsRecords {
public:
    enum class Version { Tls12, Tls13 };

    // Of one direction.
    struct Keys {
        std::string key;
        std::string iv;          // 4 bytes in TLS 1.2, 12 in TLS 1.3
        std::string secret;      // TLS 1.3: what the next keys are made from
        std::uint64_t next = 0;  // number of its next record
    };
    struct Agreement {
        Version version = Version::Tls13;
        std::string digest;  // of the cipher suite, as OpenSSL calls it
        Keys read;
        Keys write;
    };
    explicit TlsRecords(Agreement agreement);

    enum class State { Open, Ended, Failed };
    // Decrypted bytes are appended to `plain`, what the protocol demands as an answer to `to_peer`.
    State receive(std::string_view from_peer, std::string& plain, std::string& to_peer);
    void send(std::string_view plain, std::string& to_peer);
    // Says that nothing more will be sent.
    void end(std::string& to_peer);
    // Bytes come soon: fetches the keys into the caches (base/prefetch).
    void prefetch() const {
        read_.cipher.prefetch();
        write_.cipher.prefetch();
    }
    // Why it failed; empty otherwise.
    [[nodiscard]] const std::string& error() const { return error_; }

private:
    static constexpr std::size_t kHeaderBytes = 5;
    static constexpr std::size_t kMostPlain = 1U << 14U;
    static constexpr std::size_t kExplicitNonceBytes = 8;  // TLS 1.2
    static constexpr std::size_t kMostHandshake = 1U << 16U;

    struct Direction {
        explicit Direction(Keys given) : keys(std::move(given)), cipher(keys.key) {}

        Keys keys;
        RecordCipher cipher;
    };
    enum class Content : unsigned char {
        ChangeCipherSpec = 20,
        Alert = 21,
        Handshake = 22,
        Data = 23,
    };

    // Of the record that begins so, header included; 0 and failed when it cannot be one.
    std::size_t size_of_record(std::string_view begin);
    void collect(std::string_view& bytes, std::string& plain, std::string& to_peer);
    void open(std::string_view record, std::string& plain, std::string& to_peer);
    // Appends the plain text. False: failed.
    bool decrypt(std::string_view record, std::string& plain);
    // Takes the type and the padding away from what decrypt() appended (TLS 1.3).
    bool strip(std::size_t begin, std::string& plain, Content& content);
    void take_alert(std::string_view content);
    void take_handshake(std::string_view content, std::string& to_peer);
    void take_message(std::string_view message, std::string& to_peer);
    void seal(Content content, std::string_view plain, std::string& to_peer);
    void renew(Direction& direction) const;
    void fail(std::string_view reason);

    Version version_;
    std::string digest_;
    Direction read_;
    Direction write_;
    State state_ = State::Open;
    std::string partial_;    // of a record
    std::string handshake_;  // of a message that goes over several records (TLS 1.3)
    std::string error_;
};

}  // namespace boom::net
