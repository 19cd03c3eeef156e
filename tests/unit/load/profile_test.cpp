#include "load/profile.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <set>

using boom::base::random_seed;
using boom::base::Rng;
using namespace boom::load;
using namespace std::chrono_literals;

namespace {

std::string set(Profile& profile, std::string_view key, std::string_view text) {
    const Field* field = find_profile_field(key);
    REQUIRE(field != nullptr);
    return field->set(profile, text);
}

std::string random_text(Rng& rng) {
    constexpr std::string_view kLetters = "abcXYZ019-_./=: ";
    std::string text = "x";
    for (std::uint64_t left = rng.below(12); left > 0; --left) {
        text += kLetters[rng.below(kLetters.size())];
    }
    return text + "y";
}

// Whole nanoseconds up to 100 days: exact in the text form.
boom::base::Duration random_duration(Rng& rng) {
    return boom::base::Duration(static_cast<std::int64_t>(1 + rng.below(8'640'000'000'000'000)));
}

void shape_load(Rng& rng, Profile& p) {
    const auto maybe = [&rng] { return rng.below(2) == 0; };
    const auto number = [&rng] { return static_cast<std::int64_t>(1 + rng.below(1'000'000)); };
    if (maybe()) {
        p.request_increase_rate = RateIncrease{1 + rng.unit() * 1e4, random_duration(rng)};
    }
    if (maybe()) {
        p.rate = rng.unit() * 1e5;
    }
    while (maybe()) {
        p.stages.push_back({maybe() ? 0s : random_duration(rng), rng.unit() * 1e6});
    }
    while (maybe()) {
        Scenario scenario;
        scenario.case_name = "case one";
        scenario.users = maybe() ? std::nullopt : std::optional(number());
        scenario.rate = maybe() ? std::nullopt : std::optional(rng.unit() * 1e4);
        scenario.stages = {{random_duration(rng), 7}};
        scenario.arrival = maybe() ? Arrival::Poisson : Arrival::Constant;
        scenario.start = maybe() ? 0s : random_duration(rng);
        p.scenarios.push_back(scenario);
    }
    p.arrival = maybe() ? Arrival::Poisson : Arrival::Constant;
    p.scenario_order = maybe() ? ScenarioOrder::Serial : ScenarioOrder::Together;
    p.warm_up = maybe() ? 0s : random_duration(rng);
    p.min_delivery_percent = rng.unit() * 100;
    p.engine = static_cast<Engine>(rng.below(3));
    p.connections = static_cast<Connections>(rng.below(2));
}

Profile random_profile(Rng& rng) {
    Profile p;
    const auto maybe = [&rng] { return rng.below(2) == 0; };
    const auto number = [&rng] { return static_cast<std::int64_t>(1 + rng.below(1'000'000)); };
    p.spawn_count = maybe() ? 0 : number();
    if (maybe()) {
        p.spawn_rate = 1e-3 + rng.unit() * 1e4;
    }
    if (maybe()) {
        p.run_time = random_duration(rng);
    }
    if (maybe()) {
        p.loop_count = number();
    }
    if (maybe()) {
        p.max_rps = number();
    }
    if (maybe()) {
        p.stop_timeout = maybe() ? 0s : random_duration(rng);
    }
    if (maybe()) {
        p.threads = number();
    }
    if (maybe()) {
        p.timeout = random_duration(rng);
    }
    if (maybe()) {
        p.connect_timeout = random_duration(rng);
    }
    p.no_verify = maybe();
    for (std::string* text : {&p.cacert, &p.cert, &p.key, &p.proxy}) {
        *text = maybe() ? random_text(rng) : "";
    }
    p.disable_keepalive = maybe();
    p.disable_compression = maybe();
    p.disable_console_output = maybe();
    p.prometheus_gateway = maybe() ? "" : "[::1]:9091";
    if (maybe()) {
        p.mark_traffic = random_text(rng);
    }
    while (maybe()) {
        p.header.push_back("X-Name: " + random_text(rng));
    }
    while (maybe()) {
        p.resolve.emplace_back(maybe() ? "h:443:10.0.0.1" : "[::1]:1:::2");
    }
    p.source_ip.assign(rng.below(3), "::1");
    while (maybe()) {
        p.var["v" + std::to_string(rng.below(9))] = " " + random_text(rng);
    }
    while (maybe()) {
        p.tag["t" + std::to_string(rng.below(9))] = maybe() ? random_text(rng) : "";
    }
    p.seed = maybe() ? 0 : rng();
    shape_load(rng, p);
    p.on_failure = static_cast<OnFailure>(rng.below(4));
    p.on_worker_loss = static_cast<OnWorkerLoss>(rng.below(3));
    p.on_worker_join = static_cast<OnWorkerJoin>(rng.below(2));
    return p;
}

}  // namespace

TEST_CASE("Profile: keys are distinct, and complete rows", "[load]") {
    std::set<std::string_view> keys;
    for (const Field& field : profile_fields()) {
        INFO(field.key);
        CHECK(keys.insert(field.key).second);
        CHECK(field.set != nullptr);
        CHECK(field.print != nullptr);
        CHECK_FALSE(field.help.empty());
        CHECK(find_profile_field(field.key) == &field);
    }
    CHECK(profile_keys().size() == keys.size());
    CHECK(find_profile_field("spawn_count") == nullptr);
    CHECK(find_profile_field("stages") == find_profile_field("stage"));
}

TEST_CASE("Profile: changed settings applied to a default profile give it back", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    for (int round = 0; round < 500; ++round) {
        const Profile profile = random_profile(rng);
        for (const Which which : {Which::Changed, Which::All}) {
            Profile copy;
            REQUIRE(boom::load::apply(copy, settings(profile, which)) == "");
            REQUIRE(settings(copy, which) == settings(profile, which));
            REQUIRE(copy == profile);
        }
    }
}

TEST_CASE("Profile: a default profile has no changed settings", "[load]") {
    CHECK(settings(Profile{}, Which::Changed).empty());
    CHECK_FALSE(settings(Profile{}, Which::All).empty());
}

TEST_CASE("Profile: every wrong value is refused with what is wanted, and changes nothing",
          "[load]") {
    const auto [key, text, wanted] = GENERATE(table<std::string, std::string, std::string>({
        {"spawn-count", "abc", "must be a whole number of at least 0, got 'abc'"},
        {"spawn-count", "-1", "must be a whole number of at least 0, got '-1'"},
        {"spawn-count", "1.5", "must be a whole number of at least 0, got '1.5'"},
        {"threads", "", "must be a whole number of at least 0, got ''"},
        {"spawn-rate", "0", "must be a number of users per second above 0, got '0'"},
        {"spawn-rate", "-2", "must be a number of users per second above 0, got '-2'"},
        {"spawn-rate", "nan", "must be a number of users per second above 0, got 'nan'"},
        {"spawn-rate", "inf", "must be a number of users per second above 0, got 'inf'"},
        {"run-time", "soon", "must be a duration such as 30s or 1m30s, got 'soon'"},
        {"run-time", "-3s", "must be a duration such as 30s or 1m30s, got '-3s'"},
        {"timeout", "0", "must be a duration above 0 such as 30s or 1m30s, got '0'"},
        {"max-rps", "0", "must be at least 1 (0 would send nothing; -1 means no limit), got '0'"},
        {"max-rps", "-2", "must be a whole number of at least 1, or -1 for no limit, got '-2'"},
        {"rate", "fast",
         "must be a number of iterations per second such as 100 or 600/m, got 'fast'"},
        {"rate", "-5", "must be a number of iterations per second such as 100 or 600/m, got '-5'"},
        {"stage", "10",
         "must be DURATION:TARGET such as 30s:100, several separated by commas, got '10'"},
        {"stage", "10s:-1",
         "must be DURATION:TARGET such as 30s:100, several separated by commas, got '10s:-1'"},
        {"arrival", "random", "must be constant or poisson, got 'random'"},
        {"min-delivery", "101%", "must be a percentage from 0 to 100 such as 99%, got '101%'"},
        {"scenario", "users=3", "must name its case (case=NAME), got 'users=3'"},
        {"scenario", "case=a;users=-3", "'users' must be a whole number of at least 0, got '-3'"},
        {"loop-count", "x", "must be a whole number of at least 1, or -1 for no limit, got 'x'"},
        {"no-verify", "maybe", "must be true or false, got 'maybe'"},
        {"seed", "-1", "must be a whole number from 0 to 18446744073709551615, got '-1'"},
        {"header", "no colon", "must be a header such as 'Accept: text/html', got 'no colon'"},
        {"header", "a: b\r\nc: d",
         "must be a header such as 'Accept: text/html', got 'a: b\r\nc: d'"},
        {"engine", "nginx", "must be one of auto, http1, curl, got 'nginx'"},
        {"source-ip", "127.0.0.1,host", "must be an IPv4 or IPv6 address, got '127.0.0.1,host'"},
        {"resolve", "h:443", "must be HOST:PORT:ADDRESS, got 'h:443'"},
        {"resolve", "[::1", "must be HOST:PORT:ADDRESS, got '[::1'"},
        {"resolve", "h:0:1.2.3.4",
         "must be HOST:PORT:ADDRESS with a port from 1 to 65535, got 'h:0:1.2.3.4'"},
        {"var", "name", "must be NAME=VALUE, got 'name'"},
        {"tag", "=value", "must be NAME=VALUE, got '=value'"},
        {"on-failure", "retry",
         "must be one of next_iteration, continue, stop_user, abort, got 'retry'"},
        {"on-worker-loss", "", "must be one of rebalance, continue, abort, got ''"},
    }));
    Profile profile;
    CHECK(set(profile, key, text) == wanted);
    CHECK(profile == Profile{});
}

TEST_CASE("Profile: values that mean none take a limit away", "[load]") {
    Profile profile;
    for (const Setting& setting : std::vector<Setting>{
             {"run-time", "5s"}, {"max-rps", "5"}, {"loop-count", "5"}, {"mark-traffic", "x"}}) {
        REQUIRE(set(profile, setting.key, setting.text) == "");
    }
    CHECK_FALSE(profile == Profile{});
    CHECK(set(profile, "run-time", "0") == "");
    CHECK(set(profile, "max-rps", "-1") == "");
    CHECK(set(profile, "loop-count", "-1") == "");
    CHECK(set(profile, "mark-traffic", "false") == "");
    CHECK(profile == Profile{});
}

TEST_CASE("Profile: flags understand the usual words", "[load]") {
    const auto [text, expected] = GENERATE(table<std::string, bool>({{"", true},
                                                                     {"true", true},
                                                                     {"YES", true},
                                                                     {"1", true},
                                                                     {"false", false},
                                                                     {"No", false},
                                                                     {"0", false}}));
    Profile profile;
    profile.no_verify = !expected;
    CHECK(set(profile, "no-verify", text) == "");
    CHECK(profile.no_verify == expected);
}

TEST_CASE("Profile: values are read as users type them", "[load]") {
    Profile profile;
    CHECK(set(profile, "run-time", "1m30s") == "");
    CHECK(profile.run_time == 90s);
    CHECK(set(profile, "ramp-up", "1m") == "");
    CHECK(profile.ramp_up == 60s);
    CHECK(set(profile, "timeout", "500ms") == "");
    CHECK(profile.timeout == 500ms);
    CHECK(set(profile, "mark-traffic", "") == "");
    CHECK(profile.mark_traffic == "PerformanceTest");
    CHECK(set(profile, "mark-traffic", "Mine/1.0") == "");
    CHECK(profile.mark_traffic == "Mine/1.0");
    CHECK(set(profile, "var", "a=b=c") == "");
    CHECK(profile.var.at("a") == "b=c");
    CHECK(set(profile, "on-failure", "stop-user") == "");
    CHECK(profile.on_failure == OnFailure::StopUser);
}

TEST_CASE("Profile: apply stops at the first complaint and names the key", "[load]") {
    Profile profile;
    const std::vector<Setting> wrong{{"threads", "2"}, {"spawn-rate", "0"}, {"threads", "3"}};
    CHECK(boom::load::apply(profile, wrong) ==
          "spawn-rate must be a number of users per second above 0, got '0'");
    CHECK(profile.threads == 2);
    CHECK(boom::load::apply(profile, std::vector<Setting>{{"spawn-cuont", "1"}}) ==
          "unknown key 'spawn-cuont' (did you mean 'spawn-count'?)");
}

TEST_CASE("Profile: without a spawn rate all users start within one second", "[load]") {
    Profile profile;
    profile.spawn_count = 500;
    CHECK(effective_spawn_rate(profile) == 500);
    profile.spawn_count = 0;
    CHECK(effective_spawn_rate(profile) == 1);
    profile.spawn_rate = 2.5;
    CHECK(effective_spawn_rate(profile) == 2.5);
}

TEST_CASE("Profile: the increase of the ceiling is read as the reference reads it", "[load]") {
    Profile profile;
    CHECK(set(profile, "request-increase-rate", "100") == "");
    CHECK(profile.request_increase_rate == RateIncrease{100, 1s});
    CHECK(set(profile, "request-increase-rate", "200/10s") == "");
    CHECK(profile.request_increase_rate == RateIncrease{200, 10s});
    CHECK(set(profile, "request-increase-rate", "-1") == "");
    CHECK_FALSE(profile.request_increase_rate);
    const std::string text = GENERATE("A", "A/1m", "200/1", "200/1s/", "200/", "0", "-2", "");
    CHECK(set(profile, "request-increase-rate", text) ==
          "must be a number of requests per second such as 100 or 100/5s, got '" + text + "'");
    CHECK_FALSE(profile.request_increase_rate);
}

TEST_CASE("Profile: stages given again replace those that were there", "[load]") {
    Profile profile;
    const std::vector<Setting> file = {{"stages", "10s:5"}, {"stages", "5s:0"}};
    const std::vector<Setting> typed = {{"stage", "1s:2,1s:3"}};
    CHECK(boom::load::apply(profile, file) == "");
    CHECK(profile.stages == std::vector<Stage>{{10s, 5}, {5s, 0}});
    CHECK(boom::load::apply(profile, typed) == "");
    CHECK(profile.stages == std::vector<Stage>{{1s, 2}, {1s, 3}});
}

TEST_CASE("Profile: a gateway is an address", "[load]") {
    Profile profile;
    for (const auto* good : {":5331", "h:9091", "http://h:9091/", "https://h", "[::1]:9091", ""}) {
        CAPTURE(good);
        CHECK(set(profile, "prometheus-gateway", good).empty());
        CHECK(profile.prometheus_gateway == good);
    }
    for (const auto* bad : {"x:y:z", "h:port", "http://h:9091/path", "h:70000"}) {
        CAPTURE(bad);
        CHECK_FALSE(set(profile, "prometheus-gateway", bad).empty());
    }
}

TEST_CASE("Profile: variables and tags are limited", "[load]") {
    const auto key = GENERATE(as<std::string>(), "var", "tag");
    Profile profile;
    for (int i = 0; i < 4096; ++i) {
        REQUIRE(set(profile, key, "n" + std::to_string(i) + "=1").empty());
    }
    CHECK(set(profile, key, "more=1") == "has more than 4096 entries");
}

TEST_CASE("Profile: keys for profiles of the process are refused when they ask for one", "[load]") {
    CHECK(judge_profiling_key("cpu-profile", "").value_or("?").empty());
    CHECK(judge_profiling_key("memory-profile-duration", "30s").value_or("?").empty());
    CHECK(judge_profiling_key("cpu-profile", "x.prof").value_or("").find("not built in") !=
          std::string::npos);
    CHECK_FALSE(judge_profiling_key("spawn-count", "1"));
}
