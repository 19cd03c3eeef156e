"""Is the load what was asked for, and is the latency that of the user: spacing, freeze, delays."""
import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import common


class Target:
    def __init__(self, boom):
        self.process = subprocess.Popen([boom, "target", "--listen", "127.0.0.1:0"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline()
        port = re.search(r"listening on \S+:(\d+)", line).group(1)
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def load(boom, url, *options):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "result.json")
        subprocess.run([boom, url, "--quiet", "--out", f"json={path}", *map(str, options)],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False, timeout=300)
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def conserve(result, target, besides=0):
    """What holds always, whatever the machine does: a violation ends the suite."""
    iterations = result["iterations"]
    ended = iterations["finished"] + iterations["failed"] + iterations["interrupted"]
    seen = target.get("/__stats")["requests"] - besides
    if iterations["started"] != ended or result["connections"]["exchanges"] != seen:
        raise SystemExit(f"conservation violated: {iterations}, {seen} seen")


def spacing(boom, rate, seconds):
    rows = []
    for arrival in ("constant", "poisson"):
        with Target(boom) as target:
            result = load(boom, target.url + "/get", "--rate", rate, "-d", f"{seconds}s",
                          "--arrival", arrival, "--seed", 7)
            conserve(result, target)
            times = [ns / 1e9 for ns in target.get("/__arrivals?path=/get")["ns"]]
        span = times[-1] - times[0]
        gaps = [b - a for a, b in zip(times, times[1:])]
        late = result["health"]["lateness_us"]
        # Kolmogorov-Smirnov against the exponential; 1.63/sqrt(n) is the 1 % point.
        ordered = sorted(gaps)
        distance = max(abs((i + 1) / len(ordered) - (1 - math.exp(-gap * rate)))
                       for i, gap in enumerate(ordered))
        bins = [0] * 10
        for moment in times:
            bins[int((moment % 1) * 10)] += 1
        rows.append([arrival, f"{(len(times) - 1) / span:.2f}",
                     f"{statistics.stdev(gaps) * rate:.3f}",
                     f"{distance * math.sqrt(len(gaps)):.2f}",
                     f"{max(bins) / (len(times) / 10):.3f}",
                     f"{late['p50']:.0f}", f"{late['p99']:.0f}"])
    print(f"\nspacing: {rate} iterations/s for {seconds} s, as the target saw them")
    common.table(["arrival", "rate seen", "gap stddev × rate", "KS × √n (< 1.63)",
                        "fullest tenth of a second", "late p50 µs", "late p99 µs"], rows)


def freeze(boom, rate):
    """The target stops for 1 s in 10 s: due times inside the stop wait for its end."""
    with Target(boom) as target:
        def stop_it():
            time.sleep(4)
            target.get("/stall?ms=1000")
        thread = threading.Thread(target=stop_it)
        thread.start()
        result = load(boom, target.url + "/get", "--rate", rate, "-d", "10s", "-u", 2 * rate)
        thread.join()
        conserve(result, target, besides=1)
    step = next(s for s in result["steps"] if s["type"] == "request")
    rows = []
    for name, share in (("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
        # A tenth of all requests waits between 0 and 1 s, evenly.
        expected = max(0.0, 1 - (1 - share) * 10)
        got = step["response_time_us"][name] / 1e6
        rows.append([name, f"{expected:.3f}", f"{got:.3f}", f"{(got - expected) * 1000:+.0f}",
                     f"{step['service_time_us'][name] / 1e6:.3f}"])
    print(f"\nfreeze: 1 s of 10 s at {rate} iterations/s; seconds")
    common.table(["", "closed form", "response time", "difference ms", "service time"],
                       rows)


def known(boom, rate, seconds):
    """Delays drawn by the server: what it held against what was measured."""
    with Target(boom) as target:
        result = load(boom, target.url + "/delay?dist=exponential:20ms", "--rate", rate, "-d",
                      f"{seconds}s")
        conserve(result, target)
        held = sorted(target.get("/__delays?values=1")["held_ns"])
    got = next(s for s in result["steps"] if s["type"] == "request")["service_time_us"]
    rows = []
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
        expected = held[min(len(held) - 1, math.ceil(share * len(held)) - 1)] / 1000
        rows.append([name, f"{expected:.0f}", f"{got[name]}", f"{got[name] - expected:+.0f}"])
    print(f"\nknown distribution: exponential of 20 ms, {rate} iterations/s for {seconds} s; µs")
    common.table(["", "held by the server", "measured", "difference"], rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    boom = os.path.join(options.build, "boom")
    spacing(boom, options.rate, options.seconds)
    freeze(boom, options.rate)
    known(boom, min(options.rate, 500), options.seconds)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
