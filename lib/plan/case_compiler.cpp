#include "plan/case_compiler.hpp"

#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 6> kCaseKeys = {"config",   "teststeps", "setup",
                                                       "teardown", "run_setup", "run_teardown"};
constexpr std::array<std::string_view, 19> kStepKeys = {
    "name",          "variables",  "request", "extract",     "validate",       "transaction",
    "api",           "think_time", "export",  "rendezvous",  "testcase",       "loops",
    "skip",          "if",         "enabled", "setup_hooks", "teardown_hooks", "websocket",
    "name_per_value"};
constexpr std::array<std::string_view, 6> kPlannedStepKeys = {"skip_if", "skipIf",  "retry",
                                                              "ios",     "android", "parameters"};
constexpr std::array<std::string_view, 7> kKinds = {
    "api", "testcase", "think_time", "request", "transaction", "rendezvous", "websocket"};
// What only a step that sends something can have.
constexpr std::array<std::string_view, 7> kRequestOnly = {
    "variables",   "extract",        "validate",      "export",
    "setup_hooks", "teardown_hooks", "name_per_value"};
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
    case_.sha256 = file.sha256();
    case_.name = file.path;
    if (!check_map(root_, "the test case", {kCaseKeys, {}}, mistakes_)) {
        return std::move(case_);
    }
    open_files_.push_back(file.path);
    const YamlNode* steps = root_.find("teststeps");
    if (steps == nullptr) {
        mistakes_.add(root_, "a test case needs 'teststeps'");
    } else if (steps->is_list() && steps->items.empty()) {
        mistakes_.add(*steps, "'teststeps' is empty");
    }
    read_all_steps();
    case_.slot_count = scope_.slot_count();
    case_.iteration_slots = scope_.extracted_slots();
    return std::move(case_);
}

void CaseCompiler::read_all_steps() {
    const bool is_load = part_.part == Part::Load;
    const std::string_view main = is_load                        ? "teststeps"
                                  : part_.part == Part::RunSetup ? "run_setup"
                                                                 : "run_teardown";
    for (const std::string_view key : std::array<std::string_view, 3>{"setup", main, "teardown"}) {
        const YamlNode* list = is_load || key == main ? root_.find(key) : nullptr;
        if (list != nullptr && list->is_list()) {
            announce_extracts(*list);
        }
    }
    read_config(root_.find("config"), Role::Case);
    if (is_load) {
        scope_.set_life(Scope::Life::User);
        read_steps(root_, "setup", case_.setup);
        scope_.set_life(Scope::Life::Iteration);
    }
    read_steps(root_, main, case_.ops);
    case_.action_step =
        add_row({std::string(kActionName), case_.name, StepKind::Transaction, std::string()});
    if (is_load) {
        read_steps(root_, "teardown", case_.teardown);
        const YamlNode* config = root_.find("config");
        static_cast<void>(read_exports(config != nullptr ? config->find("export") : nullptr));
    } else if (part_.part == Part::RunSetup) {
        case_.yields = scope_.extracted();
    }
}

void CaseCompiler::read_steps(const YamlNode& root, std::string_view key, std::vector<Op>& ops) {
    const YamlNode* steps = root.find(key);
    if (!is_list(steps, key, mistakes_)) {
        return;
    }
    std::vector<Op>* outer = std::exchange(ops_, &ops);
    for (const YamlNode& step : steps->items) {
        read_step(step);
        scope_.end_step();
    }
    ops_ = outer;
}

Op& CaseCompiler::emit(OpKind kind, std::size_t index) {
    Op op;
    op.kind = kind;
    op.index = static_cast<std::int32_t>(index);
    return ops_->emplace_back(op);
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
    std::string_view kind, other;
    for (const std::string_view key : kKinds) {
        if (node.find(key) != nullptr) {
            (kind.empty() ? kind : other) = key;
        }
    }
    if (!other.empty()) {
        mistakes_.add(node, fmt::format("'{}' and '{}' are two steps", kind, other));
        return;
    }
    if (kind.empty() && !has_planned_key(node)) {
        mistakes_.add(node,
                      "a step needs one of 'request', 'api', 'testcase', 'transaction', "
                      "'rendezvous', 'websocket' and 'think_time'");
        return;
    }
    if (kind.empty()) {
        return;
    }
    std::vector<std::size_t> branches;
    emit_conditions(node, branches);
    const std::optional<std::size_t> loop = emit_loop(node);
    const std::size_t first_row = plan_.steps.size();
    read_kind(node, kind);
    close_flow(branches, loop,
               plan_.steps.size() > first_row ? static_cast<std::int32_t>(first_row) : -1);
}

void CaseCompiler::read_kind(const YamlNode& node, std::string_view kind) {
    const YamlNode& body = *node.find(kind);
    if (kind == "request") {
        read_request(node, body);
        return;
    }
    if (kind == "websocket") {
        read_web_socket(node, body);
        return;
    }
    if (kind == "api") {
        read_api(node, body);
        return;
    }
    if (kind == "testcase") {
        read_testcase(node, body);
        return;
    }
    for (const YamlNode& key : node.keys) {
        if (std::find(kRequestOnly.begin(), kRequestOnly.end(), key.text) != kRequestOnly.end()) {
            mistakes_.add(key, fmt::format("'{}' has no effect without 'request'", key.text));
        }
    }
    if (kind == "transaction") {
        read_transaction(body);
    } else if (kind == "rendezvous") {
        read_rendezvous(body);
    } else {
        read_think_time(body);
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
    emit(kind, 0).transaction = row->second;
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
        emit(OpKind::ThinkTime, case_.think_times.size());
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
