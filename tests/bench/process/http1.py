"""The http1 engine alone: CPU per request by connections, allocations and system calls per request.

Each round runs every client once, one after the other: a ratio compares neighbours in time. Where
there are two cores, the server has one and the clients the other."""
import argparse
import os
import re
import subprocess

import common


def requests_of(output):
    found = re.search(r"requests (\d+) ", output) or re.search(r"(\d+) requests in", output)
    return int(found.group(1))


def clients(build, url, connections, seconds):
    bench = f"{build}/tests/bench/net/engine_bench"
    found = {}
    if common.find("wrk"):
        found["wrk"] = (["wrk", "-t", 1, "-c", connections, "-d", seconds, url], {})
    else:
        print("wrk is not installed: left out")
    for io in ("epoll", "uring"):
        settings = {"BOOM_BENCH_ENGINE": "http1", "BOOM_BENCH_IO": io}
        found[f"http1 on {io}"] = ([bench, url, connections, seconds], settings)
    found["curl engine"] = ([bench, url, connections, seconds], {"BOOM_BENCH_ENGINE": "curl"})
    found["bare libcurl loop"] = ([f"{build}/tests/bench/net/curl_bare", url, connections,
                                   seconds], {})
    return found


def compare(build, server, options):
    for connections in options.connections:
        runs = {}
        for _ in range(options.rounds):
            for name, (command, settings) in clients(build, server.url, connections,
                                                     options.seconds).items():
                output, cpu, _ = common.run(command, env={**os.environ, **settings},
                                            **common.CLIENT)
                runs.setdefault(name, []).append((cpu * 1e6 / requests_of(output), output))
        base = runs.get("wrk") or runs["bare libcurl loop"]
        rows = []
        for name, results in runs.items():
            allocations = re.search(r"allocations (\d+) steady_requests (\d+)", results[-1][1])
            rows.append([name, common.spread([cpu for cpu, _ in results]),
                         common.spread([cpu / other for (cpu, _), (other, _)
                                        in zip(results, base)]),
                         "–" if allocations is None else
                         f"{int(allocations[1]) / max(1, int(allocations[2])):.5f}"])
        print(f"\n{connections} connections")
        common.table(["client", "CPU µs/request", "× wrk", "allocations/request"], rows)


def system_calls(build, server):
    """strace slows its child down: only the counts mean something."""
    if not common.find("strace"):
        print("strace is not installed: no system calls are counted")
        return
    print("\nsystem calls per request, 100 connections")
    for name, (command, settings) in clients(build, server.url, 100, 2).items():
        output, _, _ = common.run(["strace", "-f", "-c", *command],
                                  env={**os.environ, **settings})
        requests = requests_of(output)
        calls = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", output, re.M)
        counted = {call: int(number) / requests for number, call in calls if call != "total"}
        print(f"  {name}: " + ", ".join(f"{call} {each:.2f}" for call, each in counted.items()
                                        if each >= 0.01))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 10, 100, 1000])
    options = parser.parse_args()
    with common.Nginx() as server:
        server.pin()
        compare(options.build, server, options)
        system_calls(options.build, server)


if __name__ == "__main__":
    main()
