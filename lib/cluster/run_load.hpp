#pragma once
// The load of a run over time as the master decides it: what the profile asks for, what was changed
// since, and how it falls to the workers. Knows no messages' fate and no clock. One thread.

#include "load/schedule.hpp"
#include "load/split.hpp"
#include "load/worker_choice.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace boom::cluster {

// A change while the run is on: of everything, or of one worker alone.
struct Adjustment {
    std::optional<std::int64_t> spawn_count;
    std::optional<double> spawn_rate;
    std::optional<std::int64_t> max_rps;  // below 1: no ceiling any more
    std::optional<double> rate;           // open model: iterations per second
    // From what is wanted then; of users, or of iterations per second. The run's end stays.
    std::vector<load::Stage> stages;
    std::string worker;  // empty: of the whole fleet
};

class RunLoad {
public:
    explicit RunLoad(const load::Profile& profile);

    struct Member {
        std::string id;
        load::Capacity capacity;
        std::string name = {};     // --name, or empty
        load::Capacity most = {};  // users that its machine allows, where no number was asked for
    };
    // What is wrong with the choice of workers, or empty: a worker that is not there, or two of
    // that name.
    [[nodiscard]] std::string check_choice(const std::vector<Member>& members) const;
    // Any of the loads may be given to it.
    [[nodiscard]] bool may_carry(const Member& member) const;
    // One share for each member, to hold from that time of the run on; what is wrong, or empty.
    [[nodiscard]] std::string share_out(const std::vector<Member>& members, base::Duration from,
                                        std::vector<wire::Share>& shares) const;
    // What is wrong with it, or empty. `profile` follows the change.
    [[nodiscard]] std::string adjust(const Adjustment& adjustment, base::Duration from,
                                     load::Profile& profile);

    [[nodiscard]] const load::Schedule& schedule() const { return schedule_; }
    // Users wanted at that time; in the open model the most that may be in flight.
    [[nodiscard]] std::int64_t target_users(base::Duration at) const;
    // Users that this share alone wants at that time; to within one while their number changes.
    [[nodiscard]] std::int64_t target_users(const wire::Share& share, base::Duration at) const;
    // A worker has a number of users of its own: the shares say the whole, the schedule does not.
    [[nodiscard]] bool has_own_users() const;
    // Some worker has anything for itself.
    [[nodiscard]] bool has_own_parts() const;
    // "20 users", "100 iterations/s by at most 50 users".
    [[nodiscard]] std::string describe(base::Duration at) const;

private:
    [[nodiscard]] std::string adjust_all(const Adjustment& adjustment, base::Duration from,
                                         load::Profile& profile);
    // What one worker has for itself, instead of its part of the whole.
    struct Own {
        std::optional<std::int64_t> users;
        std::optional<double> rate;
        std::optional<double> ceiling;
    };
    using Users = std::vector<std::int64_t>;
    // The users of one stream by member, within the capacities; what is wrong, or empty.
    [[nodiscard]] bool is_cap_given(std::size_t stream) const;
    [[nodiscard]] std::string split_stream(std::size_t stream, const std::vector<Member>& members,
                                           const std::vector<load::Capacity>& capacities,
                                           Users& users) const;
    void apply_own(const Own& own, base::Duration from, wire::Share& share) const;

    load::Schedule schedule_;
    void follow_stages(const std::vector<load::Stage>& stages, base::Duration from);
    std::string stages_text_;                  // since the last change
    std::vector<load::WorkerChoice> choices_;  // by stream
    std::vector<bool> scenario_caps_;          // by scenario: its users were asked for
    double spawn_rate_ = 1;
    bool is_cap_given_ = true;  // open model: a number of users was asked for
    std::map<std::string, Own> own_;
};

}  // namespace boom::cluster
