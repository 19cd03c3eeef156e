#include "plan/case_compiler.hpp"

#include "base/digest.hpp"
#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 2> kCaseKeys = {"config", "teststeps"};
constexpr std::array<std::string_view, 7> kStepKeys = {
    "name", "variables", "request", "extract", "validate", "transaction", "think_time"};
constexpr std::array<std::string_view, 18> kPlannedStepKeys = {
    "api",    "testcase", "websocket", "rendezvous", "setup_hooks", "teardown_hooks",
    "export", "loops",    "skip",      "skip_if",    "skipIf",      "skipif",
    "if",     "enabled",  "retry",     "ios",        "android",     "parameters"};
constexpr std::array<std::string_view, 2> kTransactionKeys = {"name", "type"};
constexpr std::array<std::string_view, 1> kThinkTimeKeys = {"time"};
constexpr std::string_view kActionName = "Action";

bool has_planned_key(const YamlNode& node) {
    return std::any_of(node.keys.begin(), node.keys.end(), [](const YamlNode& key) {
        return std::find(kPlannedStepKeys.begin(), kPlannedStepKeys.end(), key.text) !=
               kPlannedStepKeys.end();
    });
}

}  // namespace

CasePlan CaseCompiler::compile(const BundleFile& file) {
    case_.path = file.path;
    case_.sha256 = base::sha256_hex(file.content);
    case_.name = file.path;
    if (!check_map(root_, "the test case", {kCaseKeys, {}}, mistakes_)) {
        return std::move(case_);
    }
    const YamlNode* steps = root_.find("teststeps");
    if (steps == nullptr) {
        mistakes_.add(root_, "a test case needs 'teststeps'");
    } else if (is_list(steps, "teststeps", mistakes_)) {
        announce_extracts(*steps);
        if (steps->items.empty()) {
            mistakes_.add(*steps, "'teststeps' is empty");
        }
    }
    read_config();
    if (steps != nullptr && steps->is_list()) {
        for (const YamlNode& step : steps->items) {
            read_step(step);
            scope_.end_step();
        }
    }
    case_.action_step =
        add_row({std::string(kActionName), case_.name, StepKind::Transaction, std::string()});
    case_.slot_count = scope_.slot_count();
    case_.iteration_slots = scope_.extracted_slots();
    return std::move(case_);
}

void CaseCompiler::announce_extracts(const YamlNode& steps) {
    for (const YamlNode& step : steps.items) {
        const YamlNode* extract = step.find("extract");
        const YamlNode* name = step.find("name");
        if (extract != nullptr && extract->is_map()) {
            for (const YamlNode& key : extract->keys) {
                scope_.announce_extract(
                    key.text, name != nullptr ? name->text : fmt::format("line {}", step.line));
            }
        }
    }
}

void CaseCompiler::read_step(const YamlNode& node) {
    if (!check_map(node, "the step", {kStepKeys, kPlannedStepKeys}, mistakes_)) {
        return;
    }
    const YamlNode* request = node.find("request");
    const YamlNode* transaction = node.find("transaction");
    const YamlNode* think_time = node.find("think_time");
    const int kinds = static_cast<int>(request != nullptr) +
                      static_cast<int>(transaction != nullptr) +
                      static_cast<int>(think_time != nullptr);
    if (kinds > 1 || (kinds == 0 && !has_planned_key(node))) {
        mistakes_.add(node, "a step needs one of 'request', 'transaction' and 'think_time'");
        return;
    }
    if (request != nullptr) {
        read_request(node, *request);
        return;
    }
    if (kinds == 0) {
        return;
    }
    for (const YamlNode& key : node.keys) {
        if (key.text == "variables" || key.text == "extract" || key.text == "validate") {
            mistakes_.add(key, fmt::format("'{}' has no effect without 'request'", key.text));
        }
    }
    if (transaction != nullptr) {
        read_transaction(*transaction);
    } else {
        read_think_time(*think_time);
    }
}

void CaseCompiler::read_transaction(const YamlNode& node) {
    if (!check_map(node, "transaction", {kTransactionKeys, {}}, mistakes_)) {
        return;
    }
    const YamlNode* name_node = node.find("name");
    const YamlNode* type_node = node.find("type");
    if (name_node == nullptr || type_node == nullptr) {
        mistakes_.add(node, "'transaction' needs 'name' and 'type'");
        return;
    }
    const std::optional<std::string> type = read_text(type_node, "type", mistakes_);
    if (!read_text(name_node, "name", mistakes_) || !type) {
        return;
    }
    if (*type != "start" && *type != "end") {
        mistakes_.add(*type_node, fmt::format("'type' must be start or end, not '{}'", *type));
        return;
    }
    const std::string name = scope_.name_text(*name_node);
    if (name.empty() || name == kActionName) {
        mistakes_.add(*name_node, name.empty()
                                      ? "a transaction needs a name"
                                      : "'Action' is the transaction of the whole iteration");
        return;
    }
    auto row = std::find_if(transactions_.begin(), transactions_.end(),
                            [&name](const auto& known) { return known.first == name; });
    if (row == transactions_.end()) {
        transactions_.emplace_back(name, add_row({name, case_.name, StepKind::Transaction, {}}));
        row = std::prev(transactions_.end());
    }
    const OpKind kind = *type == "start" ? OpKind::TransactionStart : OpKind::TransactionEnd;
    case_.ops.push_back({.kind = kind, .index = 0, .transaction = row->second});
}

void CaseCompiler::read_think_time(const YamlNode& node) {
    if (!check_map(node, "think_time", {kThinkTimeKeys, {}}, mistakes_)) {
        return;
    }
    const YamlNode* time = node.find("time");
    if (time == nullptr) {
        mistakes_.add(node, "'think_time' needs 'time', in seconds");
        return;
    }
    YamlNode known = *time;
    if (known.is_scalar()) {
        known.text = scope_.name_text(*time);
    }
    if (const auto duration = read_duration(&known, "time", mistakes_)) {
        ThinkTime think_time = settings_.think_time;
        think_time.time = *duration;
        case_.ops.push_back({.kind = OpKind::ThinkTime,
                             .index = static_cast<std::int32_t>(case_.think_times.size()),
                             .transaction = 0});
        case_.think_times.push_back(think_time);
    }
}

std::int32_t CaseCompiler::add_row(StepRow row) {
    plan_.steps.push_back(std::move(row));
    return static_cast<std::int32_t>(plan_.steps.size() - 1);
}

void CaseCompiler::warn(std::string text) {
    text = mistakes_.file() + ": " + text;
    if (std::find(plan_.warnings.begin(), plan_.warnings.end(), text) == plan_.warnings.end()) {
        plan_.warnings.push_back(std::move(text));
    }
}

}  // namespace boom::plan
