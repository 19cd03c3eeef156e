"""Sinks that hang change nothing: rates of pairs of runs, one undisturbed, one with bad sinks."""
import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile

import common
from accuracy import Target


def rate(boom, url, folder, seconds, load):
    result = pathlib.Path(folder, "result.json")
    subprocess.run([boom, url + "/bytes/12", "-d", f"{seconds}s", "--threads", "1",
                    "--quiet", "--out", f"json={result}", *load], check=False, cwd=folder,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    whole = json.loads(result.read_text())
    return whole["total"]["requests"] / seconds, whole["run"]["notes"]


def compare(boom, target, folder, options, load, sinks):
    ratios = []
    print(" ".join(load))
    for pair in range(options.pairs):
        # The order alternates: neither side always has the warmer machine.
        order = [[], sinks] if pair % 2 == 0 else [sinks, []]
        rates = {bool(bad): rate(boom, target.url, folder, options.seconds, load + bad)
                 for bad in order}
        ratios.append(rates[True][0] / rates[False][0])
        print(f"undisturbed {rates[False][0]:9.0f}/s  with bad sinks {rates[True][0]:9.0f}/s"
              f"  ratio {ratios[-1]:.4f}  named {len(rates[True][1])}")
    print(f"ratio {common.spread(ratios)}; wanted: a median within 2 % of 1, here "
          f"{100 * (statistics.median(ratios) - 1):+.2f} %\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rate", type=int, default=10000)
    options = parser.parse_args()
    boom = os.path.abspath(os.path.join(options.build, "boom"))
    with Target(boom) as target, tempfile.TemporaryDirectory() as folder, \
            socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        os.mkfifo(pathlib.Path(folder, "fifo"))
        sinks = ["--prometheus-gateway", address, "--out", f"influx={address}", "--out",
                 f"otlp={address}", "--out", "hdr=fifo", "--out", "csv=/dev/full"]
        compare(boom, target, folder, options, ["-u", "200", "--rate", str(options.rate)], sinks)
        # As fast as it can: what else the machine does is in these, too.
        compare(boom, target, folder, options, ["-u", "20"], sinks)


main()
