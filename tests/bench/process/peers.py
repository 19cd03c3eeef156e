"""CPU per request, rate and memory of boom and of its peers, against one nginx in one run.

Every round runs every client once, one after the other: a ratio compares neighbours in time. Where
there are two cores, the server has one and the clients the other. CPU is that of the whole client
process, start and report included. All fetch the same 426 bytes of JSON; boom does it also with a
case that checks the status and two figures of the body and extracts a third."""
import argparse
import json
import pathlib
import re
import tempfile

import common


def checked_case(folder, url):
    path = pathlib.Path(folder, "case.json")
    path.write_text(json.dumps({
        "config": {"name": "bench", "base_url": url},
        "teststeps": [{"name": "get", "request": {"method": "GET", "url": "/document"},
                       "extract": {"customer": "body.customer.id"},
                       "validate": [{"eq": ["status_code", 200]}, {"eq": ["body.state", "open"]},
                                    {"eq": ["body.lines[1].sku", "A-1"]}]}]}))
    return path


def boom(build, folder, case, connections, options, extra):
    return [f"{build}/boom", case, "-u", connections, "-r", 100000, "-d", options.seconds,
            "--threads", 1, "--quiet", "--no-verify", "--out", f"json={folder}/result.json", *extra]


def boom_requests(folder):
    result = json.loads(pathlib.Path(folder, "result.json").read_text())
    if result["total"]["failures"]:
        raise SystemExit(f"boom failed: {result['errors']}")
    return result["total"]["requests"]


def last_integer(pattern):
    return lambda output: int(re.findall(pattern, output)[-1].replace(",", ""))


def scripted_clients(folder, url, count, seconds):
    """Those that run a script for each user."""
    k6 = pathlib.Path(folder, "k6.js")
    k6.write_text("import http from 'k6/http';\n"
                  "export const options = {discardResponseBodies: true,"
                  " insecureSkipTLSVerify: true};\n"
                  f"export default () => {{ http.get('{url}'); }};\n")
    locust = pathlib.Path(folder, "locustfile.py")
    locust.write_text("from locust import FastHttpUser, task\n\n\n"
                      "class User(FastHttpUser):\n    host = ''\n    insecure = True\n\n"
                      f"    @task\n    def get(self):\n        self.client.get('{url}')\n")
    return {
        "autocannon": (["autocannon", "-j", "-c", count, "-d", seconds, url],
                       last_integer(r'"2xx":(\d+)')),
        "k6": (["k6", "run", "--quiet", "--no-usage-report", "--vus", count, "--duration",
                f"{seconds}s", k6], last_integer(r"http_reqs\D+(\d+)")),
        "locust": (["locust", "--headless", "-f", locust, "-u", count, "-r", count, "-t",
                    f"{seconds}s", "--only-summary"], last_integer(r"Aggregated +(\d+) +\d+\(")),
    }


def clients(build, folder, origin, count, options):
    """name -> (command, how to find the count of requests in its output)"""
    seconds = options.seconds
    url = origin + "document"
    case = checked_case(folder, origin.rstrip("/"))
    ours = lambda _: boom_requests(folder)
    found = {
        "wrk": (["wrk", "-t", 1, "-c", count, "-d", seconds, url],
                last_integer(r"(\d+) requests in")),
        "shb": (["shb", "-t", 1, "-c", count, "-z", f"{seconds}s", url],
                last_integer(r"Requests: +(\d+)")),
        "h2load": (["h2load", "--h1", "-t", 1, "-c", count, "-D", seconds, url],
                   last_integer(r"(\d+) total")),
        "ab": (["ab", "-q", "-k", "-c", count, "-t", seconds, "-n", 100000000, url],
               last_integer(r"Complete requests: +(\d+)")),
        "hey": (["hey", "-cpus", 1, "-c", count, "-z", f"{seconds}s", url],
                last_integer(r"\[200\]\s+(\d+) responses")),
        "oha": (["oha", "--no-tui", "--insecure", "-c", count, "-z", f"{seconds}s", url],
                last_integer(r"\[200\] (\d+) responses")),
        "bare libcurl loop": ([f"{build}/tests/bench/net/curl_bare", url, count, seconds],
                              last_integer(r"requests (\d+) ")),
    } | scripted_clients(folder, url, count, seconds)
    found = {name: entry for name, entry in found.items()
             if pathlib.Path(entry[0][0]).exists() or common.find(entry[0][0]) or
             options.say(f"{name} is not installed: left out")}
    for engine in options.engines:
        extra = ["--engine", engine]
        found[f"boom {engine}"] = (boom(build, folder, url, count, options, extra), ours)
        found[f"boom {engine}, checks"] = (boom(build, folder, case, count, options, extra), ours)
    return {name: entry for name, entry in found.items()
            if not options.only or any(name.startswith(word) for word in options.only)}


def compare(build, folder, origin, count, options):
    rows = {}
    everybody = clients(build, folder, origin, count, options)
    for _ in range(options.rounds):
        for name, (command, requests_of) in everybody.items():
            output, cpu, peak = common.run(command, **common.CLIENT)
            requests = max(requests_of(output), 1)  # none: the time was too short for it
            rows.setdefault(name, []).append((cpu / requests * 1e6, requests / options.seconds,
                                              peak))
    ratios = {(name, peer): common.spread([mine[0] / other[0]
                                           for mine, other in zip(runs, rows[peer])])
              for peer in ("wrk", "shb", "bare libcurl loop") if peer in rows
              for name, runs in rows.items()}
    print(f"\n{origin.split(':')[0]}, {count} connections")
    common.table(
        ["client", "CPU µs/request", "× wrk", "× shb", "× bare loop", "requests/s", "MB"],
        [[name, common.spread([run[0] for run in runs]), ratios.get((name, "wrk"), "–"),
          ratios.get((name, "shb"), "–"), ratios.get((name, "bare libcurl loop"), "–"),
          f"{max(run[1] for run in runs):.0f}", f"{max(run[2] for run in runs) / 1e6:.0f}"]
         for name, runs in rows.items()])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 10, 100, 1000])
    parser.add_argument("--schemes", nargs="+", default=["http", "https"])
    parser.add_argument("--engines", nargs="+", default=["http1", "curl"])
    parser.add_argument("--only", nargs="+", help="names of clients begin so")
    options = parser.parse_args()
    said = set()
    options.say = lambda text: text in said or said.add(text) or print(text)
    with tempfile.TemporaryDirectory() as folder, common.Nginx() as server:
        server.pin()
        for scheme in options.schemes:
            origin = server.url if scheme == "http" else server.tls_url
            for count in options.connections:
                compare(options.build, folder, origin, count, options)


if __name__ == "__main__":
    main()
