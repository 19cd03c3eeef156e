"""Is the load what was asked for, and is the latency that of the user: spacing, freeze, delays."""
import argparse
import json
import math
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import common


class Target:
    def __init__(self, boom, address="127.0.0.1"):
        self.process = subprocess.Popen([boom, "target", "--listen", f"{address}:0"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline()
        port = re.search(r"listening on \S+:(\d+)", line).group(1)
        self.url = f"http://{address}:{port}"

    def pin(self):
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            common.pin_to_core(int(thread), 1)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def load(boom, url, *options, meanwhile=lambda process: None):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "result.json")
        process = subprocess.Popen(
            [boom, url, "--quiet", "--out", f"json={path}", *map(str, options)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        meanwhile(process)
        process.wait(timeout=300)
        with open(path, encoding="utf-8") as file:
            return json.load(file)


class Verdicts:
    """What was promised, and whether this run kept it."""

    def __init__(self):
        self.missed = []

    def judge(self, what, is_kept):
        if not is_kept:
            self.missed.append(what)
        return "kept" if is_kept else "MISSED"


def conserve(result, target, due=None, besides=0):
    """What holds always, whatever the machine does: a violation ends the suite."""
    iterations = result["iterations"]
    ended = iterations["finished"] + iterations["failed"] + iterations["interrupted"]
    seen = target.get("/__stats")["requests"] - besides
    is_due = due is None or iterations["started"] + iterations["dropped"] == due
    if (iterations["started"] != ended or result["connections"]["exchanges"] != seen
            or not is_due):
        raise SystemExit(f"conservation violated: {iterations}, {due} due, {seen} seen")


def crowd(times, length):
    """How much fuller the fullest span of that length within a second is than the mean."""
    bins = [0] * round(1 / length)
    for moment in times:
        bins[int(((moment - times[0]) % 1) / length) % len(bins)] += 1
    return max(bins) / (len(times) / len(bins))


def exponential_distance(gaps, rate):
    """Kolmogorov-Smirnov against the exponential, times sqrt(n); 1.63 is the 1 % point."""
    ordered = sorted(gaps)
    n = len(ordered)
    law = [1 - math.exp(-gap * rate) for gap in ordered]
    return math.sqrt(n) * max(max((i + 1) / n - at, at - i / n) for i, at in enumerate(law))


def spacing(verdicts, boom, rate, seconds):
    rows = []
    # Gaps shorter than a wake-up (50 µs of the kernel's timer slack) are blurred on both sides:
    # the law of the gaps is looked at where they are rare.
    for arrival, rate in (("constant", rate), ("poisson", rate // 5)):
        with Target(boom) as target:
            result = load(boom, target.url + "/get", "--rate", rate, "-d", f"{seconds}s",
                          "--arrival", arrival, "--seed", 7)
            conserve(result, target, rate * seconds if arrival == "constant" else None)
            times = [ns / 1e9 for ns in target.get("/__arrivals?path=/get")["ns"]]
        gaps = [b - a for a, b in zip(times, times[1:])]
        seen = (len(times) - 1) / (times[-1] - times[0])
        distance = exponential_distance(gaps, rate)
        late = result["health"]["lateness_us"]
        tenth = crowd(times, 0.1)
        is_right = abs(seen / rate - 1) < 0.001 if arrival == "constant" else distance < 1.63
        # Even a Poisson process fills tenths of a second within 5 standard deviations.
        most = 1.02 if arrival == "constant" else 1 + 5 / math.sqrt(len(times) / 10)
        rows.append([f"{arrival}, {rate}/s", f"{seen:.2f}", f"{statistics.stdev(gaps) * rate:.3f}",
                     f"{distance:.2f}" if arrival == "poisson" else "–", f"{tenth:.3f}",
                     f"{late['p50']:.0f}", f"{late['p99']:.0f}",
                     verdicts.judge(f"spacing, {arrival}", is_right and tenth < most)])
    print(f"\nspacing: {seconds} s, as the target saw them")
    common.table(["arrival", "rate seen", "gap stddev × rate", "KS × √n (< 1.63)",
                  "fullest tenth of a second", "late p50 µs", "late p99 µs",
                  "rate ±0.1 %, exponential, no bursts"], rows)


def ceiling(verdicts, boom, rate, seconds):
    """Users without think time under a ceiling: its slots, evenly."""
    with Target(boom) as target:
        result = load(boom, target.url + "/get", "-u", 50, "-r", 5000, "--max-rps", rate, "-d",
                      f"{seconds}s")
        conserve(result, target)
        times = [ns / 1e9 for ns in target.get("/__arrivals?path=/get")["ns"]]
    gaps = [b - a for a, b in zip(times, times[1:])]
    seen = (len(times) - 1) / (times[-1] - times[0])
    tenth = crowd(times, 0.1)
    verdict = verdicts.judge("ceiling", abs(seen / rate - 1) < 0.001 and tenth < 1.02)
    print(f"\nceiling: 50 users under {rate} requests/s for {seconds} s: {seen:.2f}/s seen, gap "
          f"stddev × rate {statistics.stdev(gaps) * rate:.3f}, fullest tenth of a second "
          f"{tenth:.3f} (±0.1 %, no bursts: {verdict})")


def freeze(verdicts, boom, rate):
    """The target stops for 1 s in 10 s: due times inside the stop wait for its end."""
    with Target(boom) as target:
        def stop_it():
            time.sleep(4)
            target.get("/stall?ms=1000")
        thread = threading.Thread(target=stop_it)
        thread.start()
        result = load(boom, target.url + "/get", "--rate", rate, "-d", "10s", "-u", 2 * rate)
        thread.join()
        conserve(result, target, 10 * rate, besides=1)
    step = next(s for s in result["steps"] if s["type"] == "request")
    rows = []
    for name, share in (("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
        # A tenth of all requests waits between 0 and 1 s, evenly.
        expected = 1 - (1 - share) * 10
        got, service = (step[f"{kind}_time_us"][name] / 1e6 for kind in ("response", "service"))
        is_kept = expected * 0.98 <= got <= expected * 1.02 + 0.025
        rows.append([name, f"{expected:.3f}", f"{got:.3f}", f"{(got - expected) * 1000:+.0f}",
                     f"{service:.3f}", verdicts.judge(f"freeze, {name}", is_kept)])
    print(f"\nfreeze: 1 s of 10 s at {rate} iterations/s by at most {2 * rate} users; seconds")
    common.table(["", "closed form", "response time", "difference ms", "service time",
                  "±2 % + 25 ms"], rows)


def freeze_of_a_few(verdicts, boom, rate):
    """The same with 10 users: who waits for a free user has not sent, so service time alone hides
    the stop; that what could not be started was dropped is said."""
    with Target(boom) as target:
        def stop_it():
            time.sleep(4)
            target.get("/stall?ms=1000")
        thread = threading.Thread(target=stop_it)
        thread.start()
        result = load(boom, target.url + "/get", "-u", 10, "--max-rps", rate, "-d", "10s")
        thread.join()
        conserve(result, target, besides=1)
    step = next(s for s in result["steps"] if s["type"] == "request")
    p99 = step["service_time_us"]["p99"] / 1e6
    verdict = verdicts.judge("freeze, service time alone is wrong", p99 < 0.9 * 0.98)
    print(f"\nservice time alone, 10 users under a ceiling of {rate}/s: p99 {p99:.3f} s where a "
          f"caller at that rate waits 0.900 s: it hides the stop ({verdict})")


def freeze_of_the_generator(verdicts, boom, rate):
    """The load box itself stops for 1 s in 10 s: arrivals that were due in it are sent late. Their
    response time has the wait, their service time has not: alone it would hide the stop."""
    stopped = []

    def stop_it(process):
        time.sleep(4)
        process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        time.sleep(1)
        process.send_signal(signal.SIGCONT)
        stopped.append(time.monotonic() - begun)

    with Target(boom) as target:
        result = load(boom, target.url + "/get", "--rate", rate, "-d", "10s", "-u", 2 * rate,
                      meanwhile=stop_it)
        conserve(result, target, 10 * rate)
    step = next(s for s in result["steps"] if s["type"] == "request")
    rows = []
    for name, share in (("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
        expected = stopped[0] - (1 - share) * 10
        got, service = (step[f"{kind}_time_us"][name] / 1e6 for kind in ("response", "service"))
        is_kept = expected * 0.98 - 0.005 <= got <= expected * 1.02 + 0.025
        rows.append([name, f"{expected:.3f}", f"{got:.3f}", f"{(got - expected) * 1000:+.0f}",
                     f"{service:.3f}", verdicts.judge(f"generator's freeze, {name}", is_kept)])
    hidden = step["service_time_us"]["p95"] / 1e6 < 0.98 * (stopped[0] - 0.5)
    verdict = verdicts.judge("generator's freeze, service time alone is wrong", hidden)
    print(f"\nfreeze of the generator: {stopped[0]:.3f} s of 10 s at {rate} iterations/s; seconds; "
          f"service time alone is wrong: {verdict}")
    common.table(["", "closed form", "response time", "difference ms", "service time",
                  "±2 % + 25 ms"], rows)


def known(verdicts, boom, rate, seconds):
    """Delays drawn by the server: what it held against what was measured."""
    with Target(boom) as target:
        # What waking up costs on both sides, after as long a wait.
        plain = load(boom, target.url + "/delay/20", "--rate", rate, "-d", "4s")
        plain = next(s for s in plain["steps"] if s["type"] == "request")["service_time_us"]
        overhead = plain["p99"] - 20000
        urllib.request.urlopen(urllib.request.Request(target.url + "/__reset",
                                                      method="POST"), timeout=60).read()
        result = load(boom, target.url + "/delay?dist=exponential:20ms", "--rate", rate, "-d",
                      f"{seconds}s")
        conserve(result, target, rate * seconds)
        held = sorted(target.get("/__delays?values=1")["held_ns"])
    got = next(s for s in result["steps"] if s["type"] == "request")["service_time_us"]
    rows = []
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
        expected = held[min(len(held) - 1, math.ceil(share * len(held)) - 1)] / 1000
        most = expected * 1.001 + 1 + overhead
        is_kept = expected * 0.999 - 1 <= got[name] <= most
        rows.append([name, f"{expected:.0f}", f"{got[name]}", f"{got[name] - expected:+.0f}",
                     verdicts.judge(f"known, {name}", is_kept)])
    print(f"\nknown distribution: exponential of 20 ms, {rate} iterations/s for {seconds} s, µs; "
          f"99 % of constant delays of 20 ms were measured within +{overhead}")
    common.table(["", "held by the server", "measured", "difference", "0.1 % + overhead"], rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    boom = os.path.join(options.build, "boom")
    verdicts = Verdicts()
    spacing(verdicts, boom, options.rate, options.seconds)
    ceiling(verdicts, boom, options.rate, options.seconds)
    freeze(verdicts, boom, options.rate)
    freeze_of_a_few(verdicts, boom, options.rate)
    freeze_of_the_generator(verdicts, boom, min(options.rate, 300))
    known(verdicts, boom, min(options.rate, 500), options.seconds)
    print("\nconservation (due = started + dropped, started = finished + failed + interrupted, "
          "exchanges = the server's count): held in every run")
    sys.stdout.flush()
    if verdicts.missed:
        raise SystemExit("missed: " + "; ".join(verdicts.missed))


if __name__ == "__main__":
    main()
