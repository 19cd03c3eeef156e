#pragma once
// Bundles of a worker by content hash: an unchanged one is not sent again. One thread.

#include "base/content.hpp"
#include "plan/bundle.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace boom::cluster {

class BundleCache {
public:
    // Of those that are kept for later; the oldest goes first.
    static constexpr std::size_t kMaxBundles = 4;
    static constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30U;

    [[nodiscard]] const plan::Bundle* find(const std::string& hash) const;
    // Ignored: it is not the one that comes next. Damaged: the whole has not the hash that it was
    // asked by, and is forgotten. NoRoom: so is it, and problem() says what is full.
    enum class Added { Ignored, Part, Complete, Damaged, NoRoom };
    [[nodiscard]] Added add(const wire::BundlePart& part);
    [[nodiscard]] const std::string& problem() const { return problem_; }
    // One that this process has already.
    void add(plan::Bundle bundle);
    // The part of that bundle that comes next.
    [[nodiscard]] std::uint32_t next(const std::string& hash) const {
        return hash == incoming_hash_ ? next_ : 0;
    }

private:
    [[nodiscard]] bool add(const wire::BundleFile& file);
    [[nodiscard]] bool finish_file();
    [[nodiscard]] Added finish();
    [[nodiscard]] Added give_up();
    void drop_old();

    std::map<std::string, plan::Bundle> complete_;
    std::vector<std::string> order_;
    // What has come in of the next one.
    std::string incoming_hash_;
    std::uint32_t next_ = 0;
    std::vector<std::string> cases_;
    std::vector<plan::BundleFile> files_;
    std::string path_;  // of the file that comes in
    std::optional<base::ContentWriter> content_;
    std::string problem_;
};

// The bundle of a master, for the worker in the same process: nothing is sent and kept twice. Any
// control thread.
class SharedBundle {
public:
    void set(plan::Bundle bundle);
    // Empty: it is another.
    [[nodiscard]] std::optional<plan::Bundle> find(const std::string& hash) const;

private:
    mutable std::mutex mutex_;
    plan::Bundle bundle_;
    std::string hash_;
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
