#pragma once
// What load is asked for and how requests are sent: one structure for the command line, profile
// files, the environment, the HTTP API and the wire. Keys, types and defaults stand in one table.

#include "base/error.hpp"
#include "base/units.hpp"
#include "load/stages.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace boom::load {

enum class OnFailure { NextIteration, Continue, StopUser, Abort };
enum class OnWorkerLoss { Rebalance, Continue, Abort };
// A worker that joins a running test takes over a part of the load, or brings as much as each of
// the others carries.
enum class OnWorkerJoin { Share, Add };
enum class Io { Auto, Uring, Epoll };
// Auto: http1 wherever nothing is asked for that only curl has.
enum class Engine { Auto, Http1, Curl };
enum class Connections { PerUser, Shared };

// Whether a key was given at all. Not part of the value: profiles compare without it.
struct Given {
    bool is_given = false;
    bool operator==(const Given&) const { return true; }
};

// Which requests a log of samples has.
struct Samples {
    enum class Kind { All, Errors, OneIn } kind = Kind::All;
    std::int64_t one_in = 1;
    bool operator==(const Samples&) const = default;
};

struct Profile {
    std::int64_t spawn_count = 1;                       // users; with `rate` the most in flight
    Given spawn_count_given;                            // by a key of that name
    std::optional<double> spawn_rate;                   // users per second; none: all within 1 s
    std::optional<base::Duration> ramp_up;              // all users within it, in place of a rate
    std::optional<base::Duration> run_time;             // none: no limit
    std::optional<std::int64_t> loop_count;             // iterations per user; none: no limit
    std::optional<std::int64_t> max_rps;                // requests per second over all workers
    std::optional<RateIncrease> request_increase_rate;  // the ceiling rises by steps
    std::optional<double> rate;                         // open model: iterations per second
    std::vector<Stage> stages;                          // of users, or of the rate
    Arrival arrival = Arrival::Constant;
    base::Duration warm_up{};         // left out of the results, on top of the run time
    std::vector<Scenario> scenarios;  // empty: all cases by weight
    ScenarioOrder scenario_order = ScenarioOrder::Together;
    double min_delivery_percent = 99;  // of the asked load; below it the run is invalid
    base::Duration stop_timeout = std::chrono::seconds(10);
    std::string room;          // only workers that stand there; empty: anywhere
    WorkerChoice workers;      // of cases that do not choose by themselves
    std::int64_t threads = 0;  // per worker; 0 = usable cores
    Io io = Io::Auto;
    base::Duration timeout = std::chrono::seconds(30);
    base::Duration connect_timeout = std::chrono::seconds(10);
    bool no_verify = false;
    std::string cacert, cert, key, proxy;
    std::vector<std::string> resolve;    // HOST:PORT:ADDRESS
    std::vector<std::string> source_ip;  // local addresses, taken in turn by users
    Engine engine = Engine::Auto;
    Connections connections = Connections::PerUser;
    bool disable_keepalive = false;
    bool disable_compression = false;
    bool disable_console_output = false;
    std::optional<std::string> mark_traffic;  // forced User-Agent; none: only when unset
    std::vector<std::string> header;          // "K: V", added to every request
    std::map<std::string, std::string> var;   // overrides case variables
    std::map<std::string, std::string> tag;
    std::vector<std::string> threshold;  // "p95<200ms; abort_on_fail"
    std::uint64_t seed = 0;              // 0 = random
    std::string prometheus_gateway;
    Samples samples;  // where a worker writes such a log
    OnFailure on_failure = OnFailure::NextIteration;
    OnWorkerLoss on_worker_loss = OnWorkerLoss::Rebalance;
    OnWorkerJoin on_worker_join = OnWorkerJoin::Share;

    bool operator==(const Profile&) const = default;
};

// One key of the profile.
struct Field {
    enum class Kind { Integer, Real, Duration, Flag, Text, List, Pairs };
    std::string_view key;  // "spawn-count": the long option, the file's key, BOOM_SPAWN_COUNT
    Kind kind = Kind::Text;
    std::string_view unit;  // "users/s"; may be empty
    std::string_view help;  // one line
    // Text as typed ("30s", "true", "a=b"). Lists and pairs: one element, added. Returns what is
    // wrong, or empty.
    std::string (*set)(Profile&, std::string_view text) = nullptr;
    // What set() reads back; one text per element, none when unset.
    std::vector<std::string> (*print)(const Profile&) = nullptr;
};

[[nodiscard]] std::span<const Field> profile_fields();
[[nodiscard]] const Field* find_profile_field(std::string_view key);
// Keys whose elements are a whole ("stages"): setting them again replaces what was there.
void start_afresh(Profile& profile, std::string_view key);
// The reference's keys for profiles of its own process, which are not built in: what is wrong with
// this one, empty when it asks for nothing. No text: it is another key.
[[nodiscard]] std::optional<std::string> judge_profiling_key(std::string_view key,
                                                             std::string_view text);
// All keys known, for "did you mean".
[[nodiscard]] std::vector<std::string_view> profile_keys();

// Key and text of every field that differs from the default (for the wire), or of every field.
struct Setting {
    std::string key;
    std::string text;
    bool operator==(const Setting&) const = default;
};
enum class Which { Changed, All };
[[nodiscard]] std::vector<Setting> settings(const Profile& profile, Which which);
// Sets one by one; the first complaint, or empty.
[[nodiscard]] std::string apply(Profile& profile, std::span<const Setting> settings);

// Users per second, with the default filled in. Never 0.
[[nodiscard]] double effective_spawn_rate(const Profile& profile);

}  // namespace boom::load
