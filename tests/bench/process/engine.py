"""CPU per request of boom, of a bare libcurl loop and of the peers, against one nginx in one run.

Every round runs every client once, one after the other: a ratio compares neighbours in time.
CPU is that of the whole client process, start and report included; the server has its own."""
import argparse
import json
import pathlib
import re
import tempfile

import common


def checked_case(folder, url):
    """What boom is for: a step with its status and its body checked and its result recorded."""
    path = pathlib.Path(folder, "case.json")
    path.write_text(json.dumps({
        "config": {"name": "bench", "base_url": url},
        "teststeps": [{"name": "get", "request": {"method": "GET", "url": "/"},
                       "validate": [{"eq": ["status_code", 200]}]}]}))
    return path


def boom_requests(folder):
    return json.loads(pathlib.Path(folder, "result.json").read_text())["total"]["requests"]


def boom(build, folder, case, options, extra):
    output = f"json={folder}/result.json"
    return [f"{build}/boom", case, "-u", options.connections, "-d", options.seconds,
            "--threads", 1, "--quiet", "--out", output, *extra]


def last_integer(pattern):
    return lambda output: int(re.findall(pattern, output)[-1].replace(",", ""))


def clients(build, folder, url, options):
    """name -> (command, how to find the count of requests in its output)"""
    count, seconds = options.connections, options.seconds
    case = checked_case(folder, url.rstrip("/"))
    ours = lambda _: boom_requests(folder)
    found = {
        "bare libcurl loop": ([f"{build}/tests/bench/net/curl_bare", url, count, seconds],
                              last_integer(r"requests (\d+) ")),
        "wrk": (["wrk", "-t", 1, "-c", count, "-d", seconds, url],
                last_integer(r"(\d+) requests in")),
        "h2load": (["h2load", "--h1", "-t", 1, "-c", count, "-D", seconds, url],
                   last_integer(r"(\d+) total")),
        "ab": (["ab", "-q", "-k", "-c", count, "-t", seconds, "-n", 100000000, url],
               last_integer(r"Complete requests: +(\d+)")),
        "hey": (["hey", "-cpus", 1, "-c", count, "-z", f"{seconds}s", url],
                last_integer(r"\[200\]\s+(\d+) responses")),
        "oha": (["oha", "--no-tui", "-c", count, "-z", f"{seconds}s", url],
                last_integer(r"\[200\] (\d+) responses")),
    }
    found = {name: entry for name, entry in found.items()
             if pathlib.Path(entry[0][0]).exists() or common.find(entry[0][0]) or
             print(f"{name} is not installed: left out")}
    for engine in options.engines:
        extra = [] if engine == "default" else ["--engine", engine]
        found[f"boom, {engine} engine"] = (boom(build, folder, url, options, extra), ours)
        found[f"boom, {engine} engine, checks"] = (boom(build, folder, case, options, extra), ours)
    return found


def compare(build, folder, url, options):
    rows = {}
    everybody = clients(build, folder, url, options)
    for _ in range(options.rounds):
        for name, (command, count) in everybody.items():
            output, cpu, _ = common.run(command)
            requests = count(output)
            rows.setdefault(name, []).append((cpu / requests * 1e6, requests / options.seconds))
    ratios = {}
    for peer in ("wrk", "bare libcurl loop"):
        for name, runs in rows.items():
            if peer in rows:
                ratios[name, peer] = common.spread(
                    [mine[0] / other[0] for mine, other in zip(runs, rows[peer])])
    common.table(
        ["client", "CPU µs/request", "× wrk", "× bare loop", "requests/s"],
        [[name, common.spread([cpu for cpu, _ in runs]), ratios.get((name, "wrk"), "–"),
          ratios[name, "bare libcurl loop"], f"{max(rate for _, rate in runs):.0f}"]
         for name, runs in rows.items()])


def idle_memory(build, folder, url, options):
    """Users that wait 60 s after one request: peak memory per further user."""
    path = pathlib.Path(folder, "idle.json")
    path.write_text(json.dumps({
        "config": {"name": "idle", "base_url": url.rstrip("/")},
        "teststeps": [{"name": "get", "request": {"method": "GET", "url": "/"}},
                      {"name": "wait", "think_time": {"time": 60}}]}))
    few, many = 500, 5000
    rows = []
    for engine in options.engines:
        extra = [] if engine == "default" else ["--engine", engine]
        peaks = []
        for users in (few, many):
            _, _, peak = common.run([f"{build}/boom", path, "-u", users, "-d", 3, "--threads", 1,
                                     "--quiet", *extra])
            peaks.append(peak)
        rows.append([f"boom, {engine} engine", f"{(peaks[1] - peaks[0]) / (many - few):.0f}"])
    print()
    common.table(["idle users", "bytes per user"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--engines", nargs="+", default=["http1", "curl"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, common.Nginx() as server:
        compare(options.build, folder, server.url, options)
        idle_memory(options.build, folder, server.url, options)


if __name__ == "__main__":
    main()
