// `upload` of a request: a multipart form (RFC 7578) of files and texts.

#include "base/digest.hpp"
#include "base/text.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
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

struct UploadOptions {
    std::string type, file_name;
    bool is_file = false;
};

std::string head_of(std::string_view name, const UploadOptions& options) {
    std::string head = "Content-Disposition: form-data; name=" + quoted_name(name);
    if (options.is_file) {
        head += "; filename=" + quoted_name(options.file_name);
    }
    head += "\r\n";
    if (!options.type.empty()) {
        head += "Content-Type: " + options.type + "\r\n";
    }
    return head + "\r\n";
}

}  // namespace

FormPart CaseCompiler::read_upload_part(const YamlNode& key, const YamlNode& value) {
    const auto known = [this, &value](std::string_view text) {
        YamlNode node = value;
        node.text = std::string(text);
        return scope_.name_text(node);
    };
    const std::vector<std::string_view> items = items_of(value.text);
    UploadOptions options;
    for (std::size_t i = 1; i < items.size(); ++i) {
        const std::size_t equals = items[i].find('=');
        const std::string_view name = items[i].substr(0, equals);
        if (equals == std::string_view::npos || (name != "type" && name != "filename")) {
            warn(fmt::format("'{}' of upload has no effect", name));
            continue;
        }
        const std::string text = known(without_quotes(items[i].substr(equals + 1)));
        (name == "type" ? options.type : options.file_name) = text;
        options.is_file = options.is_file || name == "filename";
    }
    FormPart part;
    if (!items.front().starts_with('@')) {
        YamlNode text = value;
        text.text = std::string(without_quotes(items.front()));
        part.text = scope_.text(text);
        part.head = head_of(scope_.name_text(key), options);
        return part;
    }
    const std::string path = known(without_quotes(items.front().substr(1)));
    add_file(value, path);
    const auto file = case_.files.find(path);
    if (path.find('$') != std::string::npos) {
        mistakes_.add(value, fmt::format("'{}' must be known before the start: it travels with the "
                                         "case",
                                         path));
    } else if (file != case_.files.end()) {
        part.file = file->second;
    }
    options.is_file = true;
    if (options.file_name.empty()) {
        options.file_name = std::filesystem::path(path).filename().string();
    }
    if (options.type.empty()) {
        options.type = type_of(path);
    }
    part.head = head_of(scope_.name_text(key), options);
    return part;
}

void CaseCompiler::read_upload(const YamlNode& node, RequestStep& step) {
    if (!is_map(&node, "upload", mistakes_)) {
        return;
    }
    if (step.body_kind != BodyKind::None) {
        mistakes_.add(node, "'upload' and a body exclude each other");
        return;
    }
    step.body_kind = BodyKind::Multipart;
    std::string seed;
    bool is_constant = true;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        if (node.items[i].kind != YamlNode::Kind::Null &&
            !read_text(&node.items[i], node.keys[i].text, mistakes_)) {
            continue;
        }
        FormPart part = read_upload_part(node.keys[i], node.items[i]);
        is_constant =
            is_constant && (part.file != nullptr || part.text.constant_value() != nullptr);
        seed += part.head + (part.file != nullptr ? *part.file : part.text.source());
        step.parts.push_back(std::move(part));
    }
    // Of the content, so that both ends agree and no content can have it inside.
    step.boundary = "boom-" + base::sha256_hex(seed).substr(0, 32);
    set_header(
        step.headers, "Content-Type",
        expr::Template::constant(expr::Value("multipart/form-data; boundary=" + step.boundary)));
    if (is_constant) {
        std::string body;
        for (const FormPart& part : step.parts) {
            body += fmt::format(
                "--{}\r\n{}{}\r\n", step.boundary, part.head,
                part.file != nullptr ? *part.file : constant_text(part.text).value_or(""));
        }
        step.constant_body = body + "--" + step.boundary + "--\r\n";
    }
}

}  // namespace boom::plan
