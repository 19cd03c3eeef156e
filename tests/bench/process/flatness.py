"""Does a long run cost more with time: three minutes of constant load, throughput and memory."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import accuracy
import common


def resident_kb(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def slope(points):
    """Least squares, in the unit of y for each of x."""
    mean_x = statistics.mean(x for x, _ in points)
    mean_y = statistics.mean(y for _, y in points)
    return (sum((x - mean_x) * (y - mean_y) for x, y in points)
            / sum((x - mean_x) ** 2 for x, _ in points))


class Memory:
    """Resident kilobytes of a process, twice a second."""

    def __init__(self, process):
        self.points = []
        self.thread = threading.Thread(target=self.follow, args=(process,))
        self.thread.start()

    def follow(self, process):
        begun = time.monotonic()
        while process.poll() is None:
            try:
                self.points.append((time.monotonic() - begun, resident_kb(process.pid)))
            except (OSError, IndexError):
                return
            time.sleep(0.5)


def run(boom, url, folder, seconds, load):
    path = os.path.join(folder, "result.json")
    process = subprocess.Popen([boom, url, "--quiet", "--out", f"json={path}", "-d",
                                f"{seconds}s", *load], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory = Memory(process)
    process.wait(seconds + 60)
    memory.thread.join()
    with open(path, encoding="utf-8") as file:
        return json.load(file), memory.points


def memory_of_users(boom, users, path):
    """What a run of so many users holds once all are there, in kB."""
    with accuracy.Target(boom) as target, tempfile.TemporaryDirectory() as folder:
        load = ["-u", str(users), "-r", str(10 * users), "--threads", "1"]
        load += ["--max-rps", str(max(2 * users, 20))]
        _, memory = run(boom, target.url + path, folder, 12, load)
    return statistics.median(kb for at, kb in memory if 6 <= at <= 11)


def show_memory(boom):
    one = memory_of_users(boom, 1, "/get")
    rows = []
    for users, path in ((1000, "/get"), (4000, "/get"), (20, "/bytes/10000000")):
        kb = memory_of_users(boom, users, path)
        rows.append([f"{users} users, {path}", f"{kb:.0f}", f"{(kb - one) / users:.1f}"])
    common.table(["", "resident kB", "kB per user beyond the first"], rows)


def show_urls(boom):
    """A hundred thousand URLs of one step against one URL: no growth, one row."""
    peaks, rows = {}, 0
    for name, path in (("one", "/anything/1"), ("100 000", "/anything/${counter()}")):
        with accuracy.Target(boom) as target, tempfile.TemporaryDirectory() as folder:
            case = os.path.join(folder, "case.json")
            with open(case, "w", encoding="utf-8") as file:
                json.dump({"config": {"name": "urls", "base_url": target.url}, "teststeps": [
                    {"name": "get", "request": {"method": "GET", "url": path}}]}, file)
            result = os.path.join(folder, "result.json")
            _, _, peak = common.run([boom, case, "-u", 1, "-i", 100000, "--quiet", "--out",
                                     f"json={result}"])
            with open(result, encoding="utf-8") as file:
                steps = json.load(file)["steps"]
            seen = target.get("/__stats")["requests"]
            rows = len(steps) if name == "one" else rows
            peaks[name] = peak
            print(f"{name} URLs: {peak / 1e6:.1f} MB, {seen} requests in {len(steps)} row(s)")
    if peaks["100 000"] > peaks["one"] + 2e6 or len(steps) != rows or seen != 100000:
        raise SystemExit("missed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--rate", type=int, default=3000)
    parser.add_argument("--only-memory", action="store_true", help="memory per user, a minute")
    options = parser.parse_args()
    boom = os.path.join(options.build, "boom")
    show_urls(boom)
    show_memory(boom)
    if options.only_memory:
        return
    third = options.seconds / 3
    with accuracy.Target(boom) as target, tempfile.TemporaryDirectory() as folder:
        result, memory = run(boom, target.url + "/get", folder, options.seconds,
                             ["-u", str(options.users), "--max-rps", str(options.rate)])
    rows = result["timeline"]
    first = statistics.mean(row["rps"] for row in rows if 1 <= row["t_s"] < third)
    last = statistics.mean(row["rps"] for row in rows
                           if 2 * third <= row["t_s"] < options.seconds - 1)
    # Buffers and histograms have their size after the first third.
    settled = [(at, kb) for at, kb in memory if third <= at <= options.seconds - 1]
    growth = slope(settled) * 60
    start, end = settled[0][1], settled[-1][1]
    ratio = last / first
    # The time line keeps a row, about a kilobyte, for each of the first 3600 seconds.
    is_flat = abs(growth) < 200
    common.table(
        ["", "first third", "last third", "", ""],
        [["requests/s", f"{first:.1f}", f"{last:.1f}", f"{100 * ratio:.2f} %",
          "kept (≥ 98 %)" if ratio >= 0.98 else "MISSED (≥ 98 %)"],
         ["resident kB", start, end, f"{growth:+.1f} kB/min",
          "kept (< 200)" if is_flat else "MISSED (< 200)"]])
    print(f"{result['total']['requests']} requests, {result['total']['failures']} failed, "
          f"{result['iterations']['dropped']} dropped in {options.seconds} s")
    sys.stdout.flush()
    if ratio < 0.98 or not is_flat:
        raise SystemExit("missed")


if __name__ == "__main__":
    main()
