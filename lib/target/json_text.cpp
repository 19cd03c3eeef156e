#include "target/json_text.hpp"

#include "base/text.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace boom::target {
namespace {

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    if (is_plain(text)) {
        out += text;
    } else if (base::is_utf8(text)) {
        out += base::escape_json(text);
    } else {
        out += "data:application/octet-stream;base64," + base::encode_base64(text);
    }
    out += '"';
}

void append_object(std::string& out, const Fields& fields) {
    out += '{';
    const std::size_t start = out.size();
    for (auto field = fields.begin(); field != fields.end(); ++field) {
        const auto has_name = [&](const auto& other) { return other.first == field->first; };
        if (std::any_of(fields.begin(), field, has_name)) {
            continue;
        }
        out += out.size() == start ? "" : ",";
        append_json_string(out, field->first);
        out += ':';
        const std::size_t value = out.size();
        append_json_string(out, field->second);
        for (auto other = field + 1; other != fields.end(); ++other) {
            if (has_name(*other)) {
                if (out[value] != '[') {
                    out.insert(value, 1, '[');
                }
                out += ',';
                append_json_string(out, other->second);
            }
        }
        out += out[value] == '[' ? "]" : "";
    }
    out += '}';
}

void append_headers(std::string& out, const Request& request) {
    const Fields& headers = request.headers;
    out += '{';
    for (auto field = headers.begin(); field != headers.end(); ++field) {
        const auto has_name = [&](const auto& other) {
            return base::equals_ignoring_case(other.first, field->first);
        };
        if (std::any_of(headers.begin(), field, has_name)) {
            continue;
        }
        out += field == headers.begin() ? "" : ",";
        append_json_string(out, base::to_lower(field->first));
        out += ':';
        if (std::none_of(field + 1, headers.end(), has_name)) {
            append_json_string(out, field->second);
            continue;
        }
        std::string joined = field->second;
        for (auto other = field + 1; other != headers.end(); ++other) {
            joined += has_name(*other) ? ", " + other->second : "";
        }
        append_json_string(out, joined);
    }
    out += '}';
}

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string object(const Fields& fields) {
    std::string out;
    append_object(out, fields);
    return out;
}

std::string headers_object(const Request& request) {
    std::string out;
    append_headers(out, request);
    return out;
}

}  // namespace boom::target
