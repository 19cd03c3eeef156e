#include "net/content_decoder.hpp"

#include "support/packing.hpp"

#include <catch2/catch.hpp>

#include <brotli/encode.h>
#include <cstdint>
#include <zstd.h>

namespace boom::net {
namespace {

constexpr std::size_t kNoLimit = 10'000'000;

using test::gzip;
using test::pack_zlib;

std::string pack_brotli(std::string_view text) {
    std::string packed(text.size() + 1024, '\0');
    std::size_t size = packed.size();
    REQUIRE(BrotliEncoderCompress(
                BROTLI_DEFAULT_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_DEFAULT_MODE, text.size(),
                static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), &size,
                static_cast<std::uint8_t*>(static_cast<void*>(packed.data()))) == BROTLI_TRUE);
    packed.resize(size);
    return packed;
}

std::string pack_zstd(std::string_view text) {
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size =
        ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3);
    REQUIRE(ZSTD_isError(size) == 0);
    packed.resize(size);
    return packed;
}

struct Unpacked {
    bool is_good = true;
    bool is_complete = false;
    std::string text;
};

Unpacked unpack(std::string_view codings, std::string_view packed, std::size_t piece,
                std::size_t limit = kNoLimit) {
    const MadeDecoder made = make_content_decoder(codings);
    REQUIRE(made.decoder != nullptr);
    Unpacked result;
    for (; !packed.empty() && result.is_good;
         packed.remove_prefix(std::min(piece, packed.size()))) {
        result.is_good = made.decoder->decode(packed.substr(0, piece), result.text, limit);
    }
    result.is_complete = made.decoder->is_complete();
    return result;
}

std::string sample() {
    std::string text;
    for (int line = 0; line < 20'000; ++line) {
        text += "line " + std::to_string(line * 7919 % 10'007) + "\n";
    }
    return text;
}

TEST_CASE("ContentDecoder: what was packed comes out, however it is cut", "[net]") {
    const std::string text = GENERATE(std::string(), std::string("x"), sample());
    const auto piece = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{4096}, kNoLimit);
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"gzip", gzip(text)},
        {"X-GZIP", gzip(text)},
        {"deflate", pack_zlib(text, 15)},
        {"deflate", pack_zlib(text, -15)},
        {"br", pack_brotli(text)},
        {"zstd", pack_zstd(text)},
        {"gzip, zstd", pack_zstd(gzip(text))},
        {"gzip, br", pack_brotli(gzip(text))},
        {"identity, gzip", gzip(text)},
    };
    for (const auto& [codings, packed] : cases) {
        INFO(codings << " of " << text.size() << " bytes by " << piece);
        const Unpacked result = unpack(codings, packed, piece);
        CHECK(result.is_good);
        CHECK(result.is_complete);
        CHECK(result.text == text);
        if (packed.size() < 2) {
            continue;
        }
        // Cut off, it is not complete.
        const Unpacked cut =
            unpack(codings, std::string_view(packed).substr(0, packed.size() / 2), piece);
        CHECK_FALSE((cut.is_good && cut.is_complete));
    }
}

TEST_CASE("ContentDecoder: garbage is refused", "[net]") {
    const std::string coding = GENERATE(as<std::string>(), "gzip", "br", "zstd");
    CHECK_FALSE(unpack(coding, "\xff this is nothing of the kind, at all", kNoLimit).is_good);
}

TEST_CASE("ContentDecoder: a bomb does not get over the limit", "[net]") {
    const std::string text(5'000'000, 'x');
    for (const auto& [coding, packed] : std::vector<std::pair<std::string, std::string>>{
             {"gzip", gzip(text)}, {"br", pack_brotli(text)}, {"zstd", pack_zstd(text)}}) {
        const Unpacked result = unpack(coding, packed, kNoLimit, 100'000);
        CHECK_FALSE(result.is_good);
        CHECK(result.text.size() <= 100'000);
        CHECK(unpack(coding, packed, kNoLimit, text.size()).text == text);
    }
}

TEST_CASE("ContentDecoder: identity needs no decoder, an unknown coding has none", "[net]") {
    CHECK(make_content_decoder("identity").is_identity);
    CHECK(make_content_decoder(" , ").is_identity);
    const std::string unknown =
        GENERATE(as<std::string>(), "lzma", "gzip, lzma", "br, br, br, br, br");
    CHECK(make_content_decoder(unknown).decoder == nullptr);
    CHECK_FALSE(make_content_decoder(unknown).is_identity);
}

}  // namespace
}  // namespace boom::net
