#pragma once
// An access log in figures: per path, with the requests of a load test and all others apart.

#include "report/access_log.hpp"
#include "report/text_style.hpp"
#include "stats/histogram.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace boom::report {

enum class AccessOrder { Requests, Time, Bytes, Errors };

struct AccessOptions {
    std::string agent = "PerformanceTest";  // part of the load test's User-Agent
    enum class Static { LeftOut, Counted } static_files = Static::LeftOut;
    AccessOrder order = AccessOrder::Requests;
    std::size_t top = 20;  // paths of each table
};

// One thread. Bounded: more than kMaxPaths paths of a source become "__other__", the time line's
// rows become longer.
class AccessSummary {
public:
    static constexpr std::size_t kMaxPaths = 2000;
    static constexpr std::size_t kMaxRows = 3600;

    explicit AccessSummary(AccessOptions options) : options_(std::move(options)) {
        sources_[0].name = "load test";
        sources_[1].name = "others";
    }

    void add(const AccessLine& line);
    void add_unreadable() { ++unreadable_; }
    [[nodiscard]] std::int64_t lines() const;  // all that were added
    [[nodiscard]] std::int64_t unreadable() const { return unreadable_; }

    [[nodiscard]] std::string text(const TextStyle& style) const;
    [[nodiscard]] std::string json() const;
    // For a log that is followed: requests of both sources so far.
    [[nodiscard]] std::string progress() const;

private:
    struct Figures {
        std::int64_t requests = 0, errors = 0, bytes = 0;
        stats::Histogram time;
    };
    struct Row {
        std::int64_t requests = 0, errors = 0, bytes = 0, timed = 0;
        double time_us = 0;
    };
    struct Source {
        std::string_view name;
        Figures total;
        std::map<std::string, Figures, std::less<>> paths;
        std::map<std::int64_t, Row> rows;  // by second / row_s
        std::int64_t row_s = 1;
        std::int64_t first = 0, last = 0;  // seconds, of lines that have a time
        std::int64_t timed_lines = 0;
    };
    using PathRow = std::pair<const std::string, Figures>;

    static void count(Figures& figures, const AccessLine& line);
    static void add_to_time_line(Source& source, const AccessLine& line);
    static double seconds(const Source& source);
    [[nodiscard]] std::vector<const PathRow*> ordered(const Source& source) const;
    [[nodiscard]] std::string table(const Source& source, const TextStyle& style) const;

    AccessOptions options_;
    std::array<Source, 2> sources_;
    std::int64_t static_files_ = 0;
    std::int64_t unreadable_ = 0;
};

}  // namespace boom::report
