#pragma once
// The body of an answer that is kept: decoded where the request asked for a coding, and bounded.
// One thread.

#include "net/content_decoder.hpp"
#include "net/http.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace boom::net {

class AnswerBody {
public:
    // Decoded: the request said which codings it takes; else what comes is kept as it is.
    enum class Coding { Decoded, AsReceived };

    void begin();
    // Appends to the exchange's body, whose header is complete. False: see fault().
    [[nodiscard]] bool take(std::string_view bytes, Exchange& exchange, Coding coding);
    // At the end of the answer. False: see fault().
    [[nodiscard]] bool is_whole();
    // For people.
    [[nodiscard]] const std::string& fault() const { return fault_; }

private:
    [[nodiscard]] bool choose_decoder(const HttpResponse& response, Coding coding);

    std::unique_ptr<ContentDecoder> decoder_;
    bool has_chosen_ = false;
    std::string fault_;
};

}  // namespace boom::net
