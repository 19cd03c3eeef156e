#pragma once
// The addresses of this machine, as they were when it was made. Any thread.

#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

class OwnAddresses {
public:
    OwnAddresses();
    // `address` is a literal; a loopback address is always one.
    [[nodiscard]] bool contains(std::string_view address) const;
    [[nodiscard]] const std::vector<std::string>& all() const { return addresses_; }

private:
    std::vector<std::string> addresses_;
};

}  // namespace boom::net
