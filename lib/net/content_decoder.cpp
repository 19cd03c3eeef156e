#include "net/content_decoder.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <brotli/decode.h>
#include <cstdint>
#include <utility>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace boom::net {
namespace {

constexpr std::size_t kPieceBytes = 16 * 1024;
constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;
constexpr int kRawWindow = -15;
// Nobody stacks more, but for harm.
constexpr std::size_t kMaxCodings = 4;
using Piece = std::array<char, kPieceBytes>;

std::uint8_t* bytes_of(char* text) {
    return static_cast<std::uint8_t*>(static_cast<void*>(text));
}

const std::uint8_t* bytes_of(const char* text) {
    return static_cast<const std::uint8_t*>(static_cast<const void*>(text));
}

bool append_limited(std::string& out, std::string_view piece, std::size_t limit) {
    if (piece.size() > limit - std::min(limit, out.size())) {
        return false;
    }
    out += piece;
    return true;
}

// gzip and deflate. What is called deflate is zlib's format, but some servers send the raw one.
class ZlibDecoder final : public ContentDecoder {
public:
    enum class Format { Gzip, Deflate };
    explicit ZlibDecoder(Format format) : format_(format) {
        is_ready_ =
            ::inflateInit2(&stream_, format == Format::Gzip ? kGzipWindow : kZlibWindow) == Z_OK;
    }
    ~ZlibDecoder() override { ::inflateEnd(&stream_); }
    ZlibDecoder(const ZlibDecoder&) = delete;
    ZlibDecoder& operator=(const ZlibDecoder&) = delete;

    bool decode(std::string_view bytes, std::string& out, std::size_t limit) override {
        if (bytes.empty()) {
            return true;
        }
        if (format_ == Format::Deflate && !is_begun_) {
            choose_format(bytes.front());
        }
        is_begun_ = true;
        stream_.next_in = const_cast<Bytef*>(bytes_of(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        while (is_ready_ && !is_ended_ && stream_.avail_in > 0) {
            if (!inflate_piece(out, limit)) {
                return false;
            }
        }
        // Padding behind the end is ignored, as browsers and libcurl do.
        return is_ready_;
    }
    [[nodiscard]] bool is_complete() const override { return is_ended_ || !is_begun_; }

private:
    // The low four bits of zlib's first byte are 8; in a raw stream they nearly never are.
    void choose_format(char first) {
        constexpr unsigned kMethodMask = 0x0f;
        if ((static_cast<unsigned char>(first) & kMethodMask) != Z_DEFLATED) {
            is_ready_ = is_ready_ && ::inflateReset2(&stream_, kRawWindow) == Z_OK;
        }
    }
    [[nodiscard]] bool inflate_piece(std::string& out, std::size_t limit) {
        Piece piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        int result = Z_OK;
        do {
            stream_.next_out = bytes_of(piece.data());
            stream_.avail_out = kPieceBytes;
            result = ::inflate(&stream_, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
                return false;
            }
            if (!append_limited(out, {piece.data(), kPieceBytes - stream_.avail_out}, limit)) {
                return false;
            }
        } while (result == Z_OK && stream_.avail_out == 0);
        is_ended_ = result == Z_STREAM_END;
        return true;
    }

    z_stream stream_{};
    Format format_;
    bool is_ready_ = false;
    bool is_begun_ = false;
    bool is_ended_ = false;
};

class BrotliDecoder final : public ContentDecoder {
public:
    BrotliDecoder() : state_(::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}
    ~BrotliDecoder() override { ::BrotliDecoderDestroyInstance(state_); }
    BrotliDecoder(const BrotliDecoder&) = delete;
    BrotliDecoder& operator=(const BrotliDecoder&) = delete;

    bool decode(std::string_view bytes, std::string& out, std::size_t limit) override {
        is_begun_ = is_begun_ || !bytes.empty();
        Piece piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        std::size_t left = bytes.size();
        const std::uint8_t* next = bytes_of(bytes.data());
        while (state_ != nullptr && !is_ended_) {
            std::size_t room = piece.size();
            std::uint8_t* to = bytes_of(piece.data());
            const BrotliDecoderResult result =
                ::BrotliDecoderDecompressStream(state_, &left, &next, &room, &to, nullptr);
            if (result == BROTLI_DECODER_RESULT_ERROR ||
                !append_limited(out, {piece.data(), piece.size() - room}, limit)) {
                return false;
            }
            is_ended_ = result == BROTLI_DECODER_RESULT_SUCCESS;
            if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) {
                return true;
            }
        }
        return state_ != nullptr && left == 0;
    }
    [[nodiscard]] bool is_complete() const override { return is_ended_ || !is_begun_; }

private:
    BrotliDecoderState* state_;
    bool is_begun_ = false;
    bool is_ended_ = false;
};

class ZstdDecoder final : public ContentDecoder {
public:
    ZstdDecoder() : state_(::ZSTD_createDStream()) {
        // RFC 8878 3.1.1.1.2: a window of 8 MB is what everybody must support.
        constexpr int kMaxWindowLog = 23;
        static_cast<void>(::ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, kMaxWindowLog));
    }
    ~ZstdDecoder() override { ::ZSTD_freeDStream(state_); }
    ZstdDecoder(const ZstdDecoder&) = delete;
    ZstdDecoder& operator=(const ZstdDecoder&) = delete;

