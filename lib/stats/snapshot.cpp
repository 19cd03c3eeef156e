#include "stats/snapshot.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace boom::stats {

namespace {

// The phase with that id, inserted in order where there is none.
Phase& phase_at(std::vector<Phase>& phases, PhaseId id) {
    const auto place = std::ranges::lower_bound(phases, id, {}, &Phase::id);
    if (place != phases.end() && place->id == id) {
        return *place;
    }
    return *phases.insert(place, Phase{.id = id, .steps = {}});
}

// Whether its class and step have as many texts as are kept as they are.
bool has_examples(const ErrorMap& errors, const ErrorKeyView& key) {
    auto place = errors.lower_bound(ErrorKeyView{key.outcome, key.step, {}});
    for (std::size_t count = 0; count < kMaxExactTexts; ++count, ++place) {
        if (place == errors.end() || place->first.outcome != key.outcome ||
            place->first.step != key.step) {
            return false;
        }
    }
    return true;
}

bool is_zero(const Iterations& i) {
    return i.started == 0 && i.finished == 0 && i.failed == 0 && i.dropped == 0 &&
           i.interrupted == 0;
}
bool is_zero(const Transactions& t) {
    return t.passed == 0 && t.failed == 0;
}
bool is_zero(const Connections& c) {
    return c.opened == 0 && c.reused == 0 && c.failed == 0 && c.exchanges == 0;
}

}  // namespace

void StepStats::add(const StepStats& other) {
    requests += other.requests;
    failures += other.failures;
    interrupted += other.interrupted;
    bytes_sent += other.bytes_sent;
    bytes_received += other.bytes_received;
    for (const auto& [code, count] : other.status) {
        status[code] += count;
    }
    response_time.add(other.response_time);
    service_time.add(other.service_time);
}

void ErrorStats::add(const ErrorStats& other) {
    if (other.count == 0) {
        return;
    }
    first = count == 0 ? other.first : std::min(first, other.first);
    last = count == 0 ? other.last : std::max(last, other.last);
    count += other.count;
    time.add(other.time);
    for (const PartFailures& theirs : other.parts) {
        const auto place = std::ranges::lower_bound(parts, theirs.part, {}, &PartFailures::part);
        if (place != parts.end() && place->part == theirs.part) {
            place->count += theirs.count;
        } else {
            parts.insert(place, theirs);
        }
    }
}

void Iterations::add(const Iterations& other) {
    started += other.started;
    finished += other.finished;
    failed += other.failed;
    dropped += other.dropped;
    interrupted += other.interrupted;
}

void Transactions::add(const Transactions& other) {
    passed += other.passed;
    failed += other.failed;
}

void Connections::add(const Connections& other) {
    opened += other.opened;
    reused += other.reused;
    failed += other.failed;
    exchanges += other.exchanges;
}

void Snapshot::add(const Snapshot& other) {
    for (const Phase& theirs : other.phases) {
        Phase& mine = phase_at(phases, theirs.id);
        mine.steps.resize(std::max(mine.steps.size(), theirs.steps.size()));
        for (std::size_t i = 0; i < theirs.steps.size(); ++i) {
            mine.steps[i].add(theirs.steps[i]);
        }
    }
    for (const auto& [key, stats] : other.errors) {
        error(ErrorOrder::view(key)).add(stats);
    }
    for (const auto& [key, stats] : other.named) {
        named_cell(NameOrder::view(key)).add(stats);
    }
    iterations.add(other.iterations);
    transactions.add(other.transactions);
    connections.add(other.connections);
    health.add(other.health);
    lateness.add(other.lateness);
}

StepStats& Snapshot::at(PhaseId phase, StepId step, std::size_t step_count) {
    BOOM_ASSERT(step.is_valid());
    const auto index = static_cast<std::size_t>(step.value);
    BOOM_ASSERT(index < step_count);
    Phase& cells = phase_at(phases, phase);
    if (cells.steps.size() < step_count) {
        cells.steps.resize(step_count);
    }
    return cells.steps[index];
}

ErrorStats& Snapshot::error(const ErrorKeyView& key) {
    const auto place = errors.lower_bound(key);
    if (place != errors.end() && ErrorOrder::view(place->first) == key) {
        return place->second;
    }
    if (const NormalizedText text(key.message);
        text.view() != key.message && has_examples(errors, key)) {
        return error({key.outcome, key.step, text.view()});
    }
    if (errors.size() >= kMaxErrorKeys && key.message != kOtherMessages) {
        return error({key.outcome, key.step, kOtherMessages});
    }
    ErrorKey owned{key.outcome, key.step, std::string(key.message)};
    return errors.emplace_hint(place, std::move(owned), ErrorStats{})->second;
}

void Snapshot::ascribe_errors(std::uint32_t part) {
    for (auto& [key, error] : errors) {
        error.parts.assign(1, {part, error.count});
    }
}

StepStats& Snapshot::named_cell(const NameKeyView& key) {
    const auto place = named.lower_bound(key);
    if (place != named.end() && NameOrder::view(place->first) == key) {
        return place->second;
    }
    if (named.size() >= kMaxNames && key.name != kOtherNames) {
        return named_cell({key.step, kOtherNames});
    }
    return named.emplace_hint(place, NameKey{key.step, std::string(key.name)}, StepStats{})->second;
}

const StepStats* Snapshot::find(PhaseId phase, StepId step) const {
    const auto place = std::ranges::lower_bound(phases, phase, {}, &Phase::id);
    if (place == phases.end() || place->id != phase || !step.is_valid()) {
        return nullptr;
    }
    const auto index = static_cast<std::size_t>(step.value);
    if (index >= place->steps.size() || place->steps[index].is_empty()) {
        return nullptr;
    }
    return &place->steps[index];
}

namespace {

// Those that a total is made of.
template <typename Visit>
void for_each_request(const Snapshot& snapshot, PhaseId phase, const Catalog& catalog,
                      Visit visit) {
    for (std::size_t i = 0; i < catalog.steps.size(); ++i) {
        const StepKind kind = catalog.steps[i].kind;
        const StepStats* cell = snapshot.find(phase, StepId{static_cast<std::int32_t>(i)});
        if (cell != nullptr && (kind == StepKind::Request || kind == StepKind::WebSocket)) {
            visit(*cell);
        }
    }
}

}  // namespace

StepStats Snapshot::total(PhaseId phase, const Catalog& catalog) const {
    StepStats sum;
    for_each_request(*this, phase, catalog, [&](const StepStats& cell) { sum.add(cell); });
    return sum;
}

Snapshot::Counts Snapshot::count(PhaseId phase, const Catalog& catalog) const {
    Counts sum;
    for_each_request(*this, phase, catalog, [&](const StepStats& cell) {
        sum.requests += cell.requests;
        sum.failures += cell.failures;
        sum.bytes_sent += cell.bytes_sent;
        sum.bytes_received += cell.bytes_received;
    });
    return sum;
}

bool Snapshot::is_empty() const {
    const auto is_empty_phase = [](const Phase& phase) {
        return std::ranges::all_of(phase.steps, &StepStats::is_empty);
    };
    return std::ranges::all_of(phases, is_empty_phase) && errors.empty() && is_zero(iterations) &&
           is_zero(transactions) && is_zero(connections) && health == Health{} &&
           lateness.is_empty();
}

}  // namespace boom::stats
