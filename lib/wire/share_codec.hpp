#pragma once
// The load over time of a share, to and from protobuf: private to this module.

#include "wire/message.hpp"

#include <boom.pb.h>

namespace boom::wire {

void put_load(const Share& share, pb::Share& out);
// False when a curve is none or a list has the wrong length. REQUIRES: share.users are read.
[[nodiscard]] bool take_load(const pb::Share& in, Share& share);

}  // namespace boom::wire
