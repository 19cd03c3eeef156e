"""How soon the load begins when the last expected worker has joined, by the master's log: less
than 200 ms; and how far apart the workers begin, by their own logs. Real workers, a new fleet for
every try."""
import argparse
import datetime
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

from common import free_port

LIMIT_MS = 200


def stamp(line):
    return datetime.datetime.fromisoformat(line.split()[0].replace('Z', '+00:00'))


def milliseconds(span):
    return span.total_seconds() * 1000


def try_once(build, workers):
    with tempfile.TemporaryDirectory() as folder:
        port, log = free_port(), pathlib.Path(folder, 'log')
        processes = []
        with open(log, 'wb') as file:
            processes.append(subprocess.Popen(
                [f'{build}/boom', '--master', '--auto-start', 'http://127.0.0.1:9/', '-d', '1s',
                 '--max-rps', '10', '--master-bind-host', '127.0.0.1', '--master-bind-port',
                 str(port), '--master-http-address', 'none', '--expect-workers', str(workers)],
                stdout=subprocess.DEVNULL, stderr=file))
        try:
            for i in range(workers):
                time.sleep(0.1)  # so that the last one joins alone
                with open(pathlib.Path(folder, f'{i}.log'), 'wb') as file:
                    processes.append(subprocess.Popen(
                        [f'{build}/boom', '--worker', '--master-port', str(port)],
                        stdout=subprocess.DEVNULL, stderr=file))
            for process in processes:
                process.wait(60)
        finally:
            for process in processes:
                if process.poll() is None:
                    process.kill()
        lines = log.read_text().splitlines()
        begun = [stamp(line) for own in pathlib.Path(folder).glob('*.log')
                 for line in own.read_text().splitlines() if 'run started' in line]
    joined = [stamp(line) for line in lines if re.search(r'joined \(\d+ available\)', line)]
    started = [stamp(line) for line in lines if 'run started' in line]
    if len(joined) != workers or len(started) != 1 or len(begun) != workers:
        raise SystemExit('\n'.join(lines))
    return milliseconds(started[0] - joined[-1]), milliseconds(max(begun) - min(begun))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('--tries', type=int, default=10)
    parser.add_argument('--workers', type=int, nargs='*', default=[1, 4])
    options = parser.parse_args()
    print(' workers  tries  median ms  worst ms  worst skew ms')
    fits = True
    for workers in options.workers:
        tries = [try_once(options.build, workers) for _ in range(options.tries)]
        times = [time for time, _ in tries]
        print(f'{workers:8} {len(times):6} {statistics.median(times):10.0f} {max(times):9.0f} '
              f'{max(skew for _, skew in tries):14.0f}', flush=True)
        fits = fits and max(times) < LIMIT_MS
    print(f'within {LIMIT_MS} ms' if fits else f'NOT within {LIMIT_MS} ms')
    raise SystemExit(0 if fits else 1)


main()
