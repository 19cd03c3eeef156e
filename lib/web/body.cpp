#include "web/body.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace boom::web {
namespace {

using Json = nlohmann::json;
using Kind = load::Field::Kind;

std::string_view go_type(Kind kind) {
    switch (kind) {
        case Kind::Integer:
            return "int64";
        case Kind::Real:
            return "float64";
        case Kind::Flag:
            return "bool";
        case Kind::Duration:
            return "duration";
        case Kind::Text:
            return "string";
        case Kind::List:
            return "[]string";
        case Kind::Pairs:
            return "map[string]string";
    }
    return "string";
}

std::string_view go_type(const Json& value) {
    if (value.is_string()) {
        return "string";
    }
    if (value.is_boolean()) {
        return "bool";
    }
    if (value.is_number()) {
        return "float64";
    }
    return value.is_array()    ? "[]interface {}"
           : value.is_object() ? "map[string]interface {}"
                               : "nil";
}

std::string plain(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// {"duration": "10s", "target": 50} as the text that the command line takes.
std::string stage_text(const Json& object) {
    return object.contains("duration") && object.contains("target") && object.size() == 2
               ? fmt::format("{}:{}", plain(object["duration"]), plain(object["target"]))
               : plain(object);
}

std::string joined(const Json& list) {
    std::string text;
    for (const Json& element : list) {
        text += (text.empty() ? "" : ",") + plain(element);
    }
    return text;
}

// "auto", [ids], {"only": id or ids} or {"ratio": {id: part}} as one text.
std::optional<std::string> worker_choice(const Json& value) {
    if (value.is_string()) {
        return plain(value);
    }
    if (value.is_array()) {
        return "only=" + joined(value);
    }
    if (!value.is_object() || value.size() != 1) {
        return std::nullopt;
    }
    const std::string& kind = value.begin().key();
    const Json& choice = value.begin().value();
    if (kind == "only") {
        return "only=" + (choice.is_array() ? joined(choice) : plain(choice));
    }
    if (kind != "ratio" || !choice.is_object()) {
        return std::nullopt;
    }
    std::string text;
    for (const auto& [worker, part] : choice.items()) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", worker, plain(part));
    }
    return "ratio=" + text;
}

// {"case": "a", "users": 3, "workers": …} as the text that the command line takes.
std::string scenario_text(const Json& object) {
    std::string text;
    for (const auto& [key, value] : object.items()) {
        const std::string part = key == "workers"   ? worker_choice(value).value_or(plain(value))
                                 : value.is_array() ? joined(value)
                                                    : plain(value);
        text += fmt::format("{}{}={}", text.empty() ? "" : ";", key, part);
    }
    return text;
}

std::optional<std::vector<std::string>> texts_of(const load::Field& field, const Json& value) {
    if (field.key == "workers") {
        const auto text = worker_choice(value);
        return text ? std::optional(std::vector{*text}) : std::nullopt;
    }
    switch (field.kind) {
        case Kind::Integer:
            if (value.is_number_integer()) {
                return std::vector{value.dump()};
            }
            if (value.is_number_float() && std::abs(value.get<double>()) < 9e15) {
                return std::vector{std::to_string(static_cast<std::int64_t>(value.get<double>()))};
            }
            return std::nullopt;
        case Kind::Real:
            return value.is_number() ? std::optional(std::vector{value.dump()}) : std::nullopt;
        case Kind::Flag:
            return value.is_boolean() ? std::optional(std::vector{value.dump()}) : std::nullopt;
        case Kind::Duration:
            return value.is_number() || value.is_string() ? std::optional(std::vector{plain(value)})
                                                          : std::nullopt;
        case Kind::Text:
            return value.is_string() ? std::optional(std::vector{plain(value)}) : std::nullopt;
        case Kind::List:
        case Kind::Pairs:
            break;
    }
    std::vector<std::string> texts;
    if (value.is_array() && field.kind == Kind::List) {
        for (const Json& element : value) {
            const bool is_object = element.is_object();
            texts.push_back(is_object && field.key == "stage"      ? stage_text(element)
                            : is_object && field.key == "scenario" ? scenario_text(element)
                                                                   : plain(element));
        }
        return texts;
    }
    if (value.is_object() && field.kind == Kind::Pairs) {
        for (const auto& [key, element] : value.items()) {
            texts.push_back(key + "=" + plain(element));
        }
        return texts;
    }
    return std::nullopt;
}

struct Reader {
    Command command;
    CommandBody result;
    std::vector<std::string> unknown;

