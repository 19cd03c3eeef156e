#pragma once
// Lines of an nginx access log, by its log_format. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::report {

// One request as the server logged it. Texts point into the line.
struct AccessLine {
    std::string_view path;   // without the query; "(no request)" for what was none
    std::string_view agent;  // empty when the format has none
    int status = 0;
    std::int64_t bytes = 0;
    std::optional<std::int64_t> time_us;  // $request_time, else the last $upstream_response_time
    std::optional<std::int64_t> second;   // since 1970
};

// A log_format, compiled. Any thread.
class AccessFormat {
public:
    // nginx's "combined"; a number behind its end is taken as $request_time.
    static AccessFormat combined();
    // What stands in nginx's configuration. Or what is wrong with it.
    static std::variant<AccessFormat, std::string> compile(std::string_view format);

    // Empty for a line of another form.
    [[nodiscard]] std::optional<AccessLine> read(std::string_view line) const;

private:
    enum class Field {
        Other,
        Request,
        Uri,
        Status,
        Bytes,
        RequestTime,
        UpstreamTime,
        Agent,
        LocalTime,
        IsoTime,
        Seconds
    };
    struct Token {
        Field field = Field::Other;
        std::string end;  // the text behind it; empty for the last one: the rest of the line
    };
    enum class Rest { Refused, RequestTime };

    static Field field_of(std::string_view variable);
    static bool take(Field field, std::string_view value, AccessLine& line);

    std::string begin_;  // the text before the first variable
    std::vector<Token> tokens_;
    Rest rest_ = Rest::Refused;
};

}  // namespace boom::report
