#pragma once
// The heads of answers that came last to any connection of an engine. Servers repeat themselves:
// what is equal need not be parsed again, and one text that all compare with stays in the caches.
// One thread.

#include "net/http1_head.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace boom::net {

class Http1KnownHeads {
public:
    struct Head {
        std::string text;  // from the status line to the empty line
        Http1Framing framing;
        Http1StatusLine status_line;
    };
    struct Ref {
        std::uint32_t place = 0;
        std::uint32_t version = 0;  // 0: none
    };

    // Null for one that had to make room for another.
    [[nodiscard]] const Head* find(Ref ref) const {
        const Place& place = places_[ref.place];
        return ref.version != 0 && place.version == ref.version ? &place.head : nullptr;
    }
    // The same head has one place.
    [[nodiscard]] Ref remember(std::string_view text, const Http1Framing& framing,
                               const Http1StatusLine& status_line);

private:
    struct Place {
        Head head;
        std::uint32_t version = 0;
    };
    // A case of many steps has some more; those are parsed.
    std::array<Place, 8> places_;
    std::uint32_t next_ = 0;
    std::uint32_t last_version_ = 0;
};

}  // namespace boom::net
