#include "boom/roles.hpp"

#include "base/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace boom::app {
namespace {

constexpr int kMostPort = 65535;
constexpr std::size_t kMostNameBytes = 128;  // the master refuses longer ones

struct Place {
    std::string_view option;
    std::string_view roles;  // m, w, l: master, worker, local run
};
// Others are for everybody, but for those of the load: they are no worker's.
constexpr std::array<Place, 19> kPlaces{{{"auto-start", "m"},
                                         {"expect-workers", "m"},
                                         {"expect-workers-max-wait", "m"},
                                         {"master-bind-host", "m"},
                                         {"master-bind-port", "m"},
                                         {"master-http-address", "m"},
                                         {"insecure-cluster", "ml"},
                                         {"any-testcase-path", "ml"},
                                         {"http-cert", "ml"},
                                         {"http-key", "ml"},
                                         {"run-dir", "ml"},
                                         {"start-at", "ml"},
                                         {"profile", "ml"},
                                         {"method", "ml"},
                                         {"data", "ml"},
                                         {"http-address", "l"},
                                         {"ignore-quit", "w"},
                                         {"max-users", "w"},
                                         {"master-port", "w"}}};

char letter_of(Mode mode) {
    return mode == Mode::Master ? 'm' : mode == Mode::Worker ? 'w' : 'l';
}

std::string who(std::string_view roles) {
    return roles == "m"    ? "is for a master (--master)"
           : roles == "w"  ? "is for a worker (--worker)"
           : roles == "l"  ? "is for a local run"
           : roles == "ml" ? "has no effect on a worker"
                           : "";
}

bool is_typed(const CLI::Option& option) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread starts
    return option.count() > 0 &&
           (option.get_envname().empty() || std::getenv(option.get_envname().c_str()) == nullptr);
}

}  // namespace

void check_roles(const CLI::App& app, const Options& options,
                 std::vector<base::Mistake>& mistakes) {
    const char role = letter_of(options.mode);
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_lnames().empty() || !is_typed(*option)) {
            continue;
        }
        // The last name is the one of the documentation, aliases come before.
        const std::string& name = option->get_lnames().back();
        const auto* const place = std::ranges::find(kPlaces, name, &Place::option);
        if (place != kPlaces.end() && place->roles.find(role) == std::string_view::npos) {
            mistakes.push_back({{"--" + name}, who(place->roles), {}});
        } else if (options.mode == Mode::Worker && option->get_group() == "Load" &&
                   name != "room") {
            mistakes.push_back(
                {{"--" + name}, "has no effect on a worker: its master says what it does", {}});
        }
    }
    if (options.mode == Mode::Worker && !options.cases.empty()) {
        mistakes.push_back(
            {{options.cases.front()}, "a worker gets its cases from its master", {}});
    }
    for (const auto& [option, text] :
         {std::pair("--name", &options.name), std::pair("--room", &options.room)}) {
        if (options.mode == Mode::Worker && text->size() > kMostNameBytes) {
            mistakes.push_back(
                {{option}, fmt::format("is longer than {} bytes", kMostNameBytes), {}});
        }
    }
}

void check_ports(const Options& options, std::vector<base::Mistake>& mistakes) {
    const auto check = [&](const char* option, int port, int least) {
        if (port < least || port > kMostPort) {
            mistakes.push_back(
                {{option}, fmt::format("{} is no port: {} to {}", port, least, kMostPort), {}});
        }
    };
    check("--master-bind-port", options.master_bind_port, 0);
    check("--master-port", options.master_port, 1);
}

}  // namespace boom::app
