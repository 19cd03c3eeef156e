#include "net/http1_constants.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace boom::net {

const Http1Constants::Constant* Http1Constants::find_or_make(
    const HttpRequest& request, ConnectionOptions::KeepAlive keep_alive) {
    if (request.constant == 0 || keep_alive == ConnectionOptions::KeepAlive::Off) {
        return nullptr;
    }
    const auto number = static_cast<std::size_t>(request.constant);
    constants_.resize(std::max(constants_.size(), number + 1));
    std::unique_ptr<Constant>& constant = constants_[number];
    if (constant == nullptr) {
        constant = std::make_unique<Constant>();
        if (constant->request.assign(request, keep_alive).empty() &&
            !constant->request.is_body_apart()) {
            constant->kept = loop_.keep(std::string(constant->request.bytes()));
        }
    }
    return constant->kept.empty() ? nullptr : constant.get();
}

}  // namespace boom::net
