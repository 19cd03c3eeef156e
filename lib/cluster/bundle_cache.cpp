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
        content_.reset();
    }
    next_ = part.index + 1;
    for (const wire::BundleFile& file : part.files) {
        if (!add(file)) {
            return give_up();
        }
    }
    return part.is_last ? finish() : Added::Part;
}

// A large file comes in pieces: the same path again continues it.
bool BundleCache::add(const wire::BundleFile& file) {
    if (content_ && path_ != file.path && !finish_file()) {
        return false;
    }
    if (!content_) {
        path_ = file.path;
        content_.emplace();
    }
    return content_->append(file.content);
}

bool BundleCache::finish_file() {
    std::optional<base::Content> content = content_->finish();
    if (content) {
        files_.emplace_back(path_, std::move(*content));
        content_.reset();
    }
    return content.has_value();
}

BundleCache::Added BundleCache::give_up() {
    problem_ = path_ + ": " + content_->problem();
    content_.reset();
    files_.clear();
    incoming_hash_.clear();
    return Added::NoRoom;
}

BundleCache::Added BundleCache::finish() {
    if (content_ && !finish_file()) {
        return give_up();
    }
    plan::Bundle bundle{std::exchange(cases_, {}), std::exchange(files_, {})};
    const std::string hash = std::exchange(incoming_hash_, {});
    if (bundle.hash() != hash) {
        return Added::Damaged;
    }
    add(std::move(bundle));
    return Added::Complete;
}

void BundleCache::add(plan::Bundle bundle) {
    std::string hash = bundle.hash();
    if (complete_.emplace(hash, std::move(bundle)).second) {
        order_.push_back(std::move(hash));
    }
    drop_old();
}

void BundleCache::drop_old() {
    const auto size = [this] {
        std::uint64_t bytes = 0;
        for (const auto& [hash, bundle] : complete_) {
            bytes += bundle.size();
        }
        return bytes;
    };
    while (order_.size() > 1 && (order_.size() > kMaxBundles || size() > kMaxBytes)) {
        complete_.erase(order_.front());
        order_.erase(order_.begin());
    }
}

void SharedBundle::set(plan::Bundle bundle) {
    std::string hash = bundle.hash();
    const std::lock_guard lock(mutex_);
    bundle_ = std::move(bundle);
    hash_ = std::move(hash);
}

std::optional<plan::Bundle> SharedBundle::find(const std::string& hash) const {
    const std::lock_guard lock(mutex_);
    return hash == hash_ ? std::optional(bundle_) : std::nullopt;
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
