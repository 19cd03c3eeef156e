#include "plan/case_compiler.hpp"

#include <utility>

namespace boom::plan {

Plan compile(const Bundle& bundle, const load::Profile& profile) {
    Plan plan;
    Mistakes mistakes;
    for (const std::string& path : bundle.cases) {
        mistakes.set_file(path);
        const BundleFile* file = bundle.find(path);
        if (file == nullptr) {
            mistakes.add({{path, 0, 0}, "is not in the bundle", {}});
            continue;
        }
        auto root = parse_yaml(file->content, path);
        if (auto* mistake = std::get_if<base::Mistake>(&root)) {
            mistakes.add(std::move(*mistake));
            continue;
        }
        // Mistakes of one case must not hide those of the next.
        Mistakes own;
        own.set_file(path);
        CaseCompiler compiler(std::get<YamlNode>(root), profile, plan, own);
        plan.cases.push_back(compiler.compile(*file));
        mistakes.take(own);
    }
    mistakes.throw_if_any();
    return plan;
}

}  // namespace boom::plan
