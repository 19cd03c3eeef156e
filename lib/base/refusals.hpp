#pragma once
// Who was turned away, why and how often. Bounded: what does not fit is only counted. One thread at
// a time.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace boom::base {

class Refusals {
public:
    static constexpr std::size_t kMostRows = 200;
    struct Row {
        std::string address, reason;
        std::int64_t count = 0;
    };

    enum class News { First, Repeated };
    // First: worth a line in the log.
    News note(std::string_view address, std::string_view reason, std::int64_t count = 1);
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
    [[nodiscard]] std::int64_t total() const { return total_; }

private:
    std::vector<Row> rows_;
    std::int64_t total_ = 0;
    bool has_told_overflow_ = false;
};

}  // namespace boom::base
