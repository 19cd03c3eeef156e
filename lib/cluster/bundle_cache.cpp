#include "cluster/bundle_cache.hpp"

#include <utility>

namespace boom::cluster {

const plan::Bundle* BundleCache::find(const std::string& hash) const {
    const auto found = complete_.find(hash);
    return found == complete_.end() ? nullptr : &found->second;
}

bool BundleCache::add(const wire::BundlePart& part) {
    if (part.bundle_hash != incoming_hash_) {
        incoming_ = {};
        incoming_hash_ = part.bundle_hash;
    }
    if (incoming_.cases.empty()) {
        incoming_.cases = part.cases;
    }
    for (const wire::BundleFile& file : part.files) {
        // A large file comes in pieces: the same path again continues it.
        if (!incoming_.files.empty() && incoming_.files.back().path == file.path) {
            incoming_.files.back().content += file.content;
        } else {
            incoming_.files.push_back({file.path, file.content});
        }
    }
    if (!part.is_last) {
        return false;
    }
    plan::Bundle bundle = std::exchange(incoming_, {});
    const std::string hash = std::exchange(incoming_hash_, {});
    if (bundle.hash() != hash) {
        return false;
    }
    if (complete_.emplace(hash, std::move(bundle)).second) {
        order_.push_back(hash);
    }
    if (order_.size() > kMaxBundles) {
        complete_.erase(order_.front());
        order_.erase(order_.begin());
    }
    return true;
}

void for_each_part(const plan::Bundle& bundle,
                   const std::function<void(wire::BundlePart)>& take_part) {
    wire::BundlePart part;
    part.bundle_hash = bundle.hash();
    part.cases = bundle.cases;
    std::size_t size = 0;
    for (const plan::BundleFile& file : bundle.files) {
        std::string_view rest = file.content;
        do {
            const std::string_view piece = rest.substr(0, wire::kBundlePartBytes);
            rest.remove_prefix(piece.size());
            if (size + piece.size() > wire::kBundlePartBytes && size > 0) {
                take_part(part);
                part.cases.clear();
                part.files.clear();
                size = 0;
            }
            part.files.push_back({file.path, std::string(piece)});
            size += piece.size();
        } while (!rest.empty());
    }
    part.is_last = true;
    take_part(std::move(part));
}

}  // namespace boom::cluster
