"""One master with 10, 100 and 1000 workers: its CPU, memory and bytes per worker and interval.
The workers are simulated, many in one process, with real sockets and messages."""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

from common import free_port

TICKS = os.sysconf('SC_CLK_TCK')


def cpu_seconds(pid):
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid):
    for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith('VmHWM:'):
            return int(line.split()[1]) / 1024
    return 0


def measure(build, options, workers):
    with tempfile.TemporaryDirectory() as folder:
        case = pathlib.Path(folder, 'case.json')
        case.write_text(json.dumps({
            'config': {'name': 'wide', 'base_url': 'http://127.0.0.1:9'},
            'teststeps': [{'name': f'step {i}', 'request': {'method': 'GET', 'url': f'/{i}'}}
                          for i in range(options.steps)]}))
        port = free_port()
        command = [f'{build}/boom', '--master', '--auto-start', str(case),
                   '--master-bind-host', '127.0.0.1', '--master-bind-port', str(port),
                   '--master-http-address', f'127.0.0.1:{free_port()}',
                   '--expect-workers', str(workers), '-u', str(workers),
                   '-d', f'{options.seconds}s', '--out', f'json={folder}/result.json']
        if options.journal:
            command += ['--run-dir', f'{folder}/runs']
        log = pathlib.Path(folder, 'log')
        with open(log, 'wb') as file:
            master = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=file)
        fleet = subprocess.Popen([f'{build}/tests/bench/cluster/cluster_workers', str(port),
                                  str(workers), str(options.steps), str(options.requests)],
                                 stdout=subprocess.PIPE, text=True)
        try:
            wait_for_start(log)
            time.sleep(2)
            before, since = cpu_seconds(master.pid), time.monotonic()
            time.sleep(options.seconds - 4)
            cores = (cpu_seconds(master.pid) - before) / (time.monotonic() - since)
            memory = memory_mb(master.pid)
            master.wait(120)
            over, intervals, size = map(int, fleet.communicate(timeout=120)[0].split())
        finally:
            for process in (master, fleet):
                if process.poll() is None:
                    process.kill()
        errors = log.read_text()
        result = json.loads(pathlib.Path(folder, 'result.json').read_text())
    expected = intervals * options.steps * options.requests
    is_exact = (over == workers and result['total']['requests'] == expected and
                not result['run']['degraded'])
    print(f'{workers:8} {cores:12.3f} {memory:10.0f} {size:16} '
          f'{result["total"]["requests"]:12}  {"exact" if is_exact else "WRONG: " + errors[-500:]}',
          flush=True)
    return is_exact and cores < 1 and memory < 1024


def wait_for_start(log):
    for _ in range(3000):
        if 'run started' in log.read_text():
            return
        time.sleep(0.02)
    raise SystemExit('the run did not start')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('--steps', type=int, default=50)
    parser.add_argument('--requests', type=int, default=20, help='per step, worker and second')
    parser.add_argument('--seconds', type=int, default=15)
    parser.add_argument('--workers', type=int, nargs='*', default=[10, 100, 1000])
    parser.add_argument('--journal', action='store_true', help='with --run-dir')
    options = parser.parse_args()
    print(' workers  master cores  memory MB  bytes/interval     requests')
    fits = [measure(options.build, options, workers) for workers in options.workers]
    print('within a core and a GB, and exact' if all(fits) else 'NOT within its budget')
    raise SystemExit(0 if all(fits) else 1)


main()
