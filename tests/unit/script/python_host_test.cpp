#include "script/python_host.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <poll.h>

using namespace boom;
using script::Answer;
using script::PythonHost;

namespace {

constexpr std::string_view kSource =
    "import os, threading\n"
    "event = threading.Event()\n"
    "def add(a, b=1): return a + b\n"
    "def echo(x): return x\n"
    "def fail(): raise ValueError('no')\n"
    "def die(): os._exit(3)\n"
    "def wait():\n"
    "    event.wait()\n"
    "    return 'waited'\n"
    "def release(): event.set()\n"
    "def change(request): request['headers']['X'] = 'y'\n"
    "async def later(): return 'later'\n"
    "print('noise')\n";

struct Host {
    explicit Host(std::string_view source = kSource) {
        std::string error;
        host = PythonHost::start({"debugtalk.py", std::string(source)}, error);
        REQUIRE(host != nullptr);
    }

    // Until the answer of that id is there, or the process has ended.
    std::optional<Answer> wait_for(std::uint64_t id) {
        while (!known.contains(id) && host->is_alive()) {
            pollfd descriptor{host->read_descriptor(), POLLIN, 0};
            REQUIRE(::poll(&descriptor, 1, 30'000) == 1);
            host->write_more();
            for (Answer& answer : host->receive()) {
                known[answer.id] = std::move(answer);
            }
        }
        const auto found = known.find(id);
        return found != known.end() ? std::optional(found->second) : std::nullopt;
    }

    std::optional<Answer> call(std::string_view function, std::vector<expr::Value> arguments,
                               PythonHost::Kind kind = PythonHost::Kind::Function) {
        host->call(++last, function, arguments, kind);
        return wait_for(last);
    }

    std::unique_ptr<PythonHost> host;
    std::map<std::uint64_t, Answer> known;
    std::uint64_t last = 0;
};

}  // namespace

TEST_CASE("PythonHost: functions get and give any value", "[script]") {
    Host host;
    REQUIRE(host.wait_for(0));
    CHECK(host.known[0].error.empty());
    CHECK(host.call("add", {expr::Value(2), expr::Value(3)})->value == expr::Value(5));
    CHECK(host.call("add", {expr::Value(2)})->value == expr::Value(3));
    const auto json = expr::parse_json(R"({"a":[1,2.5,null,true],"big":12345678901234567890,
                                           "text":"line\nü\u0001\""})");
    CHECK(host.call("echo", {*json})->value == json);
    CHECK(host.call("later", {})->value == expr::Value("later"));
}

TEST_CASE("PythonHost: a hook that returns nothing gives what it changed", "[script]") {
    Host host;
    const auto request = expr::parse_json(R"({"headers":{}})");
    CHECK(host.call("change", {*request}, PythonHost::Kind::Hook)->value->json() ==
          R"({"headers":{"X":"y"}})");
    CHECK(host.call("change", {*request})->value == expr::Value());
}

TEST_CASE("PythonHost: what a function raises is an error, and the next call works", "[script]") {
    Host host;
    const auto failed = host.call("fail", {});
    CHECK_FALSE(failed->value.has_value());
    CHECK(failed->error == "fail(): ValueError: no");
    CHECK_THAT(host.call("add", {})->error, Catch::StartsWith("add(): TypeError"));
    CHECK(host.call("echo", {expr::Value(1)})->value == expr::Value(1));
}

TEST_CASE("PythonHost: a call that takes long does not hold up others", "[script]") {
    Host host;
    host.host->call(100, "wait", {}, PythonHost::Kind::Function);
    CHECK(host.call("echo", {expr::Value("quick")})->value == expr::Value("quick"));
    CHECK_FALSE(host.known.contains(100));
    REQUIRE(host.call("release", {}));
    CHECK(host.wait_for(100)->value == expr::Value("waited"));
}

TEST_CASE("PythonHost: a source that does not load says why; a dead process is seen", "[script]") {
    Host broken("import no_such_module_of_boom\n");
    REQUIRE(broken.wait_for(0));
    CHECK_THAT(broken.known[0].error, Catch::Contains("no_such_module_of_boom"));
    Host host;
    CHECK_FALSE(host.call("die", {}).has_value());
    CHECK_FALSE(host.host->is_alive());
}
