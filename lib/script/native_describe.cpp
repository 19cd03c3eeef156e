// What a library holds, asked in a child process.

#include "base/text.hpp"
#include "script/child.hpp"
#include "script/native_library.hpp"

#include <fmt/format.h>

#include <cstring>
#include <unistd.h>

namespace boom::script {
namespace {

constexpr int kDeadlineSeconds = 10;

void write_all(int descriptor, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t count = ::write(descriptor, text.data() + at, text.size() - at);
        if (count <= 0) {
            return;
        }
        at += static_cast<std::size_t>(count);
    }
}

// Lines "!error", or "name<tab>min<tab>max" and "." at the end.
std::optional<std::vector<NativeFunction>> parse(const std::string& text, std::string& error) {
    std::vector<NativeFunction> functions;
    for (const std::string_view line : base::split_text(text, '\n')) {
        if (line.starts_with('!')) {
            error = line.substr(1);
            return std::nullopt;
        }
        if (line == ".") {
            return functions;
        }
        const std::vector<std::string_view> parts = base::split_text(line, '\t');
        const auto min = parts.size() == 3 ? base::parse_integer(parts[1]) : std::nullopt;
        const auto max = parts.size() == 3 ? base::parse_integer(parts[2]) : std::nullopt;
        if (!min || !max) {
            break;
        }
        functions.push_back({std::string(parts[0]), static_cast<std::size_t>(*min),
                             static_cast<std::size_t>(*max)});
    }
    error = "ended its process while it was loaded";
    return std::nullopt;
}

}  // namespace

std::optional<std::vector<NativeFunction>> describe_library(const std::string& content,
                                                            std::string& error) {
    const ChildEnd end = run_in_child(
        [&content](int descriptor) {
            std::string problem;
            const auto library = NativeLibrary::load(content, problem);
            std::string text;
            if (library == nullptr) {
                text = "!" + problem + "\n";
            } else {
                for (const NativeFunction& function : library->functions()) {
                    text += fmt::format("{}\t{}\t{}\n", function.name, function.min_arguments,
                                        function.max_arguments);
                }
                text += ".\n";
            }
            write_all(descriptor, text);
        },
        kDeadlineSeconds);
    if (end.is_late) {
        error = fmt::format("is not loaded after {} s", kDeadlineSeconds);
        return std::nullopt;
    }
    if (end.signal != 0) {
        error = fmt::format("crashes while it is loaded: {}", ::strsignal(end.signal));
        return std::nullopt;
    }
    return parse(end.output, error);
}

}  // namespace boom::script
