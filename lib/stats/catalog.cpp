#include "stats/catalog.hpp"

namespace boom::stats {

std::string_view name(StepKind kind) {
    switch (kind) {
        case StepKind::Request:
            return "request";
        case StepKind::Transaction:
            return "transaction";
        case StepKind::Testcase:
            return "testcase";
        case StepKind::WebSocket:
            return "websocket";
    }
    return "";
}

}  // namespace boom::stats
