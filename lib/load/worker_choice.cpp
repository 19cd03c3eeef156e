#include "load/worker_choice.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace boom::load {
namespace {

constexpr std::size_t kMaxParts = 10'000;
// What people leave of 1 when they write thirds.
constexpr double kRatioTolerance = 1e-6;

std::string complaint(std::string_view text) {
    return fmt::format("must be auto, only=ID,… or ratio=ID:PART,…, got '{}'",
                       base::shorten(text, 80));
}

std::optional<WorkerChoice::Part> parse_part(std::string_view text, WorkerChoice::Kind kind) {
    WorkerChoice::Part part;
    std::string_view name = text;
    if (kind == WorkerChoice::Kind::Ratio) {
        const std::size_t colon = text.rfind(':');
        const auto ratio = colon == std::string_view::npos
                               ? std::nullopt
                               : base::parse_real(base::trim(text.substr(colon + 1)));
        if (!ratio || !(*ratio >= 0 && *ratio <= 1)) {
            return std::nullopt;
        }
        part.ratio = *ratio;
        name = text.substr(0, colon);
    }
    part.worker = base::trim(name);
    const bool is_name =
        !part.worker.empty() && part.worker.find_first_of(";=") == std::string::npos;
    return is_name ? std::optional(std::move(part)) : std::nullopt;
}

}  // namespace

Parsed<WorkerChoice> parse_worker_choice(std::string_view text) {
    const std::string_view trimmed = base::trim(text);
    WorkerChoice choice;
    if (trimmed.empty() || trimmed == "auto") {
        return choice;
    }
    const std::size_t equals = trimmed.find('=');
    const std::string_view word = base::trim(trimmed.substr(0, equals));
    if (equals == std::string_view::npos || (word != "only" && word != "ratio")) {
        return complaint(text);
    }
    choice.kind = word == "only" ? WorkerChoice::Kind::Only : WorkerChoice::Kind::Ratio;
    double sum = 0;
    for (const std::string_view piece : base::split_text(trimmed.substr(equals + 1), ',')) {
        auto part = parse_part(base::trim(piece), choice.kind);
        if (!part || choice.parts.size() == kMaxParts) {
            return complaint(text);
        }
        const bool is_double =
            std::any_of(choice.parts.begin(), choice.parts.end(),
                        [&](const WorkerChoice::Part& one) { return one.worker == part->worker; });
        if (is_double) {
            return fmt::format("names worker '{}' twice", part->worker);
        }
        sum += part->ratio;
        choice.parts.push_back(std::move(*part));
    }
    if (choice.kind == WorkerChoice::Kind::Ratio && std::abs(sum - 1) > kRatioTolerance) {
        return fmt::format("the ratios of workers must sum to 1, not to {:g}", sum);
    }
    return choice;
}

std::string format_worker_choice(const WorkerChoice& choice) {
    if (choice.is_auto()) {
        return "auto";
    }
    const bool is_ratio = choice.kind == WorkerChoice::Kind::Ratio;
    std::string text;
    for (const WorkerChoice::Part& part : choice.parts) {
        text += fmt::format("{}{}", text.empty() ? "" : ",", part.worker);
        if (is_ratio) {
            text += fmt::format(":{}", part.ratio);
        }
    }
    return (is_ratio ? "ratio=" : "only=") + text;
}

}  // namespace boom::load
