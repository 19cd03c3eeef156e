// The table of profile keys and how each kind of value is read and printed.

#include "base/duration.hpp"
#include "base/text.hpp"
#include "load/load_fields.hpp"
#include "load/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <netinet/in.h>

namespace boom::load {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kTrafficMark = "PerformanceTest";
constexpr std::string_view kDurationWanted = "must be a duration such as 30s or 1m30s";

// --- whole numbers -------------------------------------------------------------------------

template <std::int64_t Profile::*member>
std::string set_count(Profile& profile, std::string_view text) {
    const auto number = base::parse_integer(base::trim(text));
    if (!number || *number < 0) {
        return complaint("must be a whole number of at least 0", text);
    }
    profile.*member = *number;
    return {};
}

std::string set_spawn_count(Profile& profile, std::string_view text) {
    profile.spawn_count_given.is_given = true;
    return set_count<&Profile::spawn_count>(profile, text);
}

template <std::int64_t Profile::*member>
Texts print_count(const Profile& profile) {
    return {fmt::format("{}", profile.*member)};
}

// -1 is how the reference writes "no limit". 0 would send nothing, which nobody means.
template <std::optional<std::int64_t> Profile::*member>
std::string set_limit(Profile& profile, std::string_view text) {
    const auto number = base::parse_integer(base::trim(text));
    if (number == 0) {
        return complaint("must be at least 1 (0 would send nothing; -1 means no limit)", text);
    }
    if (!number || *number < -1) {
        return complaint("must be a whole number of at least 1, or -1 for no limit", text);
    }
    profile.*member = *number == -1 ? std::nullopt : number;
    return {};
}

template <std::optional<std::int64_t> Profile::*member>
Texts print_limit(const Profile& profile) {
    return profile.*member ? Texts{fmt::format("{}", *(profile.*member))} : Texts{};
}

// --- durations -------------------------------------------------------------------------------

template <base::Duration Profile::*member>
std::string set_duration(Profile& profile, std::string_view text) {
    const auto duration = base::parse_duration(text);
    if (!duration) {
        return complaint(kDurationWanted, text);
    }
    profile.*member = *duration;
    return {};
}

// A run always ends: waiting for ever cannot be asked for.
template <base::Duration Profile::*member>
std::string set_timeout(Profile& profile, std::string_view text) {
    const auto duration = base::parse_duration(text);
    if (!duration || *duration <= base::Duration::zero()) {
        return complaint("must be a duration above 0 such as 30s or 1m30s", text);
    }
    profile.*member = *duration;
    return {};
}

template <base::Duration Profile::*member>
Texts print_duration(const Profile& profile) {
    return {base::format_duration(profile.*member)};
}

// None is written as 0.
template <std::optional<base::Duration> Profile::*member>
std::string set_span(Profile& profile, std::string_view text) {
    const auto duration = base::parse_duration(text);
    if (!duration) {
        return complaint(kDurationWanted, text);
    }
    profile.*member = *duration == base::Duration::zero() ? std::nullopt : duration;
    return {};
}

template <std::optional<base::Duration> Profile::*member>
Texts print_span(const Profile& profile) {
    return profile.*member ? Texts{base::format_duration(*(profile.*member))} : Texts{};
}

// --- flags and text ------------------------------------------------------------------------

template <bool Profile::*member>
std::string set_flag(Profile& profile, std::string_view text) {
    const std::string word = base::to_lower(base::trim(text));
    if (word.empty() || word == "true" || word == "1" || word == "yes") {
        profile.*member = true;
    } else if (word == "false" || word == "0" || word == "no") {
        profile.*member = false;
    } else {
        return complaint("must be true or false", text);
    }
    return {};
}

template <bool Profile::*member>
Texts print_flag(const Profile& profile) {
    return {profile.*member ? "true" : "false"};
}

template <std::string Profile::*member>
std::string set_text(Profile& profile, std::string_view text) {
    profile.*member = std::string(base::trim(text));
    return {};
}

template <std::string Profile::*member>
Texts print_text(const Profile& profile) {
    return (profile.*member).empty() ? Texts{} : Texts{profile.*member};
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
    });
}

