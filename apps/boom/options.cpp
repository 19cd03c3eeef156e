#include "boom/options.hpp"

#include "base/address.hpp"
#include "base/duration.hpp"
#include "base/error.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"
#include "boom/result_files.hpp"
#include "boom/roles.hpp"
#include "load/schedule.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

namespace boom::app {
namespace {

using base::ConfigError;
using base::Mistake;

constexpr std::string_view kDefaultProfile = "boom.yml";
constexpr std::string_view kDefaultProfileInFolder = "testcases/boom.yml";

// Short forms and other tools' names of profile keys.
std::string aliases(std::string_view key) {
    static const std::map<std::string_view, std::string> table{{"spawn-count", "-u,--users,"},
                                                               {"spawn-rate", "-r,"},
                                                               {"run-time", "-d,--duration,"},
                                                               {"loop-count", "-i,--iterations,"},
                                                               {"var", "-e,"},
                                                               {"header", "-H,"},
                                                               {"no-verify", "-k,"}};
    const auto found = table.find(key);
    return found == table.end() ? std::string() : found->second;
}

std::string environment_name(std::string_view key) {
    std::string result = "BOOM_" + base::to_upper(key);
    for (char& c : result) {
        c = c == '-' ? '_' : c;
    }
    return result;
}

struct Parser {
    CLI::App app{"boom: a master/worker HTTP load generator"};
    Options options;
    std::map<std::string, std::vector<std::string>> values;  // of profile keys
    std::map<std::string, bool> flags;
    std::vector<std::string> outputs;
    TokenSource token;
    std::string profile_path, max_wait, http_address, local_http_address;
    std::string start_at;
    std::int64_t max_users = 0;
    bool is_master = false, is_worker = false;
    bool is_looking = false;  // boom check, boom status: no run
    std::vector<Mistake> mistakes;

    void complain(std::string where, std::string what, std::string hint = {}) {
        mistakes.push_back({{std::move(where)}, std::move(what), std::move(hint)});
    }
    void declare();
    void declare_cluster();
    void apply_profile();
    void check_extras();
    void check_outputs();
    void read_secrets();
    void read_start_time();
    void read_addresses();
    void finish();
};

void Parser::declare() {
    app.set_help_flag();
    app.allow_extras();
    for (const load::Field& field : load::profile_fields()) {
        const std::string names = fmt::format("{}--{}", aliases(field.key), field.key);
        const std::string key(field.key);
        const std::string help(field.help);
        if (field.kind == load::Field::Kind::Flag) {
            app.add_flag(names, flags[key], help)->group("Load");
        } else if (key == "mark-traffic") {
            app.add_option(names, values[key], help)->expected(0, 1)->group("Load");
        } else {
            app.add_option(names, values[key], help)
                ->group("Load")
                ->expected(1)
                ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        }
    }
    app.add_option("--profile", profile_path, "YAML or JSON file with the load options");
    app.add_option("--start-at", start_at, "14:30, 2026-11-21T14:30:00Z or +90s");
    app.add_option("--method", options.url.method, "method of a URL run");
    app.add_option("--data", options.url.data, "body of a URL run");
    app.add_option("--out", outputs,
                   "KIND=PATH; kinds: json csv html hdr junit samples influx otlp")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--http-address", local_http_address, "control API of a local run");
    app.add_flag("-q,--quiet", options.is_quiet, "no progress");
    app.add_flag("-v,--verbose", options.is_verbose, "debug log");
    app.add_flag("--debug", options.is_debug, "one user, one iteration; prints what is exchanged");
    app.add_flag("--no-color", options.no_color, "plain text");
    app.add_option("--log-file", options.log_file, "instead of stderr");
    app.add_flag("--log-json", options.is_log_json, "log lines as JSON");
    declare_cluster();
    // Each of them can be given as BOOM_<NAME> too; those of the load have a precedence of their
    // own (see apply_profile).
    for (CLI::Option* option : app.get_options([](CLI::Option* one) {
             return !one->get_lnames().empty() && one->get_group() != "Load";
         })) {
        option->envname(environment_name(option->get_lnames().front()));
    }
}

void Parser::declare_cluster() {
    Options& o = options;
    const auto add = [this](const char* name, auto& value, const char* help) {
        app.add_option(name, value, help)->group("Cluster");
    };
    const auto add_flag = [this](const char* name, bool& value, const char* help) {
        app.add_flag(name, value, help)->group("Cluster");
    };
    add_flag("--master", is_master, "control workers");
    add_flag("--worker", is_worker, "be a worker");
    add_flag("--auto-start", o.auto_start, "start when the workers are there");
    add("--expect-workers", o.expect_workers, "workers to wait for");
    add("--expect-workers-max-wait", max_wait, "how long, default 120s");
    add("--master-bind-host", o.master_bind_host, "default 0.0.0.0");
    add("--master-bind-port", o.master_bind_port, "default 5557");
    add("--master-http-address", http_address, "default 0.0.0.0:9771; none");
    add("--master-host", o.master_host, "default 127.0.0.1");
    add("--master-port", o.master_port, "default 5557");
    add_flag("--ignore-quit", o.ignore_quit, "stay when the master quits");
    add("--max-users", max_users, "what this worker can carry");
    add("--name", o.name, "what this worker is called");
    app.add_option("--token", token.text, "shared secret of master, workers and API clients")
        ->group("Cluster");
    app.add_option("--token-file", token.file, "file with the secret; or BOOM_TOKEN")
        ->group("Cluster");
    add("--run-dir", o.run_folder, "runs are kept here; one that was cut off is taken up again");
    add("--http-cert", o.http_keys.certificate_path, "PEM certificate: the API over TLS");
    add("--http-key", o.http_keys.key_path, "its key");
    add_flag("--any-testcase-path", o.is_any_path_allowed,
             "/start may name cases outside of this folder");
    add_flag("--insecure-cluster", o.is_cluster_open, "serve other machines without a token");
}

void Parser::check_extras() {
    std::vector<std::string> known;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            known.push_back("--" + name);
        }
    }
    const std::vector<std::string_view> names(known.begin(), known.end());
    for (const std::string& word : app.remaining()) {
        if (word.empty() || word[0] != '-') {
            options.cases.push_back(word);
            continue;
        }
        const std::string name = word.substr(0, word.find('='));
        complain(name, "unknown option", base::did_you_mean(name, names));
    }
}

