#include "boom/case_request.hpp"

#include "base/error.hpp"
#include "boom/run_thresholds.hpp"
#include "boom/script_tools.hpp"
#include "load/schedule.hpp"
#include "plan/plan.hpp"
#include "script/python_host.hpp"
#include "user/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace boom::app {
namespace {

plan::Bundle load_cases(const std::vector<std::string>& cases, const plan::UrlRequest& url,
                        const load::Profile& profile) {
    std::vector<plan::UrlRequest> urls;
    std::vector<std::string> paths;
    for (const std::string& text : cases) {
        if (text.rfind("http://", 0) == 0 || text.rfind("https://", 0) == 0) {
            plan::UrlRequest request = url;
            request.url = text;
            urls.push_back(std::move(request));
        } else {
            paths.push_back(text);
        }
    }
    if (!urls.empty() && !paths.empty()) {
        throw base::ConfigError(
            base::Mistake{{"CASE"}, "URLs and test case files cannot be mixed in one run", {}});
    }
    if (!urls.empty()) {
        return plan::make_url_bundle(urls);
    }
    ScriptTools tools(ScriptTools::Use::Run);
    return plan::load_bundle(paths, profile, &tools);
}

// Functions of users that do not load are found here, not by a user of the run.
void check_scripts(const plan::Plan& plan) {
    std::set<std::string> checked;
    for (const plan::CasePlan& test_case : plan.cases) {
        if (test_case.script == nullptr || test_case.script->path.empty() ||
            !checked.insert(test_case.script->path).second) {
            continue;
        }
        const std::string problem =
            script::load_problem({test_case.script->path, test_case.script->source});
        if (!problem.empty()) {
            throw base::ConfigError(base::Mistake{
                {test_case.script->path, 0, 0}, problem, {}, base::ExitCode::FunctionFailed});
        }
    }
}

// What the cases say of their workers, where the profile says nothing.
void take_choices(cluster::RunRequest& request) {
    load::Profile& profile = request.profile;
    for (const plan::CasePlan& one : request.plan->cases) {
        if (one.workers.is_auto()) {
            continue;
        }
        if (profile.scenarios.empty() && request.plan->cases.size() > 1) {
            throw base::ConfigError(
                base::Mistake{{one.path, 0, 0},
                              "'workers' of one case among several needs `scenarios`, which give "
                              "each case a load of its own",
                              {}});
        }
        if (profile.scenarios.empty() && profile.workers.is_auto()) {
            profile.workers = one.workers;
        }
        for (load::Scenario& scenario : profile.scenarios) {
            if (scenario.case_name == one.name && scenario.workers.is_auto()) {
                scenario.workers = one.workers;
            }
        }
    }
}

}  // namespace

cluster::RunRequest compile_request(const std::vector<std::string>& cases,
                                    const plan::UrlRequest& url, const load::Profile& profile) {
    return compile_request(load_cases(cases, url, profile), profile);
}

cluster::RunRequest compile_request(plan::Bundle bundle, const load::Profile& profile) {
    cluster::RunRequest request;
    request.bundle = std::move(bundle);
    request.profile = profile;
    request.plan = std::make_shared<const plan::Plan>(plan::compile(request.bundle, profile));
    (void)make_thresholds(profile, user::catalog_of(*request.plan));  // mistakes, before any load
    std::vector<base::Mistake> mistakes;
    for (const std::string& what : load::contradictions(profile)) {
        mistakes.push_back({{"load"}, what, {}});
    }
    for (const load::Scenario& scenario : profile.scenarios) {
        const bool is_known = std::ranges::any_of(
            request.plan->cases,
            [&](const plan::CasePlan& test_case) { return test_case.name == scenario.case_name; });
        if (!is_known) {
            mistakes.push_back(
                {{"scenario"}, fmt::format("no case is named '{}'", scenario.case_name), {}});
        }
    }
    if (!mistakes.empty()) {
        throw base::ConfigError(std::move(mistakes));
    }
    check_scripts(*request.plan);
    take_choices(request);
    return request;
}

}  // namespace boom::app
