#pragma once
// Bundles of a worker by content hash: an unchanged one is not sent again. One thread, in memory.

#include "plan/bundle.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace boom::cluster {

class BundleCache {
public:
    static constexpr std::size_t kMaxBundles = 4;  // the oldest goes first

    [[nodiscard]] const plan::Bundle* find(const std::string& hash) const;
    // Ignored: it is not the one that comes next. Damaged: the whole has not the hash that it was
    // asked by, and is forgotten.
    enum class Added { Ignored, Part, Complete, Damaged };
    [[nodiscard]] Added add(const wire::BundlePart& part);
    // The part of that bundle that comes next.
    [[nodiscard]] std::uint32_t next(const std::string& hash) const {
        return hash == incoming_hash_ ? next_ : 0;
    }

private:
    [[nodiscard]] Added finish();

    std::map<std::string, plan::Bundle> complete_;
    std::vector<std::string> order_;
    // What has come in of the next one.
    std::string incoming_hash_;
    std::uint32_t next_ = 0;
    std::vector<std::string> cases_;
    std::vector<wire::BundleFile> files_;
};

// A bundle as the messages that carry it, one after the other: all at once would be a copy of it.
void for_each_part(const plan::Bundle& bundle,
                   const std::function<void(wire::BundlePart)>& take_part);
// Some of them.
struct PartRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};
void for_some_parts(const plan::Bundle& bundle, PartRange range,
                    const std::function<void(wire::BundlePart)>& take_part);

}  // namespace boom::cluster
