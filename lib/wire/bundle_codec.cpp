#include "wire/bundle_codec.hpp"

namespace boom::wire {

void put_bundle(const BundlePart& part, pb::BundlePart& out) {
    out.set_bundle_hash(part.bundle_hash);
    for (const std::string& path : part.cases) {
        out.add_cases(path);
    }
    for (const BundleFile& file : part.files) {
        pb::BundleFile& f = *out.add_files();
        f.set_path(file.path);
        f.set_content(file.content);
    }
    out.set_is_last(part.is_last);
    out.set_index(part.index);
}

BundlePart take_bundle(const pb::BundlePart& in) {
    BundlePart part;
    part.bundle_hash = in.bundle_hash();
    part.cases.assign(in.cases().begin(), in.cases().end());
    for (const pb::BundleFile& file : in.files()) {
        part.files.push_back({file.path(), file.content()});
    }
    part.is_last = in.is_last();
    part.index = in.index();
    return part;
}

}  // namespace boom::wire
