#include "boom/target_mode.hpp"

#include "base/address.hpp"
#include "base/error.hpp"
#include "boom/process.hpp"
#include "target/server.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <poll.h>
#include <string>

namespace boom::app {
namespace {

using base::ConfigError;
using base::Mistake;
using Security = target::Options::Security;

constexpr int kDefaultPort = 8080;
constexpr int kMostThreads = 64;
constexpr int kSignalPollMs = 200;

constexpr const char* kFooter = R"(Endpoints:
  /get /post /put /patch /delete /anything /headers /ip /user-agent /echo  what came, as JSON
  /status/N /bytes/N /chunked/N /stream/N /response-headers?NAME=VALUE     what is asked for
  /gzip /deflate[?raw=1] /brotli /zstd                                     coded answers
  /upload                               multipart parts or a body, with sizes and digests
  /cookies /cookies/set?N=V /cookies/delete?N   /redirect/N /absolute-redirect/N
  /redirect-to?url=URL&status_code=N    /login, then /me with its token   /bearer
  /basic-auth[/USER/PASSWORD]  /digest-auth[/auth|none/USER/PASSWORD[/MD5|SHA-256]]
  /once?token=T                         409 when the token comes again
  /ws[?greeting=TEXT&ping=TEXT]         echo of websocket messages
Faults:
  /delay/MS  /delay?dist=LAW            fixed:D uniform:D,D exponential:D normal:D,D
                                        lognormal:D,SIGMA pareto:D,ALPHA two:D,D,SHARE (D: 20ms)
  /drip?bytes=N&ms=MS  /hang  /close  /reset  /flaky?ratio=0.5&status=500
  /stall?ms=MS[&after_ms=MS]            nobody is answered for that time
  /hostile  /hostile/KIND               unusual and broken answers; the first lists the kinds
  ANY?__piece=BYTES&__pace=1ms          the answer in pieces
About the server (not counted, never held back):
  /__stats  /__reset  /__arrivals[?path=P&first=N&limit=N]  /__delays[?values=1]  /__ca
)";

struct Command {
    std::string listen = "127.0.0.1:8080";
    bool is_tls = false;
    target::Options target;
};

void declare(CLI::App& app, Command& command) {
    app.footer(kFooter);
    app.add_option("--listen", command.listen,
                   "address and port; port 0 picks a free one (default 127.0.0.1:8080)");
    app.add_option("--threads", command.target.threads,
                   "threads, each with its own loop and connections (default 1)")
        ->check(CLI::Range(1, kMostThreads));
    app.add_flag("--tls", command.is_tls,
                 "speak TLS; without --cert with a certificate made for localhost, 127.0.0.1 and "
                 "::1, which clients find at /__ca");
    app.add_option("--cert", command.target.certificate_file,
                   "certificate chain, a PEM file (with --tls and --key)");
    app.add_option("--key", command.target.key_file, "its private key, a PEM file");
    app.add_option("--ca-out", command.target.ca_out_file,
                   "write the certificate that was made to this file, for clients to trust");
    app.add_option("--seed", command.target.seed, "of the delays of /delay?dist= (default 1)");
}

void check(Command& command) {
    target::Options& target = command.target;
    std::vector<Mistake> mistakes;
    const auto address = base::parse_address(command.listen, kDefaultPort);
    if (address) {
        target.address = address->host.empty() ? "127.0.0.1" : address->host;
        target.address = target.address == "localhost" ? "127.0.0.1" : target.address;
        target.port = address->port;
    } else {
        mistakes.push_back(
            Mistake{{"--listen"}, fmt::format("'{}' is no address", command.listen), {}});
    }
    target.security = command.is_tls ? Security::Tls : Security::Plain;
    const bool has_files = !target.certificate_file.empty() || !target.key_file.empty();
    if (target.certificate_file.empty() != target.key_file.empty()) {
        mistakes.push_back(Mistake{{"--cert"}, "--cert and --key go together", {}});
    }
    if (has_files && !target.ca_out_file.empty()) {
        mistakes.push_back(
            Mistake{{"--ca-out"}, "the certificate is a file already: --cert names it", {}});
    }
    if (!command.is_tls && (has_files || !target.ca_out_file.empty())) {
        mistakes.push_back(
            Mistake{{"--cert"}, "--cert, --key and --ca-out need --tls", "add --tls"});
    }
    if (!mistakes.empty()) {
        throw ConfigError(std::move(mistakes));
    }
}

void announce(const target::Options& options, int port) {
    const std::string address = base::Address{options.address, port}.text();
    const bool is_tls = options.security == Security::Tls;
    fmt::print("target listening on {}{}\n", address, is_tls ? " with TLS" : "");
    if (is_tls && options.certificate_file.empty()) {
        fmt::print("clients trust the certificate of https://{}/__ca{}\n", address,
                   options.ca_out_file.empty() ? "" : ", which is in " + options.ca_out_file);
    }
    std::fflush(stdout);
}

}  // namespace

int run_target(int argc, char** argv) {
    Command command;
    CLI::App app{"The target server for demos and tests.", "boom target"};
    declare(app, command);
    try {
        app.parse(argc - 1, argv + 1);
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", app.help());
        return 0;
    } catch (const CLI::ParseError& error) {
        throw ConfigError(Mistake{{"boom target"}, error.what(), "see boom target --help"});
    }
    check(command);
    target::Server server(command.target);
    announce(command.target, server.port());
    while (signals_seen() == 0) {
        // A signal ends it at once, and one that came just before is seen soon.
        static_cast<void>(::poll(nullptr, 0, kSignalPollMs));
    }
    server.stop();
    return 0;
}

}  // namespace boom::app
