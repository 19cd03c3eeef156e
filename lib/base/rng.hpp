#pragma once
// A small, fast, seedable random generator (xoshiro256++, https://prng.di.unimi.it, public domain
// algorithm). Not for secrets.

#include <array>
#include <cstdint>

namespace boom::base {

class Rng {
public:
    using result_type = std::uint64_t;

    explicit Rng(std::uint64_t seed);
    [[nodiscard]] static constexpr result_type min() { return 0; }
    [[nodiscard]] static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()();

    // Uniform in [0, bound). REQUIRES: bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    // Uniform in [0, 1).
    [[nodiscard]] double unit();

private:
    std::array<std::uint64_t, 4> state_{};
};

// A seed from the system's entropy source.
[[nodiscard]] std::uint64_t random_seed();

}  // namespace boom::base
