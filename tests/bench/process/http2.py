"""HTTP/2 beside h2load: CPU per request with a connection per user, and with shared ones.

Every round runs each once; the ratios compare neighbours in time, per user with one stream a
connection of h2load's, shared with one connection that carries as many streams as there are users.
Where there are two cores, the server has one and the clients the other."""
import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile

import common
import peers

BUDGET = 2  # × h2load


def case_of(folder, server):
    path = pathlib.Path(folder, "http2.json")
    path.write_text(json.dumps({
        "config": {"name": "http2", "base_url": server.tls_url.rstrip("/")},
        "teststeps": [{"name": "get", "request": {"method": "GET", "url": "/document",
                                                  "http2": True}}]}))
    return path


def clients(options, folder, server, users):
    """name -> (command, how to find the count of requests in its output, peer)"""
    count = lambda _: peers.boom_requests(folder)
    total = peers.last_integer(r"(\d+) total")
    boom = lambda *extra: peers.boom(options.build, folder, case_of(folder, server), users,
                                     options, extra)
    h2load = lambda connections, streams: [
        "h2load", "-t", 1, "-c", connections, "-m", streams, "-D", options.seconds,
        server.tls_url + "document"]
    return {
        "h2load, per user": (h2load(users, 1), total, "h2load, per user"),
        "boom, per user": (boom(), count, "h2load, per user"),
        "boom curl, per user": (boom("--engine", "curl"), count, "h2load, per user"),
        "h2load, shared": (h2load(1, users), total, "h2load, shared"),
        "boom, shared": (boom("--connections", "shared"), count, "h2load, shared"),
    }


def compare(options, folder, server, users):
    rows, ratios = {}, {}
    everybody = clients(options, folder, server, users)
    for _ in range(options.rounds):
        for name, (command, count_of, peer) in everybody.items():
            output, cpu, memory = common.run(command, **common.CLIENT)
            requests = count_of(output)
            rows.setdefault(name, []).append((cpu / requests * 1e6, requests / options.seconds,
                                              memory))
            ratios.setdefault(name, []).append(rows[name][-1][0] / rows[peer][-1][0])
    common.table([f"HTTP/2, {users} users", "CPU µs/request", "× h2load", "requests/s", "MB"],
                 [[name, common.spread([run[0] for run in runs]), common.spread(ratios[name]),
                   f"{max(run[1] for run in runs):.0f}", f"{max(run[2] for run in runs) / 1e6:.0f}"]
                  for name, runs in rows.items()])
    print(flush=True)
    return all(statistics.median(ratios[name]) <= BUDGET
               for name in ("boom, per user", "boom, shared"))


def count_allocations(options, server, users):
    """Fails when requests of the steady state take memory."""
    for connections in ("per_user", "shared"):
        output, _, _ = common.run(
            [f"{options.build}/tests/bench/net/engine_bench", server.tls_url + "document", users,
             options.seconds], **common.CLIENT,
            env={**os.environ, "BOOM_BENCH_ENGINE": "http2", "BOOM_BENCH_CONNECTIONS": connections})
        print(f"{connections}: {output.splitlines()[-1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--users", type=int, nargs="+", default=[10, 100])
    options = parser.parse_args()
    if not common.find("h2load"):
        sys.exit("h2load is not installed (nghttp2-client)")
    with tempfile.TemporaryDirectory() as folder, common.Nginx() as server:
        server.pin()
        is_kept = [compare(options, folder, server, users) for users in options.users]
        count_allocations(options, server, min(options.users))
    print(f"HTTP/2 within {BUDGET} × h2load: {'kept' if all(is_kept) else 'MISSED'}")
    return 0 if all(is_kept) else 1


if __name__ == "__main__":
    sys.exit(main())
