#pragma once
// Where a master keeps a run, so that a master that was killed can take it up again: records
// appended one after the other, and read back in that order.

#include "plan/bundle.hpp"
#include "wire/journal_record.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boom::cluster {

class Journal {
public:
    virtual ~Journal() = default;
    // Empty: it is there even when this process is killed now. Else what went wrong.
    [[nodiscard]] virtual std::string append(std::string_view record) = 0;
    // The run is over, or cannot be taken up again: nobody shall find it.
    virtual void discard() = 0;
};
// Of a new run; null with a complaint when there can be none.
struct NewJournal {
    std::unique_ptr<Journal> journal;
    std::string complaint;
};
using JournalFactory = std::function<NewJournal(const std::string& run_id)>;

// A journal of a run that did not come to its end. Further records are appended to it.
struct UnfinishedRun {
    std::unique_ptr<Journal> journal;
    wire::JournalHeader header;
    plan::Bundle bundle;
    // The entries one by one: a long run's do not fit into memory.
    std::function<std::optional<wire::JournalEntry>()> next;
};

}  // namespace boom::cluster
