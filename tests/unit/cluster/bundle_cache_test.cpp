#include "cluster/bundle_cache.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace boom;
using Added = cluster::BundleCache::Added;

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
        CHECK(parts[i].index == i);
        CHECK(cache.next(bundle.hash()) == i);
        CHECK(cache.add(parts[i]) == (i + 1 == parts.size() ? Added::Complete : Added::Part));
        CHECK(cache.add(parts[i]) == Added::Ignored);  // twice
        CHECK((i + 2 == parts.size() || cache.add(parts.back()) == Added::Ignored));
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
    Added added = Added::Ignored;
    for (const auto& part : parts) {
        added = cache.add(part);
    }
    CHECK(added == Added::Damaged);
    CHECK(cache.next(parts[0].bundle_hash) == 0);
    CHECK(cache.find(parts[0].bundle_hash) == nullptr);
}

TEST_CASE("BundleCache: parts that are asked for a few at a time are those of the whole",
          "[cluster]") {
    const plan::Bundle bundle = large_bundle();
    cluster::BundleCache cache;
    Added added = Added::Part;
    int requests = 0;
    while (added == Added::Part && requests < 100) {
        ++requests;
        cluster::for_some_parts(bundle, {cache.next(bundle.hash()), 2},
                                [&](const wire::BundlePart& part) { added = cache.add(part); });
    }
    CHECK(added == Added::Complete);
    const std::size_t parts = parts_of(bundle).size();
    CHECK(static_cast<std::size_t>(requests) == (parts + 1) / 2);
    REQUIRE(cache.find(bundle.hash()) != nullptr);
    CHECK(cache.find(bundle.hash())->files == bundle.files);
}

TEST_CASE("BundleCache: a large file is mapped, and what is there already is not asked for",
          "[cluster]") {
    plan::Bundle bundle = large_bundle();
    bundle.files.emplace_back("large.csv", std::string(base::Content::kMaxHeldBytes + 1, 'y'));
    cluster::BundleCache cache;
    for (const wire::BundlePart& part : parts_of(bundle)) {
        CHECK(cache.add(part) == (part.is_last ? Added::Complete : Added::Part));
    }
    const plan::Bundle* found = cache.find(bundle.hash());
    REQUIRE(found != nullptr);
    CHECK(found->files == bundle.files);
    CHECK(found->find("large.csv")->content() == bundle.find("large.csv")->content());
    CHECK(found->find("large.csv")->shared_content().is_mapped());
    CHECK_FALSE(found->find("rows.csv")->shared_content().is_mapped());

    cluster::SharedBundle shared;
    CHECK_FALSE(shared.find(bundle.hash()));
    shared.set(*found);
    const auto same = shared.find(bundle.hash());
    REQUIRE(same);
    CHECK(same->find("large.csv")->content().data() == found->find("large.csv")->content().data());
    CHECK_FALSE(shared.find(large_bundle().hash()));
}

TEST_CASE("BundleCache: a disk that is full is named, and the next attempt starts anew",
          "[cluster]") {
    plan::Bundle bundle;
    bundle.files.emplace_back("large.csv", std::string(base::Content::kMaxHeldBytes + 1, 'y'));
    cluster::BundleCache cache;
    ::setenv("TMPDIR", "/does/not/exist", 1);
    Added added = Added::Part;
    for (const wire::BundlePart& part : parts_of(bundle)) {
        added = added == Added::Part ? cache.add(part) : added;
    }
    ::unsetenv("TMPDIR");
    CHECK(added == Added::NoRoom);
    CHECK_THAT(cache.problem(),
               Catch::Contains("large.csv: ") && Catch::Contains("/does/not/exist"));
    CHECK(cache.next(bundle.hash()) == 0);
    for (const wire::BundlePart& part : parts_of(bundle)) {
        added = cache.add(part);
    }
    CHECK(added == Added::Complete);
}
