#include "target/json_text.hpp"

#include "base/text.hpp"
#include "target/utf8.hpp"

#include <algorithm>

namespace boom::target {

std::string json_string(std::string_view text) {
    if (!is_utf8(text)) {
        return "\"data:application/octet-stream;base64," + base::encode_base64(text) + "\"";
    }
    return "\"" + base::escape_json(text) + "\"";
}

std::string object(const Fields& fields) {
    std::string text;
    for (auto field = fields.begin(); field != fields.end(); ++field) {
        const auto has_name = [&](const auto& other) { return other.first == field->first; };
        if (std::any_of(fields.begin(), field, has_name)) {
            continue;
        }
        std::string values = json_string(field->second);
        bool is_list = false;
        for (auto other = field + 1; other != fields.end(); ++other) {
            if (has_name(*other)) {
                values += ',' + json_string(other->second);
                is_list = true;
            }
        }
        text += (text.empty() ? "" : ",") + json_string(field->first) + ':';
        text += is_list ? '[' + values + ']' : values;
    }
    return '{' + text + '}';
}

std::string headers_object(const Request& request) {
    Fields joined;
    for (const auto& [name, value] : request.headers) {
        const std::string lower = base::to_lower(name);
        const auto same = std::find_if(joined.begin(), joined.end(),
                                       [&](const auto& other) { return other.first == lower; });
        if (same == joined.end()) {
            joined.emplace_back(lower, value);
        } else {
            same->second += ", " + value;
        }
    }
    return object(joined);
}

}  // namespace boom::target
