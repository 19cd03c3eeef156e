#pragma once
// Snapshots to and from protobuf: private to this module.

#include "stats/snapshot.hpp"

#include <boom.pb.h>

namespace boom::wire {

void to_proto(const stats::Snapshot& snapshot, pb::Snapshot& out);
// False when a histogram does not decode or a count is out of its limits.
[[nodiscard]] bool from_proto(const pb::Snapshot& in, stats::Snapshot& out);

}  // namespace boom::wire
