#include "boom/master_mode.hpp"

#include "base/log.hpp"
#include "boom/case_request.hpp"
#include "boom/master_shell.hpp"
#include "boom/preflight.hpp"
#include "boom/process.hpp"
#include "boom/run_result.hpp"
#include "boom/worker_mode.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace boom::app {

namespace {

// What to type on another machine; the token itself never stands in a log.
std::string join_command(const Options& options, int port) {
    const bool is_any = options.master_bind_host.empty() || options.master_bind_host == "0.0.0.0" ||
                        options.master_bind_host == "::";
    const bool is_local = options.token.empty() && !options.is_cluster_open;
    const std::string host = is_local ? "127.0.0.1"
                             : is_any ? base::own_address()
                                      : options.master_bind_host;
    return fmt::format("{}boom --worker --master-host {} --master-port {}",
                       options.token.empty() ? "" : "BOOM_TOKEN=… ", host, port);
}

}  // namespace

int run_master(const Options& options) {
    check_writable(options.outputs);
    std::optional<cluster::RunRequest> request;
    if (options.auto_start) {
        request = compile_request(options.cases, options.url, options.profile);
        warn_of_sinks(options.profile.prometheus_gateway, options.outputs);
    }
    const cluster::BoundLink bound = cluster::bind_master_link(
        options.master_bind_host, options.master_bind_port, options.token);
    base::log::info("waiting for workers", {{"host", options.master_bind_host},
                                            {"port", bound.port},
                                            {"join", join_command(options, bound.port)}});
    MasterShell shell(options, *bound.link, "master");
    shell.resume(request);  // before anybody looks
    shell.serve_http();
    return shell.loop(std::move(request));
}

int run_local(const Options& options) {
    check_writable(options.outputs);
    Options local = options;
    local.expect_workers = 1;
    local.auto_start = true;
    cluster::RunRequest request = compile_request(local.cases, local.url, local.profile);
    warn_of_sinks(local.profile.prometheus_gateway, local.outputs);
    cluster::LoopbackPair links = cluster::make_loopback_links();
    cluster::SharedBundle bundle;
    InProcessWorker worker(*links.worker, local, bundle);
    MasterShell shell(local, *links.master, "standalone", &bundle);
    shell.resume(request);
    shell.serve_http();
    const int code = shell.loop(std::move(request));
    worker.join();
    return code;
}

}  // namespace boom::app
