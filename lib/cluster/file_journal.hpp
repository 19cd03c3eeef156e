#pragma once
// Journals as files, FOLDER/<run id>/journal, readable by their owner only (a bundle may hold
// secrets). After a first line, each record is its length, a checksum and its bytes; a torn tail is
// cut off. A record is written (not flushed to the medium: a busy disk would hold the master up)
// before anybody relies on it: it survives the end of the process, not of the machine. A lock names
// the living process that uses it. One thread.

#include "cluster/journal.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace boom::cluster {

// Longer records are torn or foreign.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;

[[nodiscard]] NewJournal create_file_journal(const std::string& folder, const std::string& run_id);

// The youngest run in the folder that was not ended and that no process works at. What cannot be
// taken up is told to `notice`.
[[nodiscard]] std::optional<UnfinishedRun> find_unfinished_run(
    const std::string& folder, const std::function<void(const std::string&)>& notice);

}  // namespace boom::cluster
