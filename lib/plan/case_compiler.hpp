#pragma once
// Compiles one test case file to a CasePlan, collecting mistakes. Private to this module.

#include "load/profile.hpp"
#include "plan/case_files.hpp"
#include "plan/plan.hpp"
#include "plan/reader.hpp"
#include "plan/scope.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::plan {

struct Variable;

// The parts of `config` that steps fall back on.
struct CaseSettings {
    const YamlNode* headers = nullptr;
    bool has_base_url = false;
    expr::Template base_url;  // may be empty
    bool verify = true;
    bool fail_on_status = true;
    base::Duration timeout{};
    ThinkTime think_time;
    std::int64_t max_message_bytes = std::int64_t{16} << 20;  // of a websocket
};

// Which part of the case is compiled, and what the run_setup gives to it. Values are null before
// it has run.
struct CasePart {
    Part part = Part::Load;
    std::vector<std::string> names;
    const expr::Value* values = nullptr;
};

// One file. The node, the profile, the plan and the mistakes outlive it. One thread.
class CaseCompiler {
public:
    CaseCompiler(const YamlNode& root, const load::Profile& profile, CaseFiles& files, Plan& plan,
                 Mistakes& mistakes, CasePart part)
        : part_(std::move(part)),
          root_(root),
          profile_(profile),
          files_(files),
          plan_(plan),
          mistakes_(mistakes),
          scope_(mistakes) {}

    // Rows are added to the plan. The result is of use only when no mistake was added.
    [[nodiscard]] CasePlan compile(const BundleFile& file);

private:
    // A referenced case has no rows, weight or users of its own.
    enum class Role { Case, Referenced };
    void read_config(const YamlNode* config, Role role);
    void warn_of_load_keys(const YamlNode& config);
    void read_weight(const YamlNode* node, Role role);
    void read_workers(const YamlNode* node, Role role);
    [[nodiscard]] std::vector<Variable> config_variables(const YamlNode* config, Role role);
    void read_config_variables(const YamlNode* config, Role role);
    void define_run_values(std::vector<Variable>& variables, std::vector<Assignment>& assignments);
    void read_all_steps();
    void read_steps(const YamlNode& root, std::string_view key, std::vector<Op>& ops);
    void collect_files(const YamlNode& node);
    void add_form_file(const YamlNode& node);
    void add_file(const YamlNode& at, const std::string& name);
    void read_parameters(const YamlNode& config);
    void read_parameter_source(const YamlNode& key, const YamlNode& value);
    void read_parameter_settings(const YamlNode& node);
    void read_parameter_strategy(const YamlNode& key, const YamlNode& node);
    void read_row_share(const YamlNode& settings);
    struct DataFile {
        const YamlNode* node = nullptr;  // that names it
        std::string name;
        base::Content content;
        expr::CsvOptions options;
    };
    void read_rows(const YamlNode& key, const YamlNode& value,
                   const std::vector<std::string_view>& names, ParameterSource& source);
    [[nodiscard]] std::optional<DataFile> read_data_file(const YamlNode& value);
    [[nodiscard]] std::optional<DataFile> data_file_of_call(const YamlNode& value);
    [[nodiscard]] bool read_large_source(const YamlNode& value,
                                         const std::vector<std::string_view>& names,
                                         const DataFile& file, ParameterSource& source);
    [[nodiscard]] std::optional<expr::Value> rows_of_text(const YamlNode& key,
                                                          const YamlNode& value);
    [[nodiscard]] std::optional<expr::Value> rows_of_file(const DataFile& file);
    [[nodiscard]] std::optional<expr::Value> value_at_start(const YamlNode& node,
                                                            expr::UserCalls* calls);
    void announce_extracts(const YamlNode& steps);
    void read_step(const YamlNode& node);
    void read_kind(const YamlNode& node, std::string_view kind);
    [[nodiscard]] std::optional<Condition> read_condition(const YamlNode& node);
    void emit_conditions(const YamlNode& node, std::vector<std::size_t>& branches);
    [[nodiscard]] std::optional<std::size_t> emit_loop(const YamlNode& node);
    void close_flow(const std::vector<std::size_t>& branches, std::optional<std::size_t> loop,
                    std::int32_t row);
    void read_rendezvous(const YamlNode& node);
    [[nodiscard]] std::optional<YamlNode> referenced(const YamlNode& reference,
                                                     std::string_view kind);
    void read_api(const YamlNode& step, const YamlNode& reference);
    void refuse_what_cases_cannot_have(const YamlNode& step);
    void read_testcase(const YamlNode& step, const YamlNode& reference);
    [[nodiscard]] std::vector<std::string> read_exports(const YamlNode* node);
    void emit_assign(std::vector<Assignment> assignments, std::int32_t step);
    Op& emit(OpKind kind, std::size_t index);
    [[nodiscard]] std::int32_t position() const { return static_cast<std::int32_t>(ops_->size()); }
    void read_transaction(const YamlNode& node);
    void read_think_time(const YamlNode& node);
    void read_request(const YamlNode& step, const YamlNode& request);
    void finish_request(const YamlNode& node, StepKind kind, std::string_view url,
                        RequestStep step);
    void read_web_socket(const YamlNode& step, const YamlNode& web_socket);
    void read_web_socket_settings(const YamlNode& node);
    [[nodiscard]] std::optional<WebSocketAction> read_action(const YamlNode& node);
    void read_payload(const YamlNode& node, RequestStep& step);
    void read_handshake(const YamlNode& node, RequestStep& step);
    void read_web_socket_url(const YamlNode& node, RequestStep& step);
    void read_url(const YamlNode& request, RequestStep& step);
    void read_params(const YamlNode& node, RequestStep& step);
    void read_cookies(const YamlNode& node, RequestStep& step);
    void read_upload(const YamlNode& node, RequestStep& step);
    [[nodiscard]] FormPart read_upload_part(const YamlNode& key, const YamlNode& value);
    void read_script();
    void read_library(const std::string& path, Script& script);
    void read_hooks(const YamlNode& node, RequestStep& step);
    [[nodiscard]] std::optional<expr::Template> read_value_name(const YamlNode& node);
    [[nodiscard]] std::vector<expr::Template> read_hook_list(const YamlNode* node,
                                                             std::string_view name);
    void read_environment(const YamlNode* config);
    [[nodiscard]] std::optional<expr::Extract> read_one_extract(const YamlNode& node);
    void read_extract(const YamlNode& node, RequestStep& step);
    void read_validate(const YamlNode& node, RequestStep& step);
    void read_check(const YamlNode& node, RequestStep& step);
    void add_check(const YamlNode& subject, const YamlNode& comparator, const YamlNode* expected,
                   const YamlNode* message, RequestStep& step);
    std::vector<Assignment> read_step_variables(const YamlNode* node);
    void warn(std::string text);
    std::int32_t add_row(StepRow row);
    [[nodiscard]] std::int32_t last_row() const {
        return static_cast<std::int32_t>(plan_.steps.size()) - 1;
    }

