// `api` and `testcase` steps: what they refer to is compiled into the case, nothing is lost.

#include "base/text.hpp"
#include "plan/case_compiler.hpp"
#include "plan/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 8> kApiKeys = {"name",        "request",       "variables",
                                                      "extract",     "validate",      "export",
                                                      "setup_hooks", "teardown_hooks"};
constexpr std::array<std::string_view, 2> kReferencedKeys = {"config", "teststeps"};
constexpr std::array<std::string_view, 4> kPlannedReferencedKeys = {"setup", "teardown",
                                                                    "run_setup", "run_teardown"};
constexpr std::size_t kMaxDepth = 20;

void set_member(YamlNode& map, std::string_view key, YamlNode value) {
    for (std::size_t i = 0; i < map.keys.size(); ++i) {
        if (map.keys[i].text == key) {
            map.items[i] = std::move(value);
            return;
        }
    }
    YamlNode name;
    name.kind = YamlNode::Kind::Scalar;
    name.text = key;
    name.line = value.line;
    name.column = value.column;
    name.file = value.file;
    map.keys.push_back(std::move(name));
    map.items.push_back(std::move(value));
}

// Members of both; those of `stronger` win.
YamlNode merged_maps(const YamlNode& weaker, const YamlNode& stronger) {
    YamlNode result = weaker;
    for (std::size_t i = 0; i < stronger.keys.size(); ++i) {
        set_member(result, stronger.keys[i].text, stronger.items[i]);
    }
    return result;
}

std::string_view subject_of(const YamlNode& check) {
    if (const YamlNode* subject = check.find("check")) {
        return subject->text;
    }
    const bool is_short = check.items.size() == 1 && !check.items.front().items.empty();
    return is_short ? std::string_view(check.items.front().items.front().text) : std::string_view();
}

// The step's first; of the api those with another subject.
YamlNode merged_checks(const YamlNode& api, const YamlNode& step) {
    YamlNode result = step;
    for (const YamlNode& check : api.items) {
        const std::string_view subject = subject_of(check);
        const bool is_replaced =
            std::any_of(step.items.begin(), step.items.end(), [subject](const YamlNode& own) {
                return !subject.empty() && subject_of(own) == subject;
            });
        if (!is_replaced) {
            result.items.push_back(check);
        }
    }
    return result;
}

}  // namespace

// The map itself, or the file of that name.
std::optional<YamlNode> CaseCompiler::referenced(const YamlNode& reference, std::string_view kind) {
    if (reference.is_map()) {
        return reference;
    }
    if (!read_text(&reference, kind, mistakes_)) {
        return std::nullopt;
    }
    const std::string name = scope_.name_text(reference);
    const FoundFile found = files_.find(mistakes_.file_of(reference), name);
    if (found.path.empty()) {
        mistakes_.add(reference, fmt::format("file '{}' {}", name, found.problem));
        return std::nullopt;
    }
    const base::Content content = files_.content(found.path);
    if (content.size() > kMaxCaseBytes) {
        mistakes_.add(reference,
                      fmt::format("file '{}' is larger than {} MiB", name, kMaxCaseBytes >> 20U));
        return std::nullopt;
    }
    auto root = parse_yaml(content.view(), found.path);
    if (auto* mistake = std::get_if<base::Mistake>(&root)) {
        mistakes_.add(std::move(*mistake));
        return std::nullopt;
    }
    set_file(std::get<YamlNode>(root), std::make_shared<const std::string>(found.path));
    return std::move(std::get<YamlNode>(root));
}

void CaseCompiler::read_api(const YamlNode& step, const YamlNode& reference) {
    const std::optional<YamlNode> api = referenced(reference, "api");
    if (!api || !check_map(*api, "the api", {kApiKeys, {}}, mistakes_)) {
        return;
    }
    const YamlNode* request = api->find("request");
    if (request == nullptr) {
        mistakes_.add(*api, "an api needs 'request'");
        return;
    }
    YamlNode whole = *api;
    for (std::size_t i = 0; i < step.keys.size(); ++i) {
        const std::string& key = step.keys[i].text;
        const YamlNode& value = step.items[i];
        const YamlNode* weaker = api->find(key);
        if (weaker != nullptr && weaker->is_map() && value.is_map()) {
            set_member(whole, key, merged_maps(*weaker, value));
        } else if (weaker != nullptr && key == "validate" && weaker->is_list()) {
            set_member(whole, key, merged_checks(*weaker, value));
        } else if (weaker != nullptr && weaker->is_list() && value.is_list() &&
                   (key == "setup_hooks" || key == "teardown_hooks")) {
            YamlNode both = value;  // the step's first
            both.items.insert(both.items.end(), weaker->items.begin(), weaker->items.end());
            set_member(whole, key, std::move(both));
        } else if (key != "api") {
            set_member(whole, key, value);
        }
    }
    collect_files(whole);
    read_request(whole, *request);
}

