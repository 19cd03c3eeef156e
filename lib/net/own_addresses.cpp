#include "net/own_addresses.hpp"

#include "base/address.hpp"
#include "net/socket.hpp"

#include <algorithm>
#include <cstring>
#include <ifaddrs.h>
#include <netinet/in.h>

namespace boom::net {
namespace {

std::string text_of(const sockaddr& address) {
    sockaddr_storage storage{};
    std::memcpy(&storage, &address,
                address.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    return to_peer(storage).address;
}

}  // namespace

OwnAddresses::OwnAddresses() {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) {
        return;  // only loopback is known then
    }
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        const sockaddr* address = entry->ifa_addr;
        if (address != nullptr &&
            (address->sa_family == AF_INET || address->sa_family == AF_INET6)) {
            addresses_.push_back(text_of(*address));
        }
    }
    ::freeifaddrs(first);
}

bool OwnAddresses::contains(std::string_view address) const {
    return base::is_loopback(address) ||
           std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
}

}  // namespace boom::net