    const CasePart part_;
    const YamlNode& root_;
    const load::Profile& profile_;
    CaseFiles& files_;
    Plan& plan_;
    Mistakes& mistakes_;
    Scope scope_;
    CasePlan case_;
    CaseSettings settings_;
    std::vector<Op>* ops_ = nullptr;  // of the list of steps in hand
    std::map<std::string, std::string, std::less<>> environment_;
    std::vector<std::string> open_files_;  // cases that refer to each other
    std::vector<std::pair<std::string, std::int32_t>> transactions_;
};

// A variable before it is compiled.
struct Variable {
    std::string name;
    YamlNode node;
    bool is_literal = false;  // of the profile: nothing in it is a reference
    bool is_text = false;     // of the environment: a literal that is never a number
};
[[nodiscard]] bool is_variable_name(std::string_view text);
// Members of a map as variables; bad names are mistakes.
[[nodiscard]] std::vector<Variable> read_variables(const YamlNode* node, Mistakes& mistakes);
// Each after those that it refers to. Self references are a mistake, or mean the outer scope.
enum class SelfReference { Mistake, Outer };
[[nodiscard]] std::vector<Variable> order_by_dependency(std::vector<Variable> variables,
                                                        SelfReference self, Mistakes& mistakes);

// `think_time` of config, without a time.
[[nodiscard]] ThinkTime read_think_strategy(const YamlNode& node, Mistakes& mistakes);

// Config's, then step's headers. Names are compared without regard to case.
using Headers = std::vector<HeaderTemplate>;
[[nodiscard]] const HeaderTemplate* find_header(const Headers& headers, std::string_view name);
void set_header(Headers& headers, std::string name, expr::Template value);
// Adds to what is there; the names of headers that were dropped are returned.
[[nodiscard]] std::vector<std::string> read_headers(const YamlNode* node, Scope& scope,
                                                    Headers& headers);
void add_profile_headers(const load::Profile& profile, Headers& headers, Mistakes& mistakes);
// "Name: value\r\n" lines, if none changes.
[[nodiscard]] std::optional<std::string> constant_header_lines(const Headers& headers);

// `json`, `data` or `body`, and the Content-Type that it brings.
void read_body(const YamlNode& request, Scope& scope, RequestStep& step);
// "a=1&b=2" if none changes.
[[nodiscard]] std::optional<std::string> constant_form(
    const std::vector<std::pair<expr::Template, expr::Template>>& pairs);
// The text of a constant.
[[nodiscard]] std::optional<std::string> constant_text(const expr::Template& text);

}  // namespace boom::plan
