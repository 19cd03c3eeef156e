#include "target/multipart.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace boom::target {
namespace {

constexpr std::size_t kMaxBoundary = 70;  // RFC 2046 section 5.1.1

// The value of `name` among "a; b=c; d=\"e\"", after the first word.
std::optional<std::string> header_parameter(std::string_view value, std::string_view name) {
    std::size_t at = value.find(';');
    while (at != std::string_view::npos) {
        std::string_view rest = base::trim(value.substr(at + 1));
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const bool is_wanted = base::equals_ignoring_case(base::trim(rest.substr(0, equals)), name);
        rest.remove_prefix(equals + 1);
        std::string text;
        std::size_t end = 0;
        if (!rest.empty() && rest.front() == '"') {
            for (end = 1; end < rest.size() && rest[end] != '"'; ++end) {
                // Only quotes are escaped by what browsers and libcurl send; paths keep their "\".
                end += static_cast<std::size_t>(rest.substr(end, 2) == "\\\"");
                text += rest[end];
            }
            if (end >= rest.size()) {
                return std::nullopt;
            }
        } else {
            end = std::min(rest.find(';'), rest.size());
            text = base::trim(rest.substr(0, end));
        }
        if (is_wanted) {
            return text;
        }
        const std::size_t next = rest.find(';', end);
        at = next == std::string_view::npos
                 ? next
                 : static_cast<std::size_t>(rest.data() - value.data()) + next;
    }
    return std::nullopt;
}

bool read_fields(std::string_view head, FormPart& part) {
    bool has_name = false;
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            return false;
        }
        const std::string_view value = base::trim(line.substr(colon + 1));
        if (base::equals_ignoring_case(line.substr(0, colon), "Content-Disposition")) {
            const auto name = header_parameter(value, "name");
            has_name = name && value.substr(0, 9) == "form-data";
            part.name = name.value_or("");
            part.filename = header_parameter(value, "filename");
        } else if (base::equals_ignoring_case(line.substr(0, colon), "Content-Type")) {
            part.content_type = value;
        }
    }
    return has_name;
}

}  // namespace

std::optional<std::vector<FormPart>> parse_multipart(std::string_view content_type,
                                                     std::string_view body) {
    const auto boundary = header_parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > kMaxBoundary ||
        !base::equals_ignoring_case(content_type.substr(0, 19), "multipart/form-data")) {
        return std::nullopt;
    }
    const std::string delimiter = "\r\n--" + *boundary;
    // The first delimiter has no line before it.
    if (body.substr(0, delimiter.size() - 2) != std::string_view(delimiter).substr(2)) {
        return std::nullopt;
    }
    body.remove_prefix(delimiter.size() - 2);
    std::vector<FormPart> parts;
    while (body.substr(0, 2) == "\r\n") {
        const std::size_t head_end = body.find("\r\n\r\n");
        const bool has_head = head_end != std::string_view::npos && head_end > 2;
        const std::size_t end =
            has_head ? body.find(delimiter, head_end + 2) : std::string_view::npos;
        FormPart part;
        if (end == std::string_view::npos || end < head_end + 4 ||
            !read_fields(body.substr(2, head_end - 2), part)) {
            return std::nullopt;
        }
        part.content = body.substr(head_end + 4, end - head_end - 4);
        parts.push_back(std::move(part));
        body.remove_prefix(end + delimiter.size());
    }
    return body == "--" || body == "--\r\n" ? std::optional(std::move(parts)) : std::nullopt;
}

}  // namespace boom::target