void Parser::check_outputs() {
    options.outputs = read_output_options(outputs, mistakes);
    for (const OutputFile& output : options.outputs) {
        // Each process writes what it has itself.
        if ((output.kind == "samples") == is_master && (is_master || is_worker)) {
            complain("--out",
                     fmt::format("'{}' is written by a {}", output.kind,
                                 is_master ? "worker" : "master"),
                     is_master ? "boom --worker --out samples=PATH" : "");
        }
    }
}

// defaults < profile file < environment < command line.
void Parser::apply_profile() {
    if (!profile_path.empty()) {
        const plan::ProfileFile file = plan::load_profile_file(profile_path);
        if (const std::string what = load::apply(options.profile, file.settings); !what.empty()) {
            complain(profile_path, what);
        }
        for (const load::Setting& setting : file.cluster) {
            if (setting.key == "expect-workers" && app.count("--expect-workers") == 0) {
                options.expect_workers = base::parse_integer(setting.text).value_or(1);
            } else if (setting.key == "expect-workers-max-wait" && max_wait.empty()) {
                max_wait = setting.text;
            } else if (setting.key == "monitor") {
                options.monitor.push_back(setting.text);
            } else if (setting.key == "out") {
                outputs.push_back(setting.text);
            } else if (setting.key == "quiet") {
                options.is_quiet = options.is_quiet || setting.text == "true";
            }
        }
        if (options.cases.empty()) {
            options.cases = file.cases;
        }
    }
    for (const load::Field& field : load::profile_fields()) {
        const std::string key(field.key);
        const std::string variable = environment_name(field.key);
        // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread starts
        if (const char* text = std::getenv(variable.c_str()); text != nullptr) {
            load::start_afresh(options.profile, field.key);
            if (const std::string what = field.set(options.profile, text); !what.empty()) {
                complain(variable, what);
            }
        }
        std::vector<std::string> texts = values[key];
        if (field.kind == load::Field::Kind::Flag && flags[key]) {
            texts = {"true"};
        }
        if (texts.empty() && app.count("--" + key) > 0) {
            texts = {""};
        }
        if (!texts.empty()) {
            load::start_afresh(options.profile, field.key);
        }
        for (const std::string& text : texts) {
            if (const std::string what = field.set(options.profile, text); !what.empty()) {
                complain("--" + key, what);
            }
        }
    }
}

void Parser::read_secrets() {
    options.token = read_token(token, mistakes);
    read_keys(options.http_keys, mistakes);
}

void Parser::read_start_time() {
    if (start_at.empty()) {
        return;
    }
    const WallTime now = std::chrono::system_clock::now();
    options.start_at = parse_start_time(start_at, now);
    if (!options.start_at) {
        complain("--start-at", fmt::format("'{}' is no time", start_at),
                 "14:30, 2026-11-21T14:30:00Z or +90s");
    } else if (*options.start_at < now) {
        complain("--start-at", fmt::format("{} has passed", start_at));
    }
}