// Read behind the steps: all names are known then.
std::vector<std::string> CaseCompiler::read_exports(const YamlNode* node) {
    std::vector<std::string> names;
    if (is_list(node, "export", mistakes_)) {
        for (const YamlNode& item : node->items) {
            const auto text = read_text(&item, "export", mistakes_);
            if (!text) {
                continue;
            }
            std::string name = text->starts_with('$') ? text->substr(1) : *text;
            if (scope_.find(name) < 0) {
                mistakes_.add(item,
                              fmt::format("no step extracts '{}' that is exported, and no "
                                          "variable has that name",
                                          name),
                              scope_.nearest(name));
            }
            names.push_back(std::move(name));
        }
    }
    return names;
}

void CaseCompiler::emit_assign(std::vector<Assignment> assignments, std::int32_t step) {
    if (!assignments.empty()) {
        emit(OpKind::Assign, case_.assigns.size());
        case_.assigns.push_back({std::move(assignments), step});
    }
}

void CaseCompiler::refuse_what_cases_cannot_have(const YamlNode& step) {
    for (const std::string_view key : {"extract", "validate"}) {
        if (step.find(key) != nullptr) {
            mistakes_.add(*step.find(key),
                          fmt::format("'{}' has no effect on a referenced case", key));
        }
    }
    for (const std::string_view key : {"setup_hooks", "teardown_hooks"}) {
        if (step.find(key) != nullptr) {
            warn(fmt::format("'{}' of a referenced case has no effect", key));
        }
    }
}

void CaseCompiler::read_testcase(const YamlNode& step, const YamlNode& reference) {
    const std::optional<YamlNode> root = referenced(reference, "testcase");
    if (!root ||
        !check_map(*root, "the test case", {kReferencedKeys, kPlannedReferencedKeys}, mistakes_)) {
        return;
    }
    const std::string file = mistakes_.file_of(*root);
    const bool is_file = !reference.is_map();
    if ((is_file && std::find(open_files_.begin(), open_files_.end(), file) != open_files_.end()) ||
        open_files_.size() > kMaxDepth) {
        mistakes_.add(reference, fmt::format("'{}' refers to itself", file));
        return;
    }
    refuse_what_cases_cannot_have(step);
    const YamlNode* steps = root->find("teststeps");
    if (steps == nullptr) {
        mistakes_.add(*root, "a test case needs 'teststeps'");
        return;
    }
    const YamlNode* config = root->find("config");
    const YamlNode* name = step.find("name");
    if (name == nullptr) {
        name = config != nullptr ? config->find("name") : nullptr;
    }
    const std::int32_t row = add_row(
        {name != nullptr ? scope_.name_text(*name) : file, case_.name, StepKind::Testcase, {}});
    emit(OpKind::TransactionStart, 0).transaction = row;
    emit_assign(read_step_variables(step.find("variables")), row);

    open_files_.push_back(is_file ? file : std::string());
    CaseSettings outer = std::exchange(settings_, CaseSettings{});
    scope_.enter_reference();
    read_config(config, Role::Referenced);
    collect_files(*root);
    read_steps(*root, "teststeps", *ops_);
    settings_ = std::move(outer);
    open_files_.pop_back();

    std::vector<std::string> exports = read_exports(step.find("export"));
    for (std::string& more : read_exports(config != nullptr ? config->find("export") : nullptr)) {
        exports.push_back(std::move(more));
    }
    std::vector<Assignment> copies;
    for (const auto& [from, to] : scope_.leave_reference(exports)) {
        copies.push_back({to, scope_.copy_of(from)});
    }
    emit_assign(std::move(copies), row);
    emit(OpKind::TransactionEnd, 0).transaction = row;
}

}  // namespace boom::plan
