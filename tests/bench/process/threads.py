"""Do generator threads scale: CPU per request of one thread and of two.

Every round runs each once; the ratios compare neighbours in time. Each thread has connections of
its own, so that the work of a thread is the same. Where there are three cores, the server has one
and each thread one. Where there are fewer, the threads and the server take cores from each other,
which costs caches and switches whatever the client: two processes of one thread each, with as many
connections, and wrk's threads say how much. Then two threads are judged against these processes.
At a rate that leaves everybody time they are judged against one thread anywhere."""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import common
import peers

HAS_CORES = len(common.CORES) > 2
PINNED = {"preexec_fn": lambda: os.sched_setaffinity(0, common.CORES[:2])} if HAS_CORES else {}


class Client:
    """`processes` that run at the same time, with `threads` each."""

    def __init__(self, options, url, threads, processes=1):
        self.options = options
        self.commands = [self.command(url, threads) for _ in range(processes)]

    def cpu_per_request(self):
        """In microseconds, of all together."""
        with tempfile.TemporaryDirectory() as folder:
            running = [self.start(command, pathlib.Path(folder, str(index)))
                       for index, command in enumerate(self.commands)]
            usages = [os.wait4(process.pid, 0)[1:] for process in running]
            if any(status for status, _ in usages):
                raise SystemExit(f"{self.commands[0][0]} failed")
            cpu = sum(usage.ru_utime + usage.ru_stime for _, usage in usages)
            return cpu * 1e6 / sum(self.requests(pathlib.Path(folder, str(index)))
                                   for index in range(len(running)))

    def start(self, command, folder):
        folder.mkdir()
        with open(folder / "output", "wb") as output:
            return subprocess.Popen([str(word) for word in command], stdout=output, cwd=folder,
                                    **PINNED)


class Boom(Client):
    def command(self, url, threads):
        return [pathlib.Path(self.options.build, "boom").absolute(), url, *self.load(threads),
                "-u", 100 * threads, "--threads", threads, "-d", self.options.seconds, "--quiet",
                "--out", "json=result.json"]

    def load(self, _):
        return ["-r", 100000]

    def requests(self, folder):
        return peers.boom_requests(folder)


class PacedBoom(Boom):
    def load(self, threads):
        return ["--rate", 10000 * threads]


class Wrk(Client):
    def command(self, url, threads):
        return ["wrk", "-c", 100 * threads, "-t", threads, "-d", self.options.seconds, url]

    def requests(self, folder):
        return peers.last_integer(r"(\d+) requests in")((folder / "output").read_text())


def measure(options, url):
    clients = {"boom, one thread": Boom(options, url, 1),
               "boom, two threads": Boom(options, url, 2),
               "boom, two processes": Boom(options, url, 1, processes=2),
               "boom at 10 000/s per thread, one thread": PacedBoom(options, url, 1),
               "boom at 10 000/s per thread, two threads": PacedBoom(options, url, 2)}
    if common.find("wrk"):
        clients |= {"wrk, one thread": Wrk(options, url, 1),
                    "wrk, two threads": Wrk(options, url, 2)}
    times = {name: [] for name in clients}
    for _ in range(options.rounds):
        for name, client in clients.items():
            times[name].append(client.cpu_per_request())
    return times


def ratios(times, name, other):
    return [mine / its for mine, its in zip(times[name], times[other])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    with common.Nginx() as server:
        if HAS_CORES:
            server.pin(2)
        times = measure(options, server.url + "document")
    one_of = lambda name: f"{name.split(',')[0]}, one thread"
    common.table(["100 connections per thread", "CPU µs/request", "× one thread"],
                 [[name, common.spread(own), common.spread(ratios(times, name, one_of(name)))]
                  for name, own in times.items()])
    paced = "boom at 10 000/s per thread"
    pairs = {"boom, two threads": "boom, one thread" if HAS_CORES else "boom, two processes",
             f"{paced}, two threads": f"{paced}, one thread"}
    medians = {name: statistics.median(ratios(times, name, judge))
               for name, judge in pairs.items()}
    for name, ratio in medians.items():
        print(f"{name}: {ratio:.2f} × {pairs[name]}: {'kept' if ratio <= 1.1 else 'MISSED'}")
    return 0 if max(medians.values()) <= 1.1 else 1


if __name__ == "__main__":
    sys.exit(main())