std::string set_mark_traffic(Profile& profile, std::string_view text) {
    const std::string_view mark = base::trim(text);
    if (has_control_character(mark)) {
        return complaint("must be a User-Agent without control characters", text);
    }
    if (base::equals_ignoring_case(mark, "false")) {
        profile.mark_traffic.reset();
    } else if (mark.empty() || base::equals_ignoring_case(mark, "true")) {
        profile.mark_traffic = kTrafficMark;
    } else {
        profile.mark_traffic = mark;
    }
    return {};
}

Texts print_mark_traffic(const Profile& profile) {
    return profile.mark_traffic ? Texts{*profile.mark_traffic} : Texts{};
}

// --- lists and pairs -----------------------------------------------------------------------

std::string add_header(Profile& profile, std::string_view text) {
    const std::string_view line = base::trim(text);
    const std::string_view name = line.substr(0, line.find(':'));
    if (name.empty() || name.size() == line.size() || has_control_character(line) ||
        name.find_first_of(" ()<>@,;\\\"/[]?={}") != std::string_view::npos) {
        return complaint("must be a header such as 'Accept: text/html'", text);
    }
    profile.header.emplace_back(line);
    return {};
}

// "host:443:10.0.0.1" or "[::1]:443:10.0.0.1"; the address may contain colons.
std::string add_resolve(Profile& profile, std::string_view text) {
    const std::string_view rule = base::trim(text);
    const std::size_t bracket = rule.substr(0, 1) == "[" ? rule.find(']') : 0;
    const std::size_t host_end =
        bracket == std::string_view::npos ? bracket : rule.find(':', bracket);
    const std::size_t port_end =
        host_end == std::string_view::npos ? host_end : rule.find(':', host_end + 1);
    if (host_end == 0 || port_end == std::string_view::npos || port_end + 1 == rule.size() ||
        rule.find_first_of(" \t") != std::string_view::npos) {
        return complaint("must be HOST:PORT:ADDRESS", text);
    }
    const auto port = base::parse_integer(rule.substr(host_end + 1, port_end - host_end - 1));
    if (!port || *port < 1 || *port > 65535) {
        return complaint("must be HOST:PORT:ADDRESS with a port from 1 to 65535", text);
    }
    profile.resolve.emplace_back(rule);
    return {};
}

template <Texts Profile::*member>
std::string add_text(Profile& profile, std::string_view text) {
    if (base::trim(text).empty()) {
        return "must not be empty";
    }
    (profile.*member).emplace_back(base::trim(text));
    return {};
}

template <Texts Profile::*member>
Texts print_list(const Profile& profile) {
    return profile.*member;
}

// Variables are looked up one by one where a case is compiled; a body of /start holds 100 000.
constexpr std::size_t kMostPairs = 4096;

// The value is taken as it is: spaces may matter.
template <std::map<std::string, std::string> Profile::*member>
std::string add_pair(Profile& profile, std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view name = base::trim(text.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) {
        return complaint("must be NAME=VALUE", text);
    }
    if ((profile.*member).size() >= kMostPairs) {
        return fmt::format("has more than {} entries", kMostPairs);
    }
    (profile.*member)[std::string(name)] = std::string(text.substr(equals + 1));
    return {};
}

template <std::map<std::string, std::string> Profile::*member>
Texts print_pairs(const Profile& profile) {
    Texts texts;
    for (const auto& [name, value] : profile.*member) {
        texts.push_back(fmt::format("{}={}", name, value));
    }
    return texts;
}

// --- policies ------------------------------------------------------------------------------

template <typename Value>
struct Word {
    std::string_view text;
    Value value;
};
constexpr std::array<Word<OnFailure>, 4> kOnFailure{{{"next_iteration", OnFailure::NextIteration},
                                                     {"continue", OnFailure::Continue},
                                                     {"stop_user", OnFailure::StopUser},
                                                     {"abort", OnFailure::Abort}}};
constexpr std::array<Word<OnWorkerLoss>, 3> kOnWorkerLoss{{{"rebalance", OnWorkerLoss::Rebalance},
                                                           {"continue", OnWorkerLoss::Continue},
                                                           {"abort", OnWorkerLoss::Abort}}};
constexpr std::array<Word<OnWorkerJoin>, 2> kOnWorkerJoin{
    {{"share", OnWorkerJoin::Share}, {"add", OnWorkerJoin::Add}}};
