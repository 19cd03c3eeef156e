#include "net/http.hpp"

#include "base/text.hpp"

namespace boom::net {

std::string_view HttpResponse::header(std::string_view name) const {
    for (const Header& header : headers) {
        if (base::equals_ignoring_case(header.name, name)) {
            return header.value;
        }
    }
    return {};
}

}  // namespace boom::net
