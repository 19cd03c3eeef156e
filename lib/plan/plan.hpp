#pragma once
// The compiled test: immutable and flat. A virtual user is a program counter walking `ops`.

#include "base/content.hpp"
#include "base/units.hpp"
#include "expr/check.hpp"
#include "expr/csv.hpp"
#include "expr/extract.hpp"
#include "expr/response.hpp"
#include "expr/template.hpp"
#include "load/profile.hpp"
#include "plan/bundle.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::plan {

// Index of a variable in a user's slots.
using Slot = int;

struct Assignment {
    Slot slot = 0;
    expr::ValueTemplate value;
};

struct HeaderTemplate {
    std::string name;
    expr::Template value;
};

struct Extract {
    Slot slot = 0;
    expr::Extract from;
};

enum class BodyKind { None, Json, Form, Text, Multipart };

// One part of a multipart form.
struct FormPart {
    std::string head;                   // header lines and the empty line
    std::optional<base::Content> file;  // none: `text`
    expr::Template text;
};

// What a `websocket` step does; the rest is a request's.
struct WebSocketAction {
    enum class Kind { Open, Ping, WriteAndRead, Read, Write, Close } kind = Kind::Open;
    bool is_binary = false;  // the message that is written
    bool is_fresh = false;   // on a new connection
    bool has_url = false;    // else that of base_url is meant, or the one used last
    int close_code = 1000;
    std::int64_t max_message_bytes = 0;
};

// One `request` or `websocket` step. Everything constant is prebuilt.
struct RequestStep {
    expr::Template base_url;                   // may be empty
    std::int32_t step = 0;                     // row in the list of steps (StepId)
    std::optional<expr::Template> value_name;  // rows by value instead of the written name
    std::string method;                        // upper case
    expr::Template url;                        // as written in the step
    std::optional<std::string> constant_url;   // set when base, url and params never change
    std::vector<std::pair<expr::Template, expr::Template>> params;
    std::vector<HeaderTemplate> headers;  // config and step merged; marks and defaults included
    std::optional<std::string> constant_headers;  // "Name: value\r\n" lines when none change
    std::vector<std::pair<expr::Template, expr::Template>> cookies;
    BodyKind body_kind = BodyKind::None;
    expr::ValueTemplate body;  // Json: structure; Form: a map
    expr::Template text_body;  // Text
    std::vector<FormPart> parts;
    std::string boundary;
    std::optional<std::string> constant_body;
    // Not 0: nothing of the request changes but its user's cookies; its number in the plan, from 1.
    std::uint64_t constant = 0;
    std::vector<Assignment> variables;  // step variables, evaluated before the request
    std::vector<Extract> extracts;
    std::vector<expr::Check> checks;
    std::vector<expr::Template> setup_hooks, teardown_hooks;
    Slot request_slot = -1, response_slot = -1;  // of hooks; -1: there are none
    bool checks_status = false;                  // else status >= 400 fails the step (design D14)
    bool fail_on_status = true;
    bool follows_redirects = true;
    bool needs_body = false;     // an extract or check looks at it
    bool needs_headers = false;  // or at a header or cookie
    bool verify = true;
    bool http2 = false;
    base::Duration timeout{};  // of the step, config or profile
    std::optional<WebSocketAction> web_socket;
};

enum class OpKind {
    Request,
    ThinkTime,
    TransactionStart,
    TransactionEnd,
    Assign,     // variables of a referenced case
    Branch,     // goes on at `target` when its condition says so
    LoopStart,  // `target`: behind the loop
    LoopEnd,    // `target`: the first op of the loop
    Rendezvous,
};

enum class ThinkStrategy { Default, RandomPercentage, Multiply, Ignore };

struct ThinkTime {
    base::Duration time{};
    ThinkStrategy strategy = ThinkStrategy::Default;
    double min_ratio = 1;  // RandomPercentage: uniform in [min, max]; Multiply: both the factor
    double max_ratio = 1;
    std::optional<base::Duration> limit;
};

// `left` alone: whether it is anything but null, false, 0, "", "false", "0" or empty.
struct Condition {
    expr::ValueTemplate left, right;
    std::optional<expr::Comparator> comparator;
};

struct Branch {
    Condition condition;
    enum class JumpsWhen { True, False } jumps_when = JumpsWhen::True;
    std::int32_t step = -1;  // the row that a failing condition is counted in; -1: none
};

struct Loop {
    expr::ValueTemplate count;
    Slot left = 0;  // how often it is still to be walked
    std::int32_t step = -1;
};

struct AssignStep {
    std::vector<Assignment> assignments;
    std::int32_t step = -1;
};

// Users of one worker, or of the whole fleet, wait here for each other (hrp-boom 5.7). All points
// of a case have one scope.
struct Rendezvous {
    std::string name;
    std::int64_t number = 0;                           // of users; 0: by percent
    double percent = 1;                                // of the users, 0 to 1
    base::Duration timeout = std::chrono::seconds(5);  // without another arrival
    enum class Scope { Worker, Fleet } scope = Scope::Worker;
};
// How many of so many users a release takes.
[[nodiscard]] std::int64_t size_of(const Rendezvous& point, std::int64_t users);