constexpr std::array<Word<Io>, 3> kIo{
    {{"auto", Io::Auto}, {"uring", Io::Uring}, {"epoll", Io::Epoll}}};
constexpr std::array<Word<Engine>, 3> kEngine{
    {{"auto", Engine::Auto}, {"http1", Engine::Http1}, {"curl", Engine::Curl}}};
constexpr std::array<Word<Connections>, 2> kConnections{
    {{"per_user", Connections::PerUser}, {"shared", Connections::Shared}}};

// "next-iteration" is read like "next_iteration".
template <auto member, const auto& words>
std::string set_word(Profile& profile, std::string_view text) {
    std::string wanted = base::to_lower(base::trim(text));
    std::replace(wanted.begin(), wanted.end(), '-', '_');
    std::string known;
    for (const auto& word : words) {
        if (word.text == wanted) {
            profile.*member = word.value;
            return {};
        }
        known += fmt::format("{}{}", known.empty() ? "" : ", ", word.text);
    }
    return complaint("must be one of " + known, text);
}

template <auto member, const auto& words>
Texts print_word(const Profile& profile) {
    for (const auto& word : words) {
        if (word.value == profile.*member) {
            return {std::string(word.text)};
        }
    }
    return {};
}

// --- the table -----------------------------------------------------------------------------

using Kind = Field::Kind;
using P = Profile;

