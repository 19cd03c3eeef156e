#pragma once
// Bundles of a worker by content hash: an unchanged one is not sent again. One thread, in memory.

#include "plan/bundle.hpp"
#include "wire/message.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace boom::cluster {

class BundleCache {
public:
    static constexpr std::size_t kMaxBundles = 4;  // the oldest goes first

    [[nodiscard]] const plan::Bundle* find(const std::string& hash) const;
    // True when the bundle is complete and its content has the hash that it was asked by.
    bool add(const wire::BundlePart& part);

private:
    std::map<std::string, plan::Bundle> complete_;
    std::vector<std::string> order_;
    plan::Bundle incoming_;
    std::string incoming_hash_;
};

// A bundle as the messages that carry it, one after the other: all at once would be a copy of it.
void for_each_part(const plan::Bundle& bundle,
                   const std::function<void(wire::BundlePart)>& take_part);

}  // namespace boom::cluster
