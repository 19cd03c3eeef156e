// `upload` of a request: a multipart form (RFC 7578) of files and texts.

#include "base/digest.hpp"
#include "expr/form_item.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::plan {
FormPart CaseCompiler::read_upload_part(const YamlNode& key, const YamlNode& value) {
    const auto known = [this, &value](std::string_view text) {
        YamlNode node = value;
        node.text = std::string(text);
        return scope_.name_text(node);
    };
    expr::FormItem item = expr::parse_form_item(value.text);
    for (const std::string& name : item.unknown) {
        warn(fmt::format("'{}' of upload has no effect", name));
    }
    item.type = known(item.type);
    item.file_name = known(item.file_name);
    FormPart part;
    if (!item.is_file) {
        YamlNode text = value;
        text.text = item.content;
        part.text = scope_.text(text);
        part.head = expr::form_item_head(scope_.name_text(key), item);
        return part;
    }
    item.content = known(item.content);
    add_file(value, item.content);
    const auto file = case_.files.find(item.content);
    if (item.content.find('$') != std::string::npos) {
        mistakes_.add(value, fmt::format("'{}' must be known before the start: it travels with the "
                                         "case",
                                         item.content));
    } else if (file != case_.files.end()) {
        if (file->second.size() > expr::kMaxWholeBytes) {
            mistakes_.add(value, fmt::format("file '{}' is larger than {} MiB", item.content,
                                             expr::kMaxWholeBytes >> 20U));
            return part;
        }
        part.file = file->second;
    }
    part.head = expr::form_item_head(scope_.name_text(key), item);
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
        is_constant = is_constant && (part.file || part.text.constant_value() != nullptr);
        seed += part.head;
        seed += part.file ? part.file->view() : std::string_view(part.text.source());
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
                part.file ? std::string(part.file->view()) : constant_text(part.text).value_or(""));
        }
        step.constant_body = body + "--" + step.boundary + "--\r\n";
    }
}

}  // namespace boom::plan
