#include "boom/preflight.hpp"

#include "base/log.hpp"
#include "boom/result_files.hpp"
#include "boom/run_outputs.hpp"
#include "net/fetch.hpp"
#include "report/output.hpp"

#include <fmt/format.h>

#include <thread>

namespace boom::app {

std::string gateway_from_here(const std::string& gateway, const std::string& master_host) {
    return gateway.empty()
               ? std::string()
               : report::gateway_url(gateway, master_host.empty() || master_host == "0.0.0.0"
                                                  ? "127.0.0.1"
                                                  : master_host);
}

std::string sink_problem(const std::string& url) {
    net::FetchRequest request;
    request.url = url;
    const net::FetchResult result = net::fetch(request);
    return result.status == 0 ? result.error : std::string();
}

std::vector<std::string> sink_notes(const std::string& gateway,
                                    const std::vector<OutputFile>& outputs) {
    struct Sink {
        std::string name, url, problem;
    };
    std::vector<Sink> sinks;
    if (const std::string url = gateway_from_here(gateway, {}); !url.empty()) {
        sinks.push_back({"the Pushgateway", url, {}});
    }
    for (const OutputFile& output : outputs) {
        if (is_remote_output(output.kind)) {
            sinks.push_back({output.kind, output.path, {}});
        }
    }
    {
        std::vector<std::jthread> threads;
        for (Sink& sink : sinks) {
            threads.emplace_back([&sink] { sink.problem = sink_problem(sink.url); });
        }
    }
    std::vector<std::string> notes;
    for (const Sink& sink : sinks) {
        if (!sink.problem.empty()) {
            notes.push_back(fmt::format("{} at {} did not answer before the run: {}", sink.name,
                                        sink.url, sink.problem));
        }
    }
    return notes;
}

void warn_of_sinks(const std::string& gateway, const std::vector<OutputFile>& outputs) {
    for (const std::string& note : sink_notes(gateway, outputs)) {
        base::log::warning(note);
    }
}

}  // namespace boom::app