constexpr std::array kFields{
    Field{"spawn-count", Kind::Integer, "users", "users over all workers", set_spawn_count,
          print_count<&P::spawn_count>},
    Field{"spawn-rate", Kind::Real, "users/s", "users started per second; default: all within 1 s",
          set_spawn_rate, print_spawn_rate},
    Field{"ramp-up", Kind::Duration, "",
          "start all users within this time: spawn-count / spawn-rate", set_span<&P::ramp_up>,
          print_span<&P::ramp_up>},
    Field{"run-time", Kind::Duration, "", "end the run after this time; 0 = no limit",
          set_span<&P::run_time>, print_span<&P::run_time>},
    Field{"loop-count", Kind::Integer, "iterations", "iterations per user; -1 = no limit",
          set_limit<&P::loop_count>, print_limit<&P::loop_count>},
    Field{"max-rps", Kind::Integer, "requests/s", "ceiling over all workers; -1 = none",
          set_limit<&P::max_rps>, print_limit<&P::max_rps>},
    Field{"request-increase-rate", Kind::Text, "", "S or S/D: the ceiling rises by S every D (1s)",
          set_request_increase_rate, print_request_increase_rate},
    Field{"rate", Kind::Real, "iterations/s", "open model: iterations started per second", set_rate,
          print_rate},
    Field{"stage", Kind::List, "", "D:TARGET, linear to TARGET users (or iterations/s) over D",
          add_stages, print_stages},
    Field{"arrival", Kind::Text, "", "with rate: constant or poisson", set_arrival, print_arrival},
    Field{"warm-up", Kind::Duration, "", "run this long first, left out of the results",
          set_duration<&P::warm_up>, print_duration<&P::warm_up>},
    Field{"scenario", Kind::List, "", "load of one case: case=NAME;users=N;start=D and the like",
          add_scenario, print_scenarios},
    Field{"scenario-order", Kind::Text, "", "together, or serial: one after another",
          set_scenario_order, print_scenario_order},
    Field{"min-delivery", Kind::Text, "%", "below this part of the asked load the run is invalid",
          set_min_delivery, print_min_delivery},
    Field{"stop-timeout", Kind::Duration, "", "at the end, wait this long for requests in flight",
          set_duration<&P::stop_timeout>, print_duration<&P::stop_timeout>},
    Field{"room", Kind::Text, "", "of a worker: where it stands; else: only workers there",
          set_text<&P::room>, print_text<&P::room>},
    Field{"workers", Kind::Text, "", "auto, only=ID,… or ratio=ID:0.7,ID:0.3", set_workers,
          print_workers},
    Field{"threads", Kind::Integer, "threads", "generator threads per worker; 0 = usable cores",
          set_count<&P::threads>, print_count<&P::threads>},
    Field{"io", Kind::Text, "", "how a loop waits: auto (the kernel is asked), uring, epoll",
          set_word<&P::io, kIo>, print_word<&P::io, kIo>},
    Field{"timeout", Kind::Duration, "", "limit of one request", set_timeout<&P::timeout>,
          print_duration<&P::timeout>},
    Field{"connect-timeout", Kind::Duration, "", "limit of connecting, with TLS handshake",
          set_timeout<&P::connect_timeout>, print_duration<&P::connect_timeout>},
    Field{"no-verify", Kind::Flag, "", "do not verify the server's certificate",
          set_flag<&P::no_verify>, print_flag<&P::no_verify>},
    Field{"cacert", Kind::Text, "", "file with trusted certificates", set_text<&P::cacert>,
          print_text<&P::cacert>},
    Field{"cert", Kind::Text, "", "file with the client's certificate", set_text<&P::cert>,
          print_text<&P::cert>},
    Field{"key", Kind::Text, "", "file with the client's private key", set_text<&P::key>,
          print_text<&P::key>},
    Field{"proxy", Kind::Text, "", "URL of the proxy", set_text<&P::proxy>, print_text<&P::proxy>},
    Field{"resolve", Kind::List, "", "HOST:PORT:ADDRESS, instead of asking DNS", add_resolve,
          print_list<&P::resolve>},
    Field{"source-ip", Kind::List, "", "local address to connect from; users take turns",
          add_source_ip, print_list<&P::source_ip>},
    Field{"engine", Kind::Text, "", "HTTP client: auto, http1, curl", set_word<&P::engine, kEngine>,
          print_word<&P::engine, kEngine>},
    Field{"connections", Kind::Text, "", "per_user, or shared: by all users of a thread",
          set_word<&P::connections, kConnections>, print_word<&P::connections, kConnections>},
    Field{"disable-keepalive", Kind::Flag, "", "a new connection for every request",
          set_flag<&P::disable_keepalive>, print_flag<&P::disable_keepalive>},
    Field{"disable-compression", Kind::Flag, "", "do not ask for compressed responses",
          set_flag<&P::disable_compression>, print_flag<&P::disable_compression>},
    Field{"disable-console-output", Kind::Flag, "", "no live table",
          set_flag<&P::disable_console_output>, print_flag<&P::disable_console_output>},
    Field{"mark-traffic", Kind::Text, "", "force this User-Agent; empty = PerformanceTest",
          set_mark_traffic, print_mark_traffic},
    Field{"header", Kind::List, "", "'Name: value', added to every request", add_header,
          print_list<&P::header>},
    Field{"var", Kind::Pairs, "", "NAME=VALUE, overrides a variable of the case", add_pair<&P::var>,
          print_pairs<&P::var>},
    Field{"tag", Kind::Pairs, "", "NAME=VALUE, added to the results", add_pair<&P::tag>,
          print_pairs<&P::tag>},
    Field{"threshold", Kind::List, "",
          "condition on the results, e.g. 'p95<200ms' or 'login:p99<1s'", add_text<&P::threshold>,
          print_list<&P::threshold>},
    Field{"seed", Kind::Integer, "", "seed of everything random; 0 = a new one", set_seed,
          print_seed},
    Field{"prometheus-gateway", Kind::Text, "", "address of a Pushgateway", set_gateway,
          print_text<&P::prometheus_gateway>},
    Field{"samples", Kind::Text, "", "requests in a log of samples: all, errors or 1-in-N",
          set_samples, print_samples},
    Field{"on-failure", Kind::Text, "",
          "after a failed step: next_iteration, continue, stop_user, abort",
          set_word<&P::on_failure, kOnFailure>, print_word<&P::on_failure, kOnFailure>},
    Field{"on-worker-loss", Kind::Text, "", "when a worker is lost: rebalance, continue, abort",
          set_word<&P::on_worker_loss, kOnWorkerLoss>,
          print_word<&P::on_worker_loss, kOnWorkerLoss>},
    Field{"on-worker-join", Kind::Text, "", "load of a worker that joins a run: share, add",
          set_word<&P::on_worker_join, kOnWorkerJoin>,
          print_word<&P::on_worker_join, kOnWorkerJoin>},
};

}  // namespace

std::span<const Field> profile_fields() {
    return kFields;
}

}  // namespace boom::load
