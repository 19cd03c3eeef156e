#include "boom/result_files.hpp"

#include "boom/run_outputs.hpp"
#include "report/files.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace boom::app {

report::Result read_result_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().empty()) {
        throw base::ConfigError(base::Mistake{{path}, "cannot be read, or is empty", {}});
    }
    return report::parse_result(text.str(), path);
}

std::vector<OutputFile> read_output_options(const std::vector<std::string>& texts,
                                            std::vector<base::Mistake>& mistakes) {
    std::vector<OutputFile> outputs;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        const std::string kind = text.substr(0, equals);
        if (equals == std::string::npos || equals + 1 == text.size()) {
            mistakes.push_back(
                {{"--out"}, fmt::format("'{}' is not KIND=PATH", text), "e.g. json=result.json"});
        } else if (report::find_format(kind) == nullptr && !is_live_output(kind)) {
            mistakes.push_back({{"--out"},
                                fmt::format("output '{}' is unknown", kind),
                                "known: json, csv, html, hdr, junit, samples, influx, otlp"});
        } else if (is_remote_output(kind) && text.find("://", equals) == std::string::npos) {
            mistakes.push_back({{"--out"},
                                fmt::format("'{}' is no URL", text.substr(equals + 1)),
                                "e.g. influx=http://127.0.0.1:8086/write?db=boom"});
        } else {
            outputs.push_back({kind, text.substr(equals + 1)});
        }
    }
    return outputs;
}

}  // namespace boom::app
