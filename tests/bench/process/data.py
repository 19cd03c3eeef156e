"""Peak memory and time of a run with a large CSV: on its own, and master and workers.

Anonymous memory is what a process needs; the pages of mapped files beside it are the kernel's to
drop.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

from common import free_port


def write_rows(path, megabytes):
    rows = size = 0
    with open(path, "w", encoding="ascii") as file:
        size += file.write("id,name,token\n")
        while size < megabytes << 20:
            text = "".join(f"{n},user{n:08d},{n * 2654435761 % 2 ** 64:016x}\n"
                           for n in range(rows, rows + 10_000))
            size += file.write(text)
            rows += 10_000
    return rows, size


def write_case(folder, target):
    case = {"config": {"base_url": target,
                       "parameters": {"id-name-token": "${P(rows.csv)}"},
                       "parameters_setting": {"pick_order": "unique"}},
            "teststeps": [{"name": "get", "request": {
                "method": "GET", "url": "/get", "params": {"id": "$id", "name": "$name"}},
                "validate": [{"eq": ["body.args.name", "$name"]}]}]}
    pathlib.Path(folder, "case.yml").write_text(json.dumps(case))


class Process:
    """One whose memory is watched until it has ended."""

    KINDS = ("RssAnon", "RssFile")

    def __init__(self, folder, *words):
        self.log = open(os.path.join(folder, "log"), "ab")
        self.process = subprocess.Popen([str(word) for word in words], cwd=folder,
                                        stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log)
        self.peaks = dict.fromkeys(self.KINDS, 0)
        self.has_ended = threading.Event()
        self.watch = threading.Thread(target=self.watch_memory)
        self.watch.start()

    def watch_memory(self):
        while not self.has_ended.wait(0.02):
            try:
                status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
            except OSError:
                return
            for kind, kilobytes in re.findall(r"^(\w+):\s+(\d+) kB", status, re.M):
                if kind in self.peaks:
                    self.peaks[kind] = max(self.peaks[kind], int(kilobytes) << 10)

    def wait(self, ending="alone"):
        if ending == "asked":
            os.kill(self.process.pid, signal.SIGTERM)  # Popen's own would collect one that is gone
        _, status = os.waitpid(self.process.pid, 0)
        self.has_ended.set()
        self.watch.join()
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != 0 and ending == "alone":
            print(pathlib.Path(self.log.name).read_text())
            raise SystemExit(f"{self.process.args} ended with {self.process.returncode}")
        return self.peaks


def start_target(boom):
    target = subprocess.Popen([boom, "target", "--listen", "127.0.0.1:0"], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    port = re.search(r":(\d+)", target.stdout.readline()).group(1)
    return target, f"http://127.0.0.1:{port}"


def measure(title, folder, file_bytes, processes):
    begin = time.monotonic()
    started = [(name, Process(folder, *words)) for name, words in processes]
    name, last = started.pop()  # the one whose run it is
    peaks = {name: last.wait()}
    took = time.monotonic() - begin
    peaks.update((name, process.wait("asked")) for name, process in started)
    result = json.loads(pathlib.Path(folder, "result.json").read_text())
    assert result["total"]["failures"] == 0 and result["total"]["requests"] > 0, result["errors"]
    for name, _ in processes:
        anonymous, mapped = (peaks[name][kind] for kind in Process.KINDS)
        print(f"{title:22} {name:8} {anonymous / 2 ** 20:7.0f} MiB anonymous "
              f"({anonymous / file_bytes:5.3f} x the file) {mapped / 2 ** 20:7.0f} MiB of files   "
              f"whole run {took:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", help="on a disk; default: where temporary files are")
    options = parser.parse_args()
    boom = os.path.abspath(os.path.join(options.build, "boom"))
    target, url = start_target(boom)
    try:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            rows, size = write_rows(os.path.join(folder, "rows.csv"), options.megabytes)
            write_case(folder, url)
            print(f"{rows} rows, {size / 2 ** 20:.0f} MiB", flush=True)
            load = ("-u", 2, "-i", 5, "--out", "json=result.json")
            measure("on its own", folder, size, [("boom", [boom, "case.yml", *load])])
            port = free_port()
            workers = [(f"w{n}", [boom, "--worker", "--master-port", port, "--name",
                                  f"w{n}"]) for n in range(options.workers)]
            measure(f"{options.workers} workers", folder, size, [*workers, (
                "master", [boom, "--master", "--auto-start", "case.yml", "--master-bind-host",
                           "127.0.0.1", "--master-bind-port", port, "--master-http-address",
                           "none", "--expect-workers", options.workers, *load])])
    finally:
        target.terminate()
        target.wait()


main()
