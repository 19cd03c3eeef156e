#pragma once
// The real load of a worker: one generator thread per core, their deltas added second by second.
// This is one of the two shells of the program that own threads on purpose.

#include "base/network_usage.hpp"
#include "user/generator.hpp"
#include "user/load.hpp"

#include <deque>
#include <future>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace boom::user {

// How a worker's share falls to its threads: users, arrivals and send slots striped.
[[nodiscard]] std::vector<ThreadShare> split_share(const Share& share, int threads);

// Control thread. The destructor cuts what is still running.
class ThreadedLoad final : public Load {
public:
    explicit ThreadedLoad(LoadSpec spec);
    ~ThreadedLoad() override;
    ThreadedLoad(const ThreadedLoad&) = delete;
    ThreadedLoad& operator=(const ThreadedLoad&) = delete;

    void start(TimePoint at) override;
    void adjust(const Share& share) override;
    void stop(StopMode mode) override;
    [[nodiscard]] bool add_rows(const load::RowRange& rows) override { return rows_->add(rows); }
    [[nodiscard]] std::vector<load::RowRange> give_back_rows(load::Fraction fraction) override {
        return rows_->give_back(fraction);
    }
    [[nodiscard]] std::vector<std::int64_t> rows_taken() const override { return rows_->taken(); }
    std::optional<LoadDelta> poll() override;
    std::optional<SharedVariable> poll_shared() override;
    void give_shared(const SharedVariable& variable) override;
    [[nodiscard]] Gatherings gatherings() const override { return board_->gatherings(); }
    void release(const FleetReleases& fleet) override { board_->follow(fleet); }
    [[nodiscard]] int users() const override;
    [[nodiscard]] bool is_all_spawned() const override;
    [[nodiscard]] bool is_done() const override;

private:
    void collect();
    void observe(stats::Health& health);
    void observe_ports();
    void exchange_shared();

    struct Second {
        LoadDelta delta;
    };
    std::shared_ptr<RowSupply> rows_;
    std::shared_ptr<RendezvousBoard> board_;
    std::shared_ptr<stats::SampleQueues> samples_;  // generators point into it
    [[nodiscard]] int take_peak_users();

    std::vector<std::unique_ptr<Generator>> generators_;
    std::vector<std::thread> threads_;
    std::vector<bool> is_finished_;
    std::vector<std::int64_t> next_second_;  // by thread: the first second not yet reported
    std::map<std::int64_t, Second> seconds_;
    std::vector<int> last_users_;
    int users_peak_ = 0;                         // since the last delta
    base::PortMeter port_meter_;                 // of the thread that reads
    base::PortUsage ports_;                      // as they were read last
    std::future<base::PortUsage> port_reading_;  // under way
    base::SegmentCounts segments_;
    // More than this is not queued for a generator that takes nothing.
    static constexpr std::size_t kMaxToGive = 10'000;
    std::vector<std::deque<SharedVariable>> to_give_;  // by thread
    std::map<std::pair<std::string, std::uint32_t>, SharedVariable> to_fleet_;
};

}  // namespace boom::user
