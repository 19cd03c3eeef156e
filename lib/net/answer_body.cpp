#include "net/answer_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::net {
namespace {

// libcurl's words.
constexpr std::string_view kBadEncoding = "unrecognized or bad http content or transfer-encoding";

}  // namespace

void AnswerBody::begin() {
    decoder_.reset();
    has_chosen_ = false;
    fault_.clear();
}

bool AnswerBody::take(std::string_view bytes, Exchange& exchange, Coding coding) {
    std::string& body = exchange.response.body;
    const auto limit = static_cast<std::size_t>(exchange.options->max_body_bytes);
    if (!has_chosen_ && !choose_decoder(exchange.response, coding)) {
        fault_ = kBadEncoding;
        return false;
    }
    if (decoder_ != nullptr) {
        if (decoder_->decode(bytes, body, limit)) {
            return true;
        }
        fault_ = kBadEncoding;
        return false;
    }
    if (bytes.size() > limit - std::min(limit, body.size())) {
        fault_ = fmt::format("the body is longer than {} bytes", exchange.options->max_body_bytes);
        return false;
    }
    body += bytes;
    return true;
}

bool AnswerBody::choose_decoder(const HttpResponse& response, Coding coding) {
    has_chosen_ = true;
    if (coding == Coding::AsReceived) {
        return true;
    }
    const std::string_view encodings = response.header("Content-Encoding");
    if (encodings.empty()) {
        return true;
    }
    MadeDecoder made = make_content_decoder(encodings);
    decoder_ = std::move(made.decoder);
    return decoder_ != nullptr || made.is_identity;
}

bool AnswerBody::is_whole() {
    if (decoder_ == nullptr || decoder_->is_complete()) {
        return true;
    }
    fault_ = "the compressed body is cut off";
    return false;
}

}  // namespace boom::net
