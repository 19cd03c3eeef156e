// Functions in C++: called in the generator's own process, so they must be quick and never block.
// boom builds this file itself; see lib/script/include/boom/debugtalk.h for all that is possible.

#include <boom/debugtalk.h>
#include <cstdint>
#include <string>

// What a shop puts behind its order numbers.
std::int64_t check_digit(std::int64_t number) {
    std::int64_t sum = 0;
    for (std::int64_t rest = number, weight = 3; rest > 0; rest /= 10, weight = 4 - weight) {
        sum += rest % 10 * weight;
    }
    return (10 - sum % 10) % 10;
}

std::string order_number(const std::string& shop, std::int64_t number) {
    return shop + "-" + std::to_string(number) + std::to_string(check_digit(number));
}

constexpr boom_entry kFunctions[] = {
    boom::function<check_digit>("check_digit"),
    boom::function<order_number>("order_number"),
};

extern "C" const boom_table* boom_debugtalk(void) {
    return boom::table<kFunctions>();
}
