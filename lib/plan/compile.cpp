#include "plan/case_compiler.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {

namespace {

// One case file, and what all its parts have in common.
struct Source {
    const BundleFile& file;
    const YamlNode& root;
    const load::Profile& profile;
    CaseFiles& files;
    const expr::Value* run_values = nullptr;  // of the case; null before its run_setup has run
};

CasePlan compile_case(const Source& source, CasePart part, Plan& plan, Mistakes& mistakes) {
    // Mistakes of one case must not hide those of the next, nor one of config be told again.
    Mistakes own;
    own.set_file(source.file.path);
    CaseCompiler compiler(source.root, source.profile, source.files, plan, own, std::move(part));
    CasePlan result = compiler.compile(source.file);
    mistakes.take(own);
    return result;
}

// Twice: what its steps extract may stand in config, which is compiled before them.
CasePlan compile_setup(const Source& source, Plan& plan, Mistakes& mistakes) {
    CasePart part{Part::RunSetup, {}, nullptr};
    Plan ignored;
    Mistakes preliminary;
    for (const auto& [name, slot] : compile_case(source, part, ignored, preliminary).yields) {
        part.names.push_back(name);
    }
    return compile_case(source, std::move(part), plan, mistakes);
}

// The part, if the case has it; its rows are a plan of their own.
void add_part(const Source& source, CasePart part, std::vector<Plan>& plans, Mistakes& mistakes) {
    Plan plan;
    if (part.part == Part::RunSetup) {
        plan.cases.push_back(compile_setup(source, plan, mistakes));
    } else {
        plan.cases.push_back(compile_case(source, std::move(part), plan, mistakes));
    }
    plans.push_back(std::move(plan));
}

struct Compiled {
    Plan load;
    std::vector<Plan> setups, teardowns;
};

void take_warnings(const std::vector<Plan>& plans, std::vector<std::string>& warnings) {
    for (const Plan& plan : plans) {
        for (const std::string& warning : plan.warnings) {
            if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
                warnings.push_back(warning);
            }
        }
    }
}

// A case can be left out without taking it from the command line or its folder.
bool is_enabled(const YamlNode& root, Mistakes& mistakes) {
    const YamlNode* config = root.find("config");
    const YamlNode* enabled = config != nullptr ? config->find("enabled") : nullptr;
    return read_flag(enabled, "enabled", mistakes).value_or(true);
}

void compile_all_parts(const Source& source, Compiled& to, Mistakes& mistakes) {
    CasePart part{Part::Load, {}, source.run_values};
    if (source.root.find("run_setup") != nullptr) {
        add_part(source, {Part::RunSetup, {}, nullptr}, to.setups, mistakes);
        for (const auto& [name, slot] : to.setups.back().cases.front().yields) {
            part.names.push_back(name);
        }
    }
    to.load.cases.push_back(compile_case(source, part, to.load, mistakes));
    if (source.root.find("run_teardown") != nullptr) {
        part.part = Part::RunTeardown;
        add_part(source, std::move(part), to.teardowns, mistakes);
    }
}

void number_constant_requests(Plan& plan) {
    std::uint64_t number = 0;
    for (CasePlan& test_case : plan.cases) {
        for (RequestStep& step : test_case.requests) {
            const bool is_constant = step.constant_url && step.constant_headers &&
                                     (step.constant_body || step.body_kind == BodyKind::None) &&
                                     step.cookies.empty() && step.setup_hooks.empty();
            step.constant = is_constant ? ++number : 0;
        }
    }
}

Compiled compile_with(const Bundle& bundle, const load::Profile& profile, CaseFiles& files) {
    Compiled result;
    Mistakes mistakes;
    if (profile.engine == load::Engine::Http1 && !profile.proxy.empty()) {
        mistakes.add({{"profile", 0, 0},
                      "the http1 engine cannot use a proxy",
                      "leave 'engine' at auto, or set it to curl"});
    }
    const BundleFile* given = run_values(bundle);
    const std::optional<expr::Value> document =
        given != nullptr ? expr::parse_json(given->content()) : std::nullopt;
    const expr::Value* values = document ? document->member(kRunValuesKey) : nullptr;
    for (const std::string& path : std::vector<std::string>(bundle.cases)) {
        mistakes.set_file(path);
        const BundleFile* found = bundle.find(path);
        if (found == nullptr) {
            mistakes.add({{path, 0, 0}, "is not in the bundle", {}});
            continue;
        }
        const BundleFile file = *found;  // the bundle may grow
        auto root = parse_yaml(file.content(), path);
        if (auto* mistake = std::get_if<base::Mistake>(&root)) {
            mistakes.add(std::move(*mistake));
            continue;
        }
        if (!is_enabled(std::get<YamlNode>(root), mistakes)) {
            result.load.warnings.push_back(path + ": is not run, 'config.enabled' is false");
            continue;
        }
        compile_all_parts({file, std::get<YamlNode>(root), profile, files,
                           values != nullptr ? values->member(path) : nullptr},
                          result, mistakes);
    }
    if (mistakes.count() == 0 && result.load.cases.empty() && !bundle.cases.empty()) {
        mistakes.add({{bundle.cases.front(), 0, 0},
                      "no case is left to run: 'config.enabled' is false",
                      {}});
    }
    mistakes.throw_if_any();
    number_constant_requests(result.load);
    take_warnings(result.setups, result.load.warnings);
    take_warnings(result.teardowns, result.load.warnings);
    result.load.has_run_setup = !result.setups.empty();
    result.load.has_run_teardown = !result.teardowns.empty();
    return result;
}

}  // namespace

Plan compile(const Bundle& bundle, const load::Profile& profile) {
    CaseFiles files(bundle);
    return compile_with(bundle, profile, files).load;
}

std::vector<Plan> compile_part(const Bundle& bundle, const load::Profile& profile, Part part) {
    CaseFiles files(bundle);
    Compiled all = compile_with(bundle, profile, files);
    if (part == Part::Load) {
        std::vector<Plan> plans;
        plans.push_back(std::move(all.load));
        return plans;
    }
    return part == Part::RunSetup ? std::move(all.setups) : std::move(all.teardowns);
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