void Parser::finish() {
    Options& o = options;
    if (is_master && is_worker) {
        complain("--worker", "a process is a master or a worker, not both");
    }
    if (o.is_debug && (is_master || is_worker)) {
        complain("--debug", "is for a local run");
    }
    o.mode = is_master ? Mode::Master : is_worker ? Mode::Worker : Mode::Local;
    const bool needs_case =
        (o.mode == Mode::Local && !is_looking) || (o.mode == Mode::Master && o.auto_start);
    if (needs_case && o.cases.empty() && profile_path.empty()) {
        for (const std::string_view path : {kDefaultProfile, kDefaultProfileInFolder}) {
            if (profile_path.empty() && std::filesystem::exists(path)) {
                profile_path = path;
            }
        }
        if (profile_path.empty()) {
            complain("CASE",
                     fmt::format("no test case was given, and there is no {} or {} here",
                                 kDefaultProfile, kDefaultProfileInFolder),
                     "boom case.yml, or boom http://host/path");
        }
    }
    apply_profile();
    if (needs_case && o.cases.empty() && mistakes.empty()) {
        complain(profile_path, "the profile names no cases", "add `cases: [case.yml]`");
    }
    if (o.mode == Mode::Worker) {
        o.room = o.profile.room;
    } else if (o.mode == Mode::Local && !is_looking &&
               !(o.profile.room.empty() && o.profile.workers.is_auto())) {
        complain(o.profile.room.empty() ? "--workers" : "--room", "a local run has no workers");
    }
    for (const std::string& what : load::contradictions(options.profile)) {
        complain("load", what);
    }
    check_outputs();
    read_secrets();
    read_start_time();
    if (!max_wait.empty()) {
        if (const auto wait = base::parse_duration(max_wait)) {
            o.expect_workers_max_wait = *wait;
        } else {
            complain("--expect-workers-max-wait", "must be a duration such as 120s");
        }
    }
    if (o.expect_workers < 1) {
        complain("--expect-workers", "must be at least 1");
    }
    o.expect_workers = is_looking && app.count("--expect-workers") == 0 ? 0 : o.expect_workers;
    if (app.count("--max-users") > 0 || max_users != 0) {
        o.max_users = max_users;
        if (max_users < 1) {
            complain("--max-users", "must be at least 1");
        }
    }
    read_addresses();
}

void Parser::read_addresses() {
    Options& o = options;
    o.is_http_explicit = !http_address.empty() || !local_http_address.empty();
    o.is_master_named = app.count("--master-host") + app.count("--master-port") > 0;
    o.http_address = o.mode == Mode::Master || is_looking
                         ? (http_address.empty() ? "0.0.0.0:9771" : http_address)
                         : local_http_address;
    if (o.http_address == "none") {
        o.http_address.clear();
    } else if (!o.http_address.empty() && !base::parse_address(o.http_address, 9771)) {
        complain("--master-http-address", fmt::format("'{}' is no address", o.http_address));
    }
    const auto read = [this](const char* option, std::string& host, int& port) {
        if (const auto address = base::parse_address(host, port)) {
            host = address->host;
            port = address->port;
        } else {
            complain(option, fmt::format("'{}' is no address", host));
        }
    };
    read("--master-host", o.master_host, o.master_port);
    read("--master-bind-host", o.master_bind_host, o.master_bind_port);
    check_ports(o, mistakes);
}

}  // namespace

Options parse_options(int argc, char** argv) {
    const std::string first = argc > 1 ? argv[1] : "";
    if (first == "target") {
        Options options;
        options.mode = Mode::Target;
        return options;
    }
    Parser parser;
    parser.declare();
    if (first == "--help" || first == "-h") {
        parser.options.mode = Mode::Help;
        parser.options.text = parser.app.help(
            "boom [options] CASE|FOLDER|URL…\n"
            "       boom target|validate|plan|check|explain|status|report|compare|nginx-log …");
        return parser.options;
    }
    const bool is_validate = first == "validate";
    const bool is_plan = first == "plan";
    const bool is_check = first == "check";
    const bool is_status = first == "status";
    parser.is_looking = is_check || is_status;
    const int words = is_validate || is_plan || is_check || is_status ? 1 : 0;
    try {
        parser.app.parse(argc - words, argv + words);
    } catch (const CLI::ParseError& error) {
        throw ConfigError(Mistake{{"boom"}, error.what(), "see boom --help"});
    }
    parser.check_extras();
    if (parser.mistakes.empty() && !is_validate) {
        parser.finish();
        if (words == 0) {
            check_roles(parser.app, parser.options, parser.mistakes);
        }
    } else if (is_validate) {
        parser.apply_profile();  // its variables
        parser.options.mode = Mode::Validate;
    }
    if (is_plan) {
        parser.options.mode = Mode::Plan;
    } else if (parser.is_looking) {
        parser.options.mode = is_check ? Mode::Check : Mode::Status;
    }
    if (!parser.mistakes.empty()) {
        throw ConfigError(std::move(parser.mistakes));
    }
    return parser.options;
}

}  // namespace boom::app
