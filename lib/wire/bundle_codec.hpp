#pragma once
// Parts of bundles to and from protobuf: private to this module.

#include "wire/message.hpp"

#include <boom.pb.h>

namespace boom::wire {

void put_bundle(const BundlePart& part, pb::BundlePart& out);
[[nodiscard]] BundlePart take_bundle(const pb::BundlePart& in);

}  // namespace boom::wire
