"""Users in mass: memory and CPU of idle users, 18 000 in one process, 100 000 over six workers."""
import argparse
import json
import pathlib
import subprocess
import tempfile

import accuracy
import common


def case(folder, url):
    path = pathlib.Path(folder, "case.json")
    path.write_text(json.dumps({
        "config": {"name": "idle", "base_url": url.rstrip("/")},
        "teststeps": [{"name": "get", "request": {"method": "GET", "url": "/get"}},
                      {"name": "wait", "think_time": {"time": 600}}]}))
    return path


def run(build, folder, url, users, rate, seconds, *extra):
    """One request of every user, who then waits: the result, CPU seconds, peak memory."""
    result = f"{folder}/result.json"
    _, cpu, peak = common.run([f"{build}/boom", case(folder, url), "-u", users, "-r", rate, "-d",
                               seconds, "--threads", 1, "--quiet", "--stop-timeout", "1s",
                               "--no-verify", "--out", f"json={result}", *extra])
    total = json.loads(pathlib.Path(result).read_text())
    if total["total"]["requests"] != users or total["total"]["failures"]:
        raise SystemExit(f"{users} users, but {total['total']['requests']} answers: "
                         f"{total['errors']}")
    return total, cpu, peak


def idle_cost(build, folder):
    """What a further user costs, at some sizes: it must not grow with them."""
    rows = []
    with common.Nginx() as server:
        for name, url, sizes, rate in (("plain", server.url, (1000, 4000, 8000), 4000),
                                       ("TLS", server.tls_url, (250, 1000, 2000), 200)):
            for engine in ("http1", "curl"):
                before = None
                for users in sizes:
                    seconds = users / rate + 3
                    _, cpu, peak = run(build, folder, url, users, rate, seconds, "--engine", engine)
                    if before:
                        more = users - before[0]
                        rows.append([f"{engine}, {name}, {before[0]} to {users}",
                                     f"{(peak - before[2]) / more:.0f}",
                                     f"{(cpu - before[1]) / more * 1e6:.0f}"])
                    before = (users, cpu, peak)
    common.table(["idle users", "bytes per user", "CPU µs per user"], rows)


def many(build, folder, users):
    with accuracy.Target(f"{build}/boom") as target:
        result, cpu, peak = run(build, folder, target.url, users, 3000, users / 3000 + 6)
        print(f"\n{users} users in one process: {result['connections']['opened']} connections, "
              f"{result['total']['requests']} answers, {cpu:.1f} s of CPU, {peak / 1e6:.0f} MB, "
              f"p99 started {result['health']['lateness_us']['p99'] / 1000:.0f} ms late, "
              f"limited by {result['health']['limited_by'] or 'nothing'}")


def fleet(build, folder, users, workers, seconds):
    """As many targets as workers, each at an address of its own; every user picks by its number."""
    targets = [accuracy.Target(f"{build}/boom", f"127.0.0.{2 + each}")
               for each in range(workers)]
    try:
        urls = [target.url for target in targets]
        path = pathlib.Path(folder, "fleet.json")
        path.write_text(json.dumps({
            "config": {"name": "fleet", "parameters": {"target": urls},
                       "parameters_setting": {"pick_order": "sequential"}},
            "teststeps": [
                {"name": "get", "request": {"method": "GET", "url": "$target/get"}},
                {"name": "wait", "think_time": {"time": 600}}]}))
        port = common.free_port()
        result = pathlib.Path(folder, "fleet-result.json")
        each = [subprocess.Popen([f"{build}/boom", "--worker", "--master-port", str(port)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(workers)]
        try:
            common.run([f"{build}/boom", "--master", "--auto-start", path, "--expect-workers",
                        workers, "--master-bind-port", port, "--master-http-address", "none",
                        "--threads", 1, "-u", users, "-r", 8000, "-d", f"{seconds}s", "--quiet",
                        "--stop-timeout", "5s", "--out", f"json={result}"])
        finally:
            for worker in each:
                worker.wait(120)
        total = json.loads(result.read_text())
        answered = sum(target.get("/__stats")["requests"] for target in targets)
        print(f"\n{users} users over {workers} workers: {total['connections']['opened']} "
              f"connections, {total['total']['requests']} answers, the targets counted {answered}, "
              f"limited by {total['health']['limited_by'] or 'nothing'}")
        common.table(["worker", "users at most", "descriptors", "CPU %"], [
            [worker["id"], worker["users_peak"], worker["health"]["descriptors_max"],
             f"{worker['cpu_percent_max']:.0f}"] for worker in total["workers"]])
    finally:
        for target in targets:
            target.__exit__()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--users", type=int, default=18000)
    parser.add_argument("--fleet", type=int, default=100000)
    parser.add_argument("--workers", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        idle_cost(options.build, folder)
        many(options.build, folder, options.users)
        fleet(options.build, folder, options.fleet, options.workers, options.fleet / 8000 + 20)


if __name__ == "__main__":
    main()
