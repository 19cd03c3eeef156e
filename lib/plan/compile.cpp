#include "plan/case_compiler.hpp"

#include <utility>

namespace boom::plan {

namespace {

Plan compile_with(const Bundle& bundle, const load::Profile& profile, CaseFiles& files) {
    Plan plan;
    Mistakes mistakes;
    if (profile.engine == load::Engine::Http1 && !profile.proxy.empty()) {
        mistakes.add({{"profile", 0, 0},
                      "the http1 engine cannot use a proxy",
                      "leave 'engine' at auto, or set it to curl"});
    }
    for (const std::string& path : std::vector<std::string>(bundle.cases)) {
        mistakes.set_file(path);
        const BundleFile* found = bundle.find(path);
        if (found == nullptr) {
            mistakes.add({{path, 0, 0}, "is not in the bundle", {}});
            continue;
        }
        const BundleFile file = *found;  // the bundle may grow
        auto root = parse_yaml(file.content, path);
        if (auto* mistake = std::get_if<base::Mistake>(&root)) {
            mistakes.add(std::move(*mistake));
            continue;
        }
        // Mistakes of one case must not hide those of the next.
        Mistakes own;
        own.set_file(path);
        CaseCompiler compiler(std::get<YamlNode>(root), profile, files, plan, own);
        plan.cases.push_back(compiler.compile(file));
        mistakes.take(own);
    }
    mistakes.throw_if_any();
    return plan;
}

}  // namespace

Plan compile(const Bundle& bundle, const load::Profile& profile) {
    CaseFiles files(bundle);
    return compile_with(bundle, profile, files);
}

void add_referenced_files(Bundle& bundle, const load::Profile& profile, ScriptTools* tools) {
    CaseFiles files(bundle, tools);
    try {
        static_cast<void>(compile_with(bundle, profile, files));
    } catch (const base::ConfigError&) {
        // compile() will say the same again, of the finished bundle.
    }
    std::vector<base::Mistake> failures = files.take_failures();
    if (!failures.empty()) {
        throw base::ConfigError(std::move(failures));
    }
}

}  // namespace boom::plan
