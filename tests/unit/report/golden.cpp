#include "unit/report/golden.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace boom::test {

std::string golden(const std::string& name, const std::string& now) {
    const std::string path = BOOM_TEST_DATA "/report/" + name;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): tests have one thread
    if (std::getenv("BOOM_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::trunc | std::ios::binary) << now;
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace boom::test
