// The slot of one stream.
#include "net/uring_streams.hpp"

#include <utility>

namespace boom::net {
namespace {

// What a slot may keep for its successor.
constexpr std::size_t kKeptForSuccessor = 4096;

}  // namespace

void UringStream::recycle() {
    std::string kept = std::move(sending);
    *this = UringStream{};
    if (kept.capacity() <= kKeptForSuccessor) {
        kept.clear();
        sending = std::move(kept);
    }
}

}  // namespace boom::net
