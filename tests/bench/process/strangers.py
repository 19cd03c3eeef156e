"""A run with thousands of idle and hostile connections at the master, beside its own calm times."""
import argparse
import json
import os
import random
import re
import resource
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

TOKEN = "open-sesame-please"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(folder, *words, **more):
    log = open(os.path.join(folder, f"{words[1].strip('-')}.log"), "wb")
    return subprocess.Popen([str(word) for word in words], cwd=folder, stdin=subprocess.DEVNULL,
                            stdout=more.get("stdout", log), stderr=log, text=True)


def requests_of(url):
    with urllib.request.urlopen(url + "/__stats", timeout=60) as answer:
        return json.load(answer)["requests"]


def rate_over(url, seconds):
    """Requests per second that the target saw."""
    begin, before = time.monotonic(), requests_of(url)
    time.sleep(seconds)
    return (requests_of(url) - before) / (time.monotonic() - begin)


def wait_for_load(url, processes):
    for _ in range(300):
        if requests_of(url) >= 1000:
            return
        if any(process.poll() is not None for process in processes):
            break
        time.sleep(0.1)
    raise SystemExit("the run did not start")


def knock(ports, count):
    """Idle connections to every port, a tenth of them with random bytes; many are thrown out."""
    held = []
    rng = random.Random(1)
    for i in range(count):
        try:
            s = socket.create_connection(("127.0.0.1", ports[i % len(ports)]), 5)
            if i % 10 == 0:
                s.sendall(rng.randbytes(200))
            held.append(s)
        except OSError:
            pass
    return held


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(options.connections, hard - 200)
    boom = os.path.abspath(os.path.join(options.build, "boom"))
    with tempfile.TemporaryDirectory() as folder:
        target = start(folder, boom, "target", "--listen", "127.0.0.1:0", stdout=subprocess.PIPE)
        port, api = free_port(), free_port()
        processes = [target]
        try:
            line = target.stdout.readline()
            url = "http://" + re.search(r"listening on (\S+:\d+)", line).group(1)
            processes.append(start(folder, boom, "--worker", "--master-port", port, "--token",
                                   TOKEN))
            master = start(folder, boom, "--master", "--auto-start", url + "/get",
                           "--master-bind-port", port, "--master-http-address",
                           f"127.0.0.1:{api}", "--token", TOKEN, "-u", 20, "--threads", 1, "--out",
                           "json=result.json")
            processes.append(master)
            wait_for_load(url, processes)
            rate_over(url, 2)
            calm, disturbed, most = [], [], 0
            for _ in range(options.rounds):
                calm.append(rate_over(url, options.seconds))
                held = knock((port, api), count)
                most = max(most, len(held))
                disturbed.append(rate_over(url, options.seconds))
                for s in held:
                    s.close()
            calm.append(rate_over(url, options.seconds))
            master.terminate()
            master.wait(60)
            with open(os.path.join(folder, "result.json"), encoding="utf-8") as file:
                result = json.load(file)
            same = result["connections"]["exchanges"] == requests_of(url)
        finally:
            for process in processes:
                process.terminate()
    print(f"{count} connections of strangers, {most} held")
    print("calm", *(f"{rate:.0f}/s" for rate in calm), "disturbed",
          *(f"{rate:.0f}/s" for rate in disturbed))
    change = statistics.median(disturbed) / statistics.median(calm) - 1
    print(f"medians: {100 * change:+.1f} % (limit -5 %)")
    print(f"totals of report and target are {'the same' if same else 'DIFFERENT'}")
    return 0 if same and change > -0.05 else 1


if __name__ == "__main__":
    raise SystemExit(main())