    void complain(std::string text) {
        if (result.complaint.empty()) {
            result.complaint = std::move(text);
        }
    }

    void wrong_type(const std::string& key, std::string_view expected, const Json& value) {
        complain(fmt::format("'{}' expected type '{}', got unconvertible type '{}', value: '{}'",
                             key, expected, go_type(value), plain(value)));
    }

    // One worker alone. The reference has it in its bodies, and sends it empty.
    void take_worker(const std::string& written, const Json& value) {
        if (!value.is_string()) {
            wrong_type(written, "string", value);
        } else if (command == Command::Rebalance) {
            result.worker = value.get<std::string>();
        } else if (value != "") {
            complain(fmt::format("'{}' is for /rebalance: a start takes 'workers': [id]", written));
        }
    }

    void take(const std::string& written, const Json& value) {
        const std::string key = base::to_lower(written);
        if (command == Command::Start && (key == "testcase-path" || key == "start-at")) {
            if (value.is_string()) {
                (key == "start-at" ? result.start_at : result.testcase_path) =
                    value.get<std::string>();
            } else {
                wrong_type(written, "string", value);
            }
            return;
        }
        if (key == "worker") {
            take_worker(written, value);
            return;
        }
        if (const auto what = load::judge_profiling_key(key, plain(value))) {
            if (!what->empty()) {
                complain(*what);
            }
            return;
        }
        if (key == "request-increase-rate" && plain(value) == "-1") {
            return;  // off, the reference's default
        }
        const load::Field* field = load::find_profile_field(key);
        if (field == nullptr) {
            unknown.push_back(written);
            return;
        }
        const auto texts = texts_of(*field, value);
        if (!texts) {
            wrong_type(written, go_type(field->kind), value);
            return;
        }
        for (const std::string& text : *texts) {
            result.settings.push_back({key, text});
        }
    }
};

}  // namespace

CommandBody parse_command_body(std::string_view text, Command command) {
    Reader reader{command, {}, {}};
    // No exceptions: a broken body is an everyday thing.
    const Json body = Json::parse(text, nullptr, false);
    if (body.is_discarded()) {
        reader.complain(base::trim(text).empty() ? "the body is empty: a JSON object is needed"
                                                 : "the body is not valid JSON");
        return reader.result;
    }
    if (!body.is_object() && !body.is_null()) {
        reader.complain("the body must be a JSON object");
        return reader.result;
    }
    if (body.is_object()) {
        for (const auto& [key, value] : body.items()) {
            reader.take(key, value);
        }
    }
    if (!reader.unknown.empty()) {
        // As the reference; it comes first there, too.
        reader.result.complaint =
            fmt::format("failed to recognize params: [{}]", fmt::join(reader.unknown, " "));
    } else if (command == Command::Start && reader.result.testcase_path.empty()) {
        reader.complain("missing testcases path");
    }
    return reader.result;
}

StopBody parse_stop_body(std::string_view text) {
    if (base::trim(text).empty()) {
        return {};
    }
    StopBody result;
    const Json body = Json::parse(text, nullptr, false);
    if (!body.is_object() && !body.is_null()) {
        result.complaint =
            body.is_discarded() ? "the body is not valid JSON" : "the body must be a JSON object";
        return result;
    }
    for (const auto& [key, value] : body.items()) {
        if (key != "force") {
            result.complaint = fmt::format("failed to recognize params: [{}]", key);
        } else if (!value.is_boolean()) {
            result.complaint = fmt::format(
                "'force' expected type 'bool', got unconvertible type '{}', value: "
                "'{}'",
                go_type(value), plain(value));
        } else {
            result.is_forced = value.get<bool>();
        }
    }
    return result;
}

}  // namespace boom::web
