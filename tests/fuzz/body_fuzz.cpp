// Bodies of /start and /rebalance: whatever is accepted is a list of known keys; what the profile
// takes of it, it says again.
#include "base/assert.hpp"
#include "load/profile.hpp"
#include "web/body.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace boom;

void check(std::string_view text, web::Command command) {
    const web::CommandBody body = web::parse_command_body(text, command);
    if (!body.complaint.empty()) {
        return;
    }
    BOOM_ASSERT(command != web::Command::Start || !body.testcase_path.empty());
    for (const load::Setting& setting : body.settings) {
        BOOM_ASSERT(load::find_profile_field(setting.key) != nullptr);
    }
    load::Profile profile;
    if (!load::apply(profile, body.settings).empty()) {
        return;
    }
    const auto settings = load::settings(profile, load::Which::Changed);
    load::Profile again;
    BOOM_ASSERT(load::apply(again, settings).empty());
    BOOM_ASSERT(load::settings(again, load::Which::Changed) == settings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text, web::Command::Start);
    check(text, web::Command::Rebalance);
    const web::StopBody stop = web::parse_stop_body(text);
    BOOM_ASSERT(stop.complaint.empty() || !text.empty());
    return 0;
}
