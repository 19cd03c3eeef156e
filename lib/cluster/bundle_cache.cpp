#include "cluster/bundle_cache.hpp"

#include <limits>
#include <utility>

namespace boom::cluster {

const plan::Bundle* BundleCache::find(const std::string& hash) const {
    const auto found = complete_.find(hash);
    return found == complete_.end() ? nullptr : &found->second;
}

BundleCache::Added BundleCache::add(const wire::BundlePart& part) {
    if (part.index != next(part.bundle_hash)) {
        return Added::Ignored;
    }
    if (part.index == 0) {
        incoming_hash_ = part.bundle_hash;
        cases_ = part.cases;
        files_.clear();
    }
    next_ = part.index + 1;
    for (const wire::BundleFile& file : part.files) {
        // A large file comes in pieces: the same path again continues it.
        if (!files_.empty() && files_.back().path == file.path) {
            files_.back().content += file.content;
        } else {
            files_.push_back(file);
        }
    }
    return part.is_last ? finish() : Added::Part;
}

BundleCache::Added BundleCache::finish() {
    plan::Bundle bundle;
    bundle.cases = std::exchange(cases_, {});
    for (wire::BundleFile& file : std::exchange(files_, {})) {
        bundle.files.emplace_back(std::move(file.path), std::move(file.content));
    }
    const std::string hash = std::exchange(incoming_hash_, {});
    if (bundle.hash() != hash) {
        return Added::Damaged;
    }
    if (complete_.emplace(hash, std::move(bundle)).second) {
        order_.push_back(hash);
    }
    if (order_.size() > kMaxBundles) {
        complete_.erase(order_.front());
        order_.erase(order_.begin());
    }
    return Added::Complete;
}

void for_each_part(const plan::Bundle& bundle,
                   const std::function<void(wire::BundlePart)>& take_part) {
    for_some_parts(bundle, {0, std::numeric_limits<std::uint32_t>::max()}, take_part);
}

void for_some_parts(const plan::Bundle& bundle, PartRange range,
                    const std::function<void(wire::BundlePart)>& take_part) {
    wire::BundlePart part;
    part.bundle_hash = bundle.hash();
    part.cases = bundle.cases;
    std::size_t size = 0;
    const auto is_wanted = [&part, range] {
        return part.index >= range.first && part.index - range.first < range.count;
    };
    for (const plan::BundleFile& file : bundle.files) {
        std::string_view rest = file.content();
        do {
            const std::string_view piece = rest.substr(0, wire::kBundlePartBytes);
            rest.remove_prefix(piece.size());
            if (size + piece.size() > wire::kBundlePartBytes && size > 0) {
                if (is_wanted()) {
                    take_part(part);
                }
                ++part.index;
                part.cases.clear();
                part.files.clear();
                size = 0;
            }
            if (is_wanted()) {
                part.files.push_back({file.path, std::string(piece)});
            }
            size += piece.size();
        } while (!rest.empty());
    }
    part.is_last = true;
    if (is_wanted()) {
        take_part(std::move(part));
    }
}

}  // namespace boom::cluster
