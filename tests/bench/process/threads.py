"""Do generator threads scale: CPU per request of one thread and of two, and HTTP/2 beside h2load.

Every round runs each once; the ratios compare neighbours in time. Each thread has connections of
its own, so that the work of a thread is the same. The server takes what is left of the machine."""
import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import common
import peers


def boom_cpu(options, folder, url, *extra):
    command = [f"{options.build}/boom", url, "-r", 100000, "-d", options.seconds, "--quiet",
               "--no-verify", "--out", f"json={folder}/result.json", *extra]
    _, cpu, _ = common.run(command)
    return cpu / peers.boom_requests(folder) * 1e6


def threads(options, folder, server):
    ratios, one, two = [], [], []
    for _ in range(options.rounds):
        one.append(boom_cpu(options, folder, server.url + "document", "--threads", 1, "-u", 100))
        two.append(boom_cpu(options, folder, server.url + "document", "--threads", 2, "-u", 200))
        ratios.append(two[-1] / one[-1])
    common.table(["generator threads", "CPU µs/request", "× one thread"],
                 [["1, 100 connections", common.spread(one), "1"],
                  ["2, 200 connections", common.spread(two), common.spread(ratios)]])
    return statistics.median(ratios) <= 1.1


def http2(options, folder, server):
    """One stream a connection on both sides: users of a test do not share connections."""
    if not common.find("h2load"):
        print("h2load is not installed: HTTP/2 left out")
        return True
    case = pathlib.Path(folder, "http2.json")
    case.write_text(json.dumps({
        "config": {"name": "http2", "base_url": server.tls_url.rstrip("/")},
        "teststeps": [{"name": "get", "request": {"method": "GET", "url": "/document",
                                                  "http2": True}}]}))
    ratios, ours, theirs = [], [], []
    for _ in range(options.rounds):
        output, cpu, _ = common.run(["h2load", "-t", 1, "-c", 100, "-m", 1, "-D", options.seconds,
                                     server.tls_url + "document"])
        theirs.append(cpu / peers.last_integer(r"(\d+) total")(output) * 1e6)
        ours.append(boom_cpu(options, folder, case, "--threads", 1, "-u", 100))
        ratios.append(ours[-1] / theirs[-1])
    common.table(["HTTP/2, 100 connections", "CPU µs/request", "× h2load"],
                 [["h2load", common.spread(theirs), "1"],
                  ["boom", common.spread(ours), common.spread(ratios)]])
    return statistics.median(ratios) <= 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, common.Nginx() as server:
        scales = threads(options, folder, server)
        print()
        is_near = http2(options, folder, server)
    print(f"two threads within 10 % of one: {'kept' if scales else 'MISSED'}; "
          f"HTTP/2 within 2 × h2load: {'kept' if is_near else 'MISSED'}")
    return 0 if scales and is_near else 1


if __name__ == "__main__":
    sys.exit(main())
