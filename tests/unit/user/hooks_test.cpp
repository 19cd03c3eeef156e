#include "user/hooks.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace boom;
using expr::Value;

namespace {

// A function of the user that the test gives.
class Calls final : public expr::UserCalls {
public:
    explicit Calls(std::function<std::optional<Value>(Value)> function)
        : function_(std::move(function)) {}
    std::optional<Value> call(expr::CallContext& context, std::string_view /*function*/,
                              std::span<const Value> arguments) override {
        CHECK(context.is_hook);
        return function_(arguments[0]);
    }

private:
    std::function<std::optional<Value>(Value)> function_;
};

struct Hooks {
    explicit Hooks(std::function<std::optional<Value>(Value)> function)
        : calls(std::move(function)) {
        functions.add("f", 1, 1);
        step.request_slot = 0;
        step.response_slot = 1;
        step.setup_hooks = {compile("${f($request)}")};
        step.teardown_hooks = {compile("${f($response)}")};
        context.user_calls = &calls;
    }
    expr::Template compile(std::string_view text) {
        expr::SlotResolver slots = [](std::string_view name) { return name == "request" ? 0 : 1; };
        slots.functions = &functions;
        return std::get<expr::Template>(expr::Template::compile(text, slots));
    }

    expr::UserFunctions functions;
    plan::RequestStep step;
    std::vector<Value> slots = std::vector<Value>(2);
    Calls calls;
    expr::CallContext context;
};

net::HttpRequest request_of() {
    net::HttpRequest request;
    request.method = "POST";
    request.url = "http://h/a";
    request.headers = "A: 1\r\nB: 2\r\n";
    request.body = R"({"x":1})";
    return request;
}

}  // namespace

TEST_CASE("Hooks: what a setup hook gives is what is sent", "[user]") {
    std::string seen;
    Hooks hooks([&seen](const Value& request) {
        seen = request.json();
        return expr::parse_json(
            R"({"method":"PUT","url":"http://h/b","headers":{"C":3},"body":{"x":2}})");
    });
    net::HttpRequest request = request_of();
    REQUIRE(user::run_setup_hooks(hooks.step, request, hooks.slots, hooks.context));
    CHECK(seen ==
          R"({"method":"POST","url":"http://h/a","headers":{"A":"1","B":"2"},"body":{"x":1}})");
    CHECK(request.method == "PUT");
    CHECK(request.url == "http://h/b");
    CHECK(request.headers == "C: 3\r\n");
    CHECK(request.body == R"({"x":2})");
}

TEST_CASE("Hooks: any other result changes nothing, a failure fails the step", "[user]") {
    Hooks hooks([](const Value&) { return Value(7); });
    net::HttpRequest request = request_of();
    REQUIRE(user::run_setup_hooks(hooks.step, request, hooks.slots, hooks.context));
    CHECK(request.headers == "A: 1\r\nB: 2\r\n");
    CHECK(request.body == R"({"x":1})");
    Hooks failing([](const Value&) { return std::optional<Value>(); });
    CHECK_FALSE(user::run_setup_hooks(failing.step, request, failing.slots, failing.context));
    CHECK_FALSE(failing.context.is_hook);
}

TEST_CASE("Hooks: a header cannot smuggle another one", "[user]") {
    Hooks hooks([](const Value&) { return expr::parse_json(R"({"headers":{"A":"1\r\nB: 2"}})"); });
    net::HttpRequest request = request_of();
    CHECK_FALSE(user::run_setup_hooks(hooks.step, request, hooks.slots, hooks.context));
    CHECK_THAT(hooks.context.error, Catch::Contains("cannot be sent"));
}

TEST_CASE("Hooks: checks see what a teardown hook made of the answer", "[user]") {
    Hooks hooks(
        [](const Value&) { return expr::parse_json(R"({"status_code":200,"body":{"y":1}})"); });
    expr::ResponseView view;
    view.status_code = 503;
    view.body = "down";
    user::ChangedResponse changed;
    REQUIRE(user::run_teardown_hooks(hooks.step, view, changed, hooks.slots, hooks.context));
    CHECK(view.status_code == 200);
    CHECK(view.body == R"({"y":1})");
}