    bool decode(std::string_view bytes, std::string& out, std::size_t limit) override {
        Piece piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        bool is_full = false;
        while (state_ != nullptr && (in.pos < in.size || is_full)) {
            ZSTD_outBuffer to{piece.data(), piece.size(), 0};
            const std::size_t result = ::ZSTD_decompressStream(state_, &to, &in);
            if (::ZSTD_isError(result) != 0 ||
                !append_limited(out, {piece.data(), to.pos}, limit)) {
                return false;
            }
            is_between_frames_ = result == 0;
            is_full = to.pos == to.size && !is_between_frames_;
        }
        return state_ != nullptr;
    }
    [[nodiscard]] bool is_complete() const override { return is_between_frames_; }

private:
    ZSTD_DStream* state_;
    bool is_between_frames_ = true;
};

// Codings one over the other: the last one named was applied last and is undone first.
class DecoderChain final : public ContentDecoder {
public:
    explicit DecoderChain(std::vector<std::unique_ptr<ContentDecoder>> links)
        : links_(std::move(links)) {}

    bool decode(std::string_view bytes, std::string& out, std::size_t limit) override {
        std::string input(bytes);
        std::string output;
        for (std::size_t index = 0; index + 1 < links_.size(); ++index) {
            output.clear();
            if (!links_[index]->decode(input, output, limit)) {
                return false;
            }
            input.swap(output);
        }
        return links_.back()->decode(input, out, limit);
    }
    [[nodiscard]] bool is_complete() const override {
        return std::all_of(links_.begin(), links_.end(),
                           [](const auto& link) { return link->is_complete(); });
    }

private:
    std::vector<std::unique_ptr<ContentDecoder>> links_;
};

std::unique_ptr<ContentDecoder> make_one(std::string_view coding) {
    using base::equals_ignoring_case;
    if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip")) {
        return std::make_unique<ZlibDecoder>(ZlibDecoder::Format::Gzip);
    }
    if (equals_ignoring_case(coding, "deflate")) {
        return std::make_unique<ZlibDecoder>(ZlibDecoder::Format::Deflate);
    }
    if (equals_ignoring_case(coding, "br")) {
        return std::make_unique<BrotliDecoder>();
    }
    if (equals_ignoring_case(coding, "zstd")) {
        return std::make_unique<ZstdDecoder>();
    }
    return nullptr;
}

}  // namespace

MadeDecoder make_content_decoder(std::string_view encodings) {
    std::vector<std::unique_ptr<ContentDecoder>> links;
    for (const std::string_view part : base::split_text(encodings, ',')) {
        const std::string_view coding = base::trim(part);
        if (coding.empty() || base::equals_ignoring_case(coding, "identity") ||
            base::equals_ignoring_case(coding, "none")) {
            continue;
        }
        auto link = make_one(coding);
        if (link == nullptr || links.size() == kMaxCodings) {
            return {};
        }
        links.insert(links.begin(), std::move(link));
    }
    if (links.empty()) {
        return {nullptr, true};
    }
    if (links.size() == 1) {
        return {std::move(links.front()), false};
    }
    return {std::make_unique<DecoderChain>(std::move(links)), false};
}

}  // namespace boom::net
