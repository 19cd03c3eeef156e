#include "base/suggest.hpp"
#include "plan/bundle.hpp"
#include "plan/files.hpp"
#include "plan/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace boom::plan {
namespace {

// Options of the process that a profile may set.
constexpr std::array<std::string_view, 5> kClusterKeys = {
    "expect-workers", "expect-workers-max-wait", "out", "quiet", "monitor"};

constexpr std::string_view kThreshold = "threshold";
constexpr std::string_view kMonitor = "monitor";
constexpr std::string_view kWorkers = "workers";

class ProfileReader {
public:
    ProfileReader(const std::string& path, Mistakes& mistakes) : path_(path), mistakes_(mistakes) {}

    ProfileFile read(const YamlNode& root) {
        if (is_map(&root, "the profile", mistakes_)) {
            for (std::size_t i = 0; i < root.keys.size(); ++i) {
                read_key(root.keys[i], root.items[i]);
            }
        }
        return std::move(result_);
    }

private:
    void read_key(const YamlNode& key, const YamlNode& value) {
        const bool is_cluster =
            std::find(kClusterKeys.begin(), kClusterKeys.end(), key.text) != kClusterKeys.end();
        const load::Field* field = load::find_profile_field(key.text);
        if (key.text == "cases") {
            read_cases(value);
        } else if (is_cluster) {
            for (std::string& text : texts_of(key.text, value)) {
                result_.cluster.push_back({key.text, std::move(text)});
            }
        } else if (field != nullptr) {
            read_field(*field, value);
        } else if (const auto what = load::judge_profiling_key(key.text, value.text)) {
            if (!what->empty()) {
                mistakes_.add(key, *what);
            }
        } else if (key.text == "start-at") {
            mistakes_.add(key, "'start-at' belongs to one start, not to a profile",
                          "boom --start-at 14:30, or \"start-at\" in the body of /start");
        } else {
            std::vector<std::string_view> known = load::profile_keys();
            known.insert(known.end(), kClusterKeys.begin(), kClusterKeys.end());
            known.push_back("cases");
            mistakes_.add(key, fmt::format("unknown key '{}'", key.text),
                          base::did_you_mean(key.text, known));
        }
    }
    void read_cases(const YamlNode& value) {
        if (!is_list(&value, "cases", mistakes_)) {
            return;
        }
        const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
        for (const YamlNode& item : value.items) {
            if (const auto text = read_text(&item, "cases", mistakes_)) {
                result_.cases.push_back((folder / *text).lexically_normal().string());
            }
        }
    }
    void read_field(const load::Field& field, const YamlNode& value) {
        const std::size_t before = mistakes_.count();
        std::vector<std::string> texts = texts_of(field.key, value);
        const bool is_many =
            field.kind == load::Field::Kind::List || field.kind == load::Field::Kind::Pairs;
        if (mistakes_.count() == before && !value.is_scalar() && !is_many &&
            field.key != kWorkers) {
            mistakes_.add(
                value, fmt::format("'{}' must be one value, not {}", field.key, kind_name(value)));
            return;
        }
        for (std::string& text : texts) {
            load::Profile scratch;
            if (const std::string complaint = field.set(scratch, text); !complaint.empty()) {
                mistakes_.add(value, complaint);
                continue;
            }
            result_.settings.push_back({std::string(field.key), std::move(text)});
        }
    }
    // One text for each element of a list, "name=value" for each of a map.
    std::vector<std::string> texts_of(std::string_view key, const YamlNode& value) {
        std::vector<std::string> texts;
        if (value.is_list() && key != kWorkers) {
            for (const YamlNode& item : value.items) {
                if (item.is_map() && key == kMonitor) {
                    texts.push_back(monitor_text(item));
                    continue;
                }
                const bool has_parts = key == "stage" || key == "stages" || key == "scenario";
                if (item.is_map() && (key == kThreshold || has_parts)) {
                    texts.push_back(has_parts ? parts_text(key, item) : threshold_text(item));
                    continue;
                }
                if (auto text = read_text(&item, key, mistakes_)) {
                    texts.push_back(std::move(*text));
                }
            }
            return texts;
        }
        if (key == kWorkers) {
            return {worker_choice_text(value, mistakes_)};
        }
        if (value.is_map()) {
            for (std::size_t i = 0; i < value.keys.size(); ++i) {
                if (const auto text = read_text(&value.items[i], key, mistakes_)) {
                    texts.push_back(pair_text(key, value.keys[i].text, *text));
                }
            }
            return texts;
        }
        if (auto text = read_text(&value, key, mistakes_)) {
            texts.push_back(std::move(*text));
        }
        return texts;
    }
    // {exporter: http://db:9100, name: db} as lines.
    std::string monitor_text(const YamlNode& map) {
        std::string lines;
        for (std::size_t i = 0; i < map.keys.size(); ++i) {
            if (const auto text = read_text(&map.items[i], map.keys[i].text, mistakes_)) {
                lines += fmt::format("{}{}={}", lines.empty() ? "" : "\n", map.keys[i].text, *text);
            }
        }
        return lines;
    }
    // {expr: p95<1s, abort_on_fail: true, delay: 10s} as one text, as the command line has it.
    std::string threshold_text(const YamlNode& map) {
        std::string condition;
        std::string options;
        for (std::size_t i = 0; i < map.keys.size(); ++i) {
            const auto text = read_text(&map.items[i], map.keys[i].text, mistakes_);
            if (!text) {
                continue;
            }
            if (map.keys[i].text == "expr") {
                condition = *text;
            } else {
                options += fmt::format("; {}={}", map.keys[i].text, *text);
            }
        }
        if (condition.empty()) {
            mistakes_.add(map, "a threshold needs `expr`", "e.g. {expr: p95<200ms}");
        }
        return condition + options;
    }
    // "case=a;users=3;stages=10s:5,5s:0" for a scenario, "10s:5" for a stage.
    std::string parts_text(std::string_view key, const YamlNode& map) {
        std::string result;
        std::string length;
        std::string target;
        for (std::size_t i = 0; i < map.keys.size(); ++i) {
            const std::string& name = map.keys[i].text;
            std::string text;
            if (name == kWorkers) {
                text = worker_choice_text(map.items[i], mistakes_);
            } else if (map.items[i].is_list()) {
                for (const std::string& element : texts_of("stages", map.items[i])) {
                    text += (text.empty() ? "" : ",") + element;
                }
            } else {
                text = read_text(&map.items[i], name, mistakes_).value_or("");
            }
            if (key == "scenario") {
                result += fmt::format("{}{}={}", result.empty() ? "" : ";", name, text);
            } else if (name == "duration" || name == "target") {
                (name == "target" ? target : length) = text;
            } else {
                mistakes_.add(map.keys[i], fmt::format("unknown key '{}'", name),
                              "a stage has a duration and a target");
            }
        }
        return key == "scenario" ? result : length + ":" + target;
    }
    static std::string pair_text(std::string_view key, const std::string& name,
                                 const std::string& text) {
        return fmt::format("{}{}{}", name, key == "header" ? ": " : "=", text);
    }

    const std::string& path_;
    Mistakes& mistakes_;
    ProfileFile result_;
};

}  // namespace

ProfileFile load_profile_file(const std::string& path) {
    std::vector<base::Mistake> unreadable;
    const std::optional<std::string> content = read_file(path, unreadable);
    if (!content) {
        throw base::ConfigError(std::move(unreadable));
    }
    const auto root = parse_yaml(*content, path);
    if (const auto* mistake = std::get_if<base::Mistake>(&root)) {
        throw base::ConfigError(*mistake);
    }
    Mistakes mistakes;
    mistakes.set_file(path);
    ProfileFile file = ProfileReader(path, mistakes).read(std::get<YamlNode>(root));
    mistakes.throw_if_any();
    return file;
}

}  // namespace boom::plan
