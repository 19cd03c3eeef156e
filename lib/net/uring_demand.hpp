#pragma once
// How many receive buffers the kernel is given: it goes through all that it has in a circle, so
// that more than are needed at a time only push each other, and all else, out of the caches. One
// thread.

namespace boom::net {

class UringDemand {
public:
    static constexpr unsigned kFewest = 128;
    static constexpr unsigned kMost = 1024;

    [[nodiscard]] unsigned wanted() const { return wanted_; }
    // So many were filled for one turn of the loop.
    void on_turn(unsigned filled);
    // The kernel had none left.
    void on_shortage();

private:
    static constexpr unsigned kReserve = 4;    // times what a turn has needed
    static constexpr unsigned kMemory = 8192;  // turns

    [[nodiscard]] static unsigned enough_for(unsigned filled);

    unsigned wanted_ = kMost;
    unsigned most_filled_ = 0;  // since the memory began
    unsigned turns_ = 0;
};

}  // namespace boom::net
