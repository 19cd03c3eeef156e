// The built-in functions that build multipart forms, as HttpRunner's cases use them: the body as a
// text that begins with its boundary, and the Content-Type read from there.

#include "base/digest.hpp"
#include "base/text.hpp"
#include "expr/form_item.hpp"
#include "expr/function_table.hpp"

#include <fmt/format.h>

namespace boom::expr::calls {

Result multipart_encoder(CallContext& context, Arguments arguments) {
    if (arguments[0].kind() != Value::Kind::Map) {
        return fail(context, fmt::format("multipart_encoder(): needs a map, not {}",
                                         type_name(arguments[0])));
    }
    std::vector<std::string> parts;
    std::string all;
    for (const auto& [name, value] : arguments[0].as_map()) {
        const FormItem item = parse_form_item(value.is_null() ? std::string() : value.text());
        const std::optional<std::string_view> content =
            item.is_file ? find_file(context, item.content) : item.content;
        if (!content) {
            return std::nullopt;
        }
        parts.push_back(form_item_head(name, item).append(*content) + "\r\n");
        all += parts.back();
    }
    // Of the content, so that no content can have it inside.
    const std::string boundary = "boom-" + base::sha256_hex(all).substr(0, 32);
    std::string body;
    for (const std::string& part : parts) {
        body += "--" + boundary + "\r\n" + part;
    }
    return Value(body + "--" + boundary + "--\r\n");
}

Result multipart_content_type(CallContext& context, Arguments arguments) {
    const std::string body = arguments[0].text();
    const std::size_t end = body.find_first_of("\r\n");
    if (!body.starts_with("--boom-") || end == std::string::npos) {
        return fail(context, "multipart_content_type(): needs what multipart_encoder() gave");
    }
    // A form without parts begins with its last line.
    const std::string_view line = std::string_view(body).substr(2, end - 2);
    const std::string_view boundary = line.ends_with("--") ? line.substr(0, line.size() - 2) : line;
    return Value(fmt::format("multipart/form-data; boundary={}", boundary));
}

}  // namespace boom::expr::calls