struct Op {
    OpKind kind = OpKind::Request;
    std::int32_t index = 0;        // in the list of its kind
    std::int32_t transaction = 0;  // TransactionStart/End: row in the list of steps (StepId)
    std::int32_t target = 0;
};

// Functions of users: debugtalk.py, which the hosts of a worker run, and debugtalk.so.
struct Script {
    std::string path;  // of debugtalk.py; empty: there is none
    std::string source;
    std::string library_path;                    // of debugtalk.so; empty: there is none
    std::shared_ptr<const std::string> library;  // its content
    expr::UserFunctions functions;
    // For messages: whichever there is.
    [[nodiscard]] const std::string& name() const { return path.empty() ? library_path : path; }
};

enum class PickOrder { Sequential, Random, Unique };
enum class AtEnd { Recycle, Stop, Error };

// One key of `parameters`: rows of values for one or more variables.
struct ParameterSource {
    std::string key;
    PickOrder order = PickOrder::Sequential;
    AtEnd at_end = AtEnd::Recycle;  // of unique rows
    // Whether each worker takes its own contiguous block of the rows. Unique implies it.
    enum class Split { Whole, ByWorker } split = Split::Whole;
    std::vector<Slot> slots;
    std::vector<expr::Value> cells;  // row by row
    // Of a file beyond the budget of memory, instead of the cells: split when a row is taken.
    std::shared_ptr<const expr::CsvRows> large;
    std::vector<std::size_t> columns;  // of `large`, one for each slot
    std::int64_t large_rows = 0;       // used of them
    [[nodiscard]] std::int64_t row_count() const {
        return large != nullptr ? large_rows
                                : static_cast<std::int64_t>(cells.size() / slots.size());
    }
    void keep_first(std::int64_t rows);
    // Puts a row into the slots of a user.
    void copy_row(std::int64_t row, std::vector<expr::Value>& to) const;
};

// The sequential sources form a product whose last source varies fastest; random ones are drawn
// for each iteration; unique ones go row by row together.
struct Parameters {
    std::vector<ParameterSource> sources;
    AtEnd at_end = AtEnd::Recycle;      // of the product
    std::optional<std::int64_t> limit;  // of rows; with Recycle only these are used
    // Whose iterations move on in the product: those of all users of the case on a worker, of each
    // user alone, or of all cases on a worker that have the same parameters.
    enum class RowShare { Case, User, All } share = RowShare::Case;
    Slot walked = -1;  // of User: how many rows the user has had
};

struct CasePlan {
    std::string name;
    std::string path;
    std::string sha256;  // of the file
    std::int64_t weight = 1;
    bool clears_cookies = false;  // at the start of each iteration
    load::WorkerChoice workers;   // that carry it
    int slot_count = 0;
    std::vector<Assignment> variables;  // config variables in dependency order, once per user
    Parameters parameters;
    std::shared_ptr<const Script> script;  // null: none
    expr::FileTable files;                 // that functions may read, by the names in the case
    // What ${ENV(NAME)} gives: `.env`, `environs`, then the process.
    std::function<std::optional<std::string>(std::string_view)> environment;
    std::vector<Slot> iteration_slots;     // set back to null at the start of each iteration
    std::int32_t action_step = 0;          // row of the transaction `Action`
    std::vector<Op> setup, ops, teardown;  // once per user, per iteration, once per user
    std::vector<RequestStep> requests;
    std::vector<ThinkTime> think_times;
    std::vector<Branch> branches;
    std::vector<Loop> loops;
    std::vector<AssignStep> assigns;
    std::vector<Rendezvous> rendezvous;
    // Of a run_setup: what it extracts, for all parts of the case.
    std::vector<std::pair<std::string, Slot>> yields;
};

enum class StepKind { Request, Transaction, Testcase, WebSocket };

// A row of the results, in the case's order; explicit transactions where
// they first appear, `Action` last.
struct StepRow {
    std::string name;
    std::string case_name;
    StepKind kind = StepKind::Request;
    std::string method;
    bool is_per_value = false;  // its name is rendered: a row for each value
};

struct Plan {
    std::vector<CasePlan> cases;
    std::vector<StepRow> steps;
    std::vector<std::string> warnings;                     // accepted without effect, named once
    bool has_run_setup = false, has_run_teardown = false;  // of any case
};

// Throws ConfigError with all mistakes, each with file:line:column. The profile gives variables,
// headers, marks and timeouts that the case does not set itself.
[[nodiscard]] Plan compile(const Bundle& bundle, const load::Profile& profile);

// What a case does once per run, on the master: before any load, and behind it.
enum class Part { Load, RunSetup, RunTeardown };
// A plan with one case for each case that has the part, in order; its steps are the case's `ops`.
[[nodiscard]] std::vector<Plan> compile_part(const Bundle& bundle, const load::Profile& profile,
                                             Part part);

}  // namespace boom::plan
