#include "cluster/bundle_cache.hpp"

#include <catch2/catch.hpp>

using namespace boom;

namespace {

plan::Bundle large_bundle() {
    plan::Bundle bundle;
    bundle.cases = {"a.yml"};
    bundle.files = {{"a.yml", "config: {}"},
                    {"rows.csv", std::string(3 * wire::kBundlePartBytes + 17, 'x')},
                    {"empty.txt", ""},
                    {"b.yml", "teststeps: []"}};
    return bundle;
}

std::vector<wire::BundlePart> parts_of(const plan::Bundle& bundle) {
    std::vector<wire::BundlePart> parts;
    cluster::for_each_part(bundle,
                           [&parts](wire::BundlePart part) { parts.push_back(std::move(part)); });
    return parts;
}

}  // namespace

TEST_CASE("BundleCache: a bundle in parts arrives whole", "[cluster]") {
    const plan::Bundle bundle = large_bundle();
    const auto parts = parts_of(bundle);
    CHECK(parts.size() > 3);
    cluster::BundleCache cache;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        CHECK(cache.add(parts[i]) == (i + 1 == parts.size()));
    }
    const plan::Bundle* found = cache.find(bundle.hash());
    REQUIRE(found != nullptr);
    CHECK(found->cases == bundle.cases);
    CHECK(found->files == bundle.files);
}

TEST_CASE("BundleCache: a damaged bundle is refused", "[cluster]") {
    auto parts = parts_of(large_bundle());
    parts[0].files[0].content += "!";
    cluster::BundleCache cache;
    bool is_complete = false;
    for (const auto& part : parts) {
        is_complete = cache.add(part);
    }
    CHECK_FALSE(is_complete);
    CHECK(cache.find(parts[0].bundle_hash) == nullptr);
}
