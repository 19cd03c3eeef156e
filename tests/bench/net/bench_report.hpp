#pragma once
// The command line and the one line of output of the clients that are compared.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

namespace boom::bench {

struct ClientArguments {
    const char* url = nullptr;
    int connections = 0;
    double seconds = 0;

    [[nodiscard]] bool is_valid() const { return connections > 0 && seconds > 0; }
};

inline ClientArguments parse_client_arguments(int count, char** arguments) {
    if (count != 4) {
        std::fprintf(stderr, "usage: %s URL CONNECTIONS SECONDS\n", arguments[0]);
        return {};
    }
    return {arguments[1], std::atoi(arguments[2]), std::atof(arguments[3])};
}

inline double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

inline void print_client_result(std::int64_t requests, std::int64_t failures, double seconds,
                                double cpu) {
    std::printf(
        "requests %lld failures %lld seconds %.3f requests_per_second %.0f "
        "cpu_us_per_request %.3f\n",
        static_cast<long long>(requests), static_cast<long long>(failures), seconds,
        static_cast<double>(requests) / seconds, cpu * 1e6 / static_cast<double>(requests));
}

}  // namespace boom::bench
