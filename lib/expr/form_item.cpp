#include "expr/form_item.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace boom::expr {
namespace {

constexpr std::array kTypes{
    std::pair{std::string_view(".txt"), std::string_view("text/plain; charset=utf-8")},
    std::pair{std::string_view(".csv"), std::string_view("text/csv; charset=utf-8")},
    std::pair{std::string_view(".html"), std::string_view("text/html; charset=utf-8")},
    std::pair{std::string_view(".css"), std::string_view("text/css; charset=utf-8")},
    std::pair{std::string_view(".js"), std::string_view("text/javascript; charset=utf-8")},
    std::pair{std::string_view(".json"), std::string_view("application/json")},
    std::pair{std::string_view(".xml"), std::string_view("text/xml; charset=utf-8")},
    std::pair{std::string_view(".pdf"), std::string_view("application/pdf")},
    std::pair{std::string_view(".zip"), std::string_view("application/zip")},
    std::pair{std::string_view(".gz"), std::string_view("application/gzip")},
    std::pair{std::string_view(".png"), std::string_view("image/png")},
    std::pair{std::string_view(".jpg"), std::string_view("image/jpeg")},
    std::pair{std::string_view(".jpeg"), std::string_view("image/jpeg")},
    std::pair{std::string_view(".gif"), std::string_view("image/gif")},
    std::pair{std::string_view(".svg"), std::string_view("image/svg+xml")},
    std::pair{std::string_view(".webp"), std::string_view("image/webp")},
};

std::string_view type_of(std::string_view path) {
    const std::string lower = base::to_lower(path);
    const auto* found = std::find_if(kTypes.begin(), kTypes.end(), [&lower](const auto& type) {
        return lower.ends_with(type.first);
    });
    return found != kTypes.end() ? found->second : "application/octet-stream";
}

// As browsers write names into a Content-Disposition.
std::string quoted_name(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"') {
            result += "%22";
        } else if (c == '\r') {
            result += "%0D";
        } else if (c == '\n') {
            result += "%0A";
        } else {
            result += c;
        }
    }
    return result + "\"";
}

std::string_view without_quotes(std::string_view text) {
    const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

// At semicolons outside of quotes.
std::vector<std::string_view> items_of(std::string_view text) {
    std::vector<std::string_view> items;
    std::size_t begin = 0;
    bool is_quoted = false;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i == text.size() || (text[i] == ';' && !is_quoted)) {
            items.push_back(base::trim(text.substr(begin, i - begin)));
            begin = i + 1;
        } else if (text[i] == '"') {
            is_quoted = !is_quoted;
        }
    }
    return items;
}

}  // namespace

FormItem parse_form_item(std::string_view text) {
    const std::vector<std::string_view> items = items_of(text);
    FormItem result;
    for (std::size_t i = 1; i < items.size(); ++i) {
        const std::size_t equals = items[i].find('=');
        const std::string_view name = items[i].substr(0, equals);
        if (equals == std::string_view::npos || (name != "type" && name != "filename")) {
            result.unknown.emplace_back(name);
            continue;
        }
        (name == "type" ? result.type : result.file_name) =
            without_quotes(items[i].substr(equals + 1));
        result.has_file_name = result.has_file_name || name == "filename";
    }
    // The quotes may stand around the whole or around the name: CASE-11.
    const std::string_view first = items.front();
    result.is_file = first.starts_with('@');
    result.content = without_quotes(result.is_file ? first.substr(1) : first);
    return result;
}

std::string form_item_head(std::string_view name, const FormItem& item) {
    std::string file_name = item.file_name;
    if (item.is_file && file_name.empty()) {
        file_name = item.content.substr(item.content.rfind('/') + 1);
    }
    std::string head = "Content-Disposition: form-data; name=" + quoted_name(name);
    if (item.is_file || item.has_file_name) {
        head += "; filename=" + quoted_name(file_name);
    }
    head += "\r\n";
    if (item.is_file || !item.type.empty()) {
        head += "Content-Type: ";
        head += item.type.empty() ? type_of(item.content) : std::string_view(item.type);
        head += "\r\n";
    }
    return head + "\r\n";
}

}  // namespace boom::expr
