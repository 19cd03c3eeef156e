// What a peer that knows the keys can say is understood the same however its bytes are cut. The
// input: size of the pieces, version, then records as type, padding, size and content; the top bit
// of the type breaks the seal.

#include "base/assert.hpp"
#include "net/tls_records.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using boom::net::RecordCipher;
using boom::net::TlsRecords;

const std::string kKey(16, 'k');

struct Peer {
    TlsRecords::Version version;
    RecordCipher cipher{kKey};
    unsigned char number = 0;

    std::string record(unsigned char type, std::size_t padding, std::string_view content) {
        const bool is13 = version == TlsRecords::Version::Tls13;
        std::string text(content);
        std::string carried;
        RecordCipher::Nonce nonce{};
        if (is13) {
            text.append(1, static_cast<char>(type)).append(padding, '\0');
        } else {
            carried.assign(8, 'c');
            std::fill(nonce.begin() + 4, nonce.end(), 'c');
        }
        nonce.back() ^= is13 ? number : 0;
        const std::size_t size = carried.size() + text.size() + RecordCipher::kTagBytes;
        const auto header = [&](std::size_t bytes) {
            return std::string{static_cast<char>(is13 ? 23 : type), 3, 3,
                               static_cast<char>(bytes >> 8U), static_cast<char>(bytes & 0xffU)};
        };
        const std::string told =
            is13 ? header(size)
                 : std::string(7, '\0') + static_cast<char>(number) + header(text.size());
        const std::size_t plain = text.size();
        text.append(RecordCipher::kTagBytes, '\0');
        cipher.seal(nonce, told, text.data(), plain);
        ++number;
        return header(size) + carried + text;
    }
};

std::string read(TlsRecords::Version version, const std::string& bytes, std::size_t step) {
    const std::string iv(version == TlsRecords::Version::Tls13 ? 12 : 4, '\0');
    const std::string secret(32, 's');
    TlsRecords records({version, "SHA256", {kKey, iv, secret, 0}, {kKey, iv, secret, 0}});
    std::string plain;
    std::string to_peer;
    auto state = TlsRecords::State::Open;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        state = records.receive(std::string_view(bytes).substr(at, step), plain, to_peer);
    }
    BOOM_ASSERT((state == TlsRecords::State::Failed) != records.error().empty());
    BOOM_ASSERT(plain.size() <= bytes.size());
    return std::to_string(static_cast<int>(state)) + records.error() + plain + to_peer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || !RecordCipher::is_available()) {
        return 0;
    }
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto version = data[1] % 2 == 0 ? TlsRecords::Version::Tls13 : TlsRecords::Version::Tls12;
    Peer peer{version};
    std::string bytes;
    for (std::size_t at = 2; at + 3 <= size && peer.number < 100;) {
        const std::string_view content = input.substr(at + 3, data[at + 2]);
        const auto type = static_cast<unsigned char>(data[at] & 0x7fU);
        std::string record = peer.record(type, data[at + 1], content);
        record.back() ^= static_cast<char>(data[at] & 0x80U);
        bytes += record;
        at += 3 + content.size();
    }
    bytes += input.substr(0, 7);  // and something that is no record
    BOOM_ASSERT(read(version, bytes, bytes.size()) ==
                read(version, bytes, std::size_t{data[0]} % 64 + 1));
    return 0;
}
