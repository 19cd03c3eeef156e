"""Latency at a fixed rate: boom beside an independent client that measures as wrk2 does.

Both ask the same server for the same delays in the same order, request i at i / rate after the
start, and count each response time from that moment, not from sending. The second client is a few
lines of asyncio over raw sockets; the delays are long beside what Python itself needs."""
import argparse
import asyncio
import json
import pathlib
import random
import statistics
import sys
import tempfile
import time
import urllib.parse

import accuracy
import common

PERCENTILES = (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99))


def delays_of(count, seed):
    """Milliseconds: most are near 60, a few in a hundred several times as long."""
    draw = random.Random(seed)
    return [round(min(40 + draw.lognormvariate(3, 0.8), 900)) for _ in range(count)]


class Pool:
    """Kept connections: one for every request in flight."""

    def __init__(self, url):
        self.address = urllib.parse.urlsplit(url)
        self.idle = []

    async def get(self, path):
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection(
            self.address.hostname, self.address.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.address.netloc}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if not head.startswith("http/1.1 200"):
            raise SystemExit(f"the server said {head.splitlines()[0]}")
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        await reader.readexactly(length)
        self.idle.append((reader, writer))


async def measure(url, delays, rate):
    """Response times in seconds, each from the moment at which its request was due."""
    pool = Pool(url)
    times = []
    start = time.perf_counter() + 0.2

    async def one(due, delay):
        await pool.get(f"/delay/{delay}")
        times.append(time.perf_counter() - due)

    tasks = []
    for index, delay in enumerate(delays):
        due = start + index / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(one(due, delay)))
    await asyncio.gather(*tasks)
    for _, writer in pool.idle:
        writer.close()
    return sorted(times)


def measure_with_boom(boom, folder, url, delays, rate):
    pathlib.Path(folder, "delays.csv").write_text("ms\n" + "\n".join(map(str, delays)) + "\n")
    case = pathlib.Path(folder, "case.json")
    case.write_text(json.dumps({
        "config": {"name": "delays", "base_url": url, "parameters": {"ms": "${P(delays.csv)}"},
                   "parameters_setting": {"pick_order": "sequential"}},
        "teststeps": [{"name": "wait", "request": {"method": "GET", "url": "/delay/$ms"}}]}))
    out = pathlib.Path(folder, "result.json")
    common.run([boom, case, "--rate", rate, "-u", 2000, "-d", f"{len(delays) / rate}s",
                "--threads", 1, "--quiet", "--out", f"json={out}"])
    result = json.loads(out.read_text())
    step = result["steps"][0]
    if step["requests"] != len(delays) or step["failures"]:
        raise SystemExit(f"{len(delays)} requests were due, {step['requests']} came")
    return step["response_time_us"]


def service_times(options, folder, url, load):
    """p50 in µs by how the loop waits, one after the other in each round."""
    found = {"epoll": [], "uring": []}
    for _ in range(options.rounds):
        for io, times in found.items():
            out = pathlib.Path(folder, "result.json")
            common.run([f"{options.build}/boom", url, *load, "-d", "2s", "--threads", 1, "--io",
                        io, "--quiet", "--out", f"json={out}"], **common.CLIENT)
            times.append(json.loads(out.read_text())["steps"][0]["service_time_us"]["p50"])
    return found


def compare_waits(title, found, bound):
    """Who batches while there is idle time records longer times than the server took."""
    epoll, uring = (statistics.median(found[io]) for io in ("epoll", "uring"))
    is_kept = uring <= epoll * bound + 2
    print(f"\n{title}, service time p50 in µs, medians with extremes")
    common.table(["waits by", "p50"], [[io, common.spread(times)] for io, times in found.items()])
    print(f"io_uring within 2 µs + {(bound - 1) * 100:.0f} % of epoll, which waits for one event: "
          + ("kept" if is_kept else "MISSED"))
    return is_kept


def waits(options, target, folder):
    with common.Nginx() as server:
        server.pin()
        low = service_times(options, folder, server.url, ["--rate", 500, "-u", 200])
    target.pin()
    slow = service_times(options, folder, f"{target.url}/delay/20", ["-u", 1000])
    return all([compare_waits("500 requests/s", low, 1.02),
                compare_waits("1000 users, 20 ms each", slow, 1.01)])


def compare_with_wrk2(options, target, folder):
    delays = delays_of(options.rate * options.seconds, options.seed)
    seen = asyncio.run(measure(target.url, delays, options.rate))
    ours = measure_with_boom(f"{options.build}/boom", folder, target.url, delays, options.rate)
    rows = []
    is_kept = True
    for name, part in PERCENTILES:
        theirs = seen[round(part * (len(seen) - 1))] * 1e3
        mine = ours[name] / 1e3
        is_kept = is_kept and abs(mine / theirs - 1) <= 0.05
        rows.append([name, f"{sorted(delays)[round(part * (len(delays) - 1))]}", f"{theirs:.1f}",
                     f"{mine:.1f}", f"{(mine / theirs - 1) * 100:+.1f} %"])
    print(f"{options.rate} requests/s for {options.seconds} s, response times in ms")
    common.table(["", "asked for", "as wrk2 measures", "boom", "difference"], rows)
    print("within 5 %: " + ("kept" if is_kept else "MISSED"))
    return is_kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with accuracy.Target(f"{options.build}/boom") as target, \
            tempfile.TemporaryDirectory() as folder:
        is_kept = compare_with_wrk2(options, target, folder)
        is_kept = waits(options, target, folder) and is_kept
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
