#include "web/run_files.hpp"

#include "base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace boom::web {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kResult = "result.json";
constexpr std::string_view kSummary = "summary.json";
constexpr std::size_t kMaxIdBytes = 100;

// A run's id is one plain name, so that it can never be a path.
bool is_id(std::string_view id) {
    return !id.empty() && id.size() <= kMaxIdBytes && id.front() != '.' &&
           id.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
               "-._") == std::string_view::npos;
}

std::optional<std::string> read_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    return file.is_open() && !file.bad() ? std::optional(std::move(text)) : std::nullopt;
}

// Whole or not at all: a reader never sees half a file.
bool write_text(const fs::path& path, const std::string& text) {
    fs::path draft = path;
    draft += ".part";
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    std::error_code failure;
    if (file) {
        fs::rename(draft, path, failure);
    }
    return file && !failure;
}

RunRow parse_row(const std::string& id, const Json& row) {
    RunRow result;
    result.id = id;
    result.started_at = row.value("started_at", "");
    result.verdict = row.value("verdict", "");
    result.state = row.value("state", "");
    result.cases = row.value("cases", std::vector<std::string>{});
    result.tags = row.value("tags", std::map<std::string, std::string>{});
    result.duration_s = row.value("duration_s", 0.0);
    result.rps = row.value("rps", 0.0);
    result.error_ratio = row.value("error_ratio", 0.0);
    result.requests = row.value("requests", std::int64_t{0});
    result.p95_us = row.value("p95_us", std::int64_t{0});
    return result;
}

std::optional<RunRow> read_row(const fs::path& folder) {
    const auto text = read_text(folder / kSummary);
    try {
        return text ? std::optional(parse_row(folder.filename().string(), Json::parse(*text)))
                    : std::nullopt;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

}  // namespace

RunFiles::RunFiles(fs::path folder) : folder_(std::move(folder)) {
    std::error_code failure;
    fs::create_directories(folder_, failure);
    const fs::path probe = folder_ / ".writable";
    if (failure || !write_text(probe, "")) {
        throw base::ConfigError(base::Mistake{{"--run-dir"},
                                              fmt::format("cannot write to {}", folder_.string()),
                                              {},
                                              base::ExitCode::Refused});
    }
    fs::remove(probe, failure);
}

bool RunFiles::keep(const report::Result& result) const {
    if (!is_id(result.run.id)) {
        return false;
    }
    const std::string text = report::to_json(result);
    // State and verdict in the words of the result file.
    const Json run = Json::parse(text)["run"];
    Json cases = Json::array();
    for (const report::CaseInfo& info : result.run.cases) {
        cases.push_back(info.name);
    }
    const Json summary = {{"started_at", run["started_at"]},
                          {"duration_s", run["duration_s"]},
                          {"cases", std::move(cases)},
                          {"state", run["state"]},
                          {"verdict", run["verdict"]},
                          {"tags", run["tags"]},
                          {"requests", result.total.requests},
                          {"rps", result.total.requests_per_second},
                          {"error_ratio", result.total.error_ratio},
                          {"p95_us", result.total.response_time.p95}};
    const fs::path folder = folder_ / result.run.id;
    std::error_code failure;
    fs::create_directories(folder, failure);
    return !failure && write_text(folder / kResult, text + "\n") &&
           write_text(folder / kSummary,
                      summary.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::vector<RunRow> RunFiles::list() const {
    std::vector<fs::path> folders;
    std::error_code failure;
    for (fs::directory_iterator it(folder_, failure), end; !failure && it != end;
         it.increment(failure)) {
        if (is_id(it->path().filename().string())) {
            folders.push_back(it->path());
        }
    }
    // Ids begin with their time.
    std::sort(folders.begin(), folders.end());
    if (folders.size() > kMaxListedRuns) {
        folders.erase(folders.begin(), folders.end() - std::ptrdiff_t{kMaxListedRuns});
    }
    std::vector<RunRow> rows;
    for (const fs::path& folder : folders) {
        if (auto row = read_row(folder)) {
            rows.push_back(std::move(*row));
        }
    }
    return rows;
}

std::optional<std::string> RunFiles::read(std::string_view id) const {
    return is_id(id) ? read_text(folder_ / id / kResult) : std::nullopt;
}

}  // namespace boom::web
