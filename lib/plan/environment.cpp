// `.env` of the project and `environs` of a case: variables, and what ${ENV(NAME)} gives.

#include "base/text.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <utility>

extern char** environ;

namespace boom::plan {
namespace {

using Environment = std::map<std::string, std::string, std::less<>>;

// Read once, at the start: a function may not ask the process while it runs.
const Environment& of_process() {
    static const Environment environment = [] {
        Environment result;
        for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
            const std::string_view text = *entry;
            const std::size_t equals = text.find('=');
            if (equals != std::string_view::npos) {
                result.emplace(text.substr(0, equals), text.substr(equals + 1));
            }
        }
        return result;
    }();
    return environment;
}

// Lines NAME=VALUE or NAME: VALUE, whichever separator comes first; `#` starts a comment line.
void read_dotenv(std::string_view text, const std::string& path, Environment& environment,
                 Mistakes& mistakes) {
    int number = 0;
    for (const std::string_view whole : base::split_text(text, '\n')) {
        ++number;
        const std::string_view line = base::trim(whole);
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        const std::size_t separator = line.find_first_of("=:");
        const std::string_view name = base::trim(line.substr(0, separator));
        if (separator == std::string_view::npos || name.empty()) {
            mistakes.add({{path, number, 1}, "a line must be NAME=VALUE", {}});
            continue;
        }
        environment.insert_or_assign(std::string(name),
                                     std::string(base::trim(line.substr(separator + 1))));
    }
}

}  // namespace

void CaseCompiler::read_environment(const YamlNode* config) {
    const YamlNode* environs = config != nullptr ? config->find("environs") : nullptr;
    Environment own;
    if (is_map(environs, "environs", mistakes_)) {
        for (std::size_t i = 0; i < environs->keys.size(); ++i) {
            const std::string& name = environs->keys[i].text;
            if (const auto text = read_text(&environs->items[i], name, mistakes_)) {
                own.insert_or_assign(name, *text);
            }
        }
    }
    const FoundFile found = files_.find_in_root(mistakes_.file(), ".env");
    if (!found.path.empty()) {
        read_dotenv(files_.content(found.path).view(), found.path, own, mistakes_);
    }
    case_.environment = [own](std::string_view name) -> std::optional<std::string> {
        for (const Environment* environment : {&own, &of_process()}) {
            if (const auto entry = environment->find(name); entry != environment->end()) {
                return entry->second;
            }
        }
        return std::nullopt;
    };
    environment_ = std::move(own);
}

}  // namespace boom::plan
