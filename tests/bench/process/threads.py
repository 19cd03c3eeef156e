"""Do generator threads scale: CPU per request of one thread and of two.

Every round runs each once; the ratios compare neighbours in time. Each thread has connections of
its own, so that the work of a thread is the same. The server takes what is left of the machine."""
import argparse
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, common.Nginx() as server:
        scales = threads(options, folder, server)
    print(f"two threads within 10 % of one: {'kept' if scales else 'MISSED'}")
    return 0 if scales else 1


if __name__ == "__main__":
    sys.exit(main())
