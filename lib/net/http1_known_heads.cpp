#include "net/http1_known_heads.hpp"

namespace boom::net {

Http1KnownHeads::Ref Http1KnownHeads::remember(std::string_view text, const Http1Framing& framing,
                                               const Http1StatusLine& status_line) {
    for (std::uint32_t index = 0; index < places_.size(); ++index) {
        const Place& place = places_[index];
        if (place.version != 0 && place.head.text == text) {
            return {index, place.version};
        }
    }
    const std::uint32_t index = next_++ % static_cast<std::uint32_t>(places_.size());
    Place& place = places_[index];
    place.head.text.assign(text);
    place.head.framing = framing;
    place.head.status_line = status_line;
    last_version_ += last_version_ == ~std::uint32_t{0} ? 2 : 1;  // 0 is none
    place.version = last_version_;
    return {index, place.version};
}

}  // namespace boom::net
