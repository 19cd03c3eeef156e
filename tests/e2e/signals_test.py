"""A storm of signals with a handler: every call into the kernel is interrupted, nothing is lost."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import unittest

from harness import BoomTest, free_port, main, wait_for

# boom itself has handlers for the two that end it; others reach it where a library has its own.
HANDLER = '''
#include <csignal>
static void nothing(int) {}
__attribute__((constructor)) static void install() {
    struct sigaction action = {};
    action.sa_handler = nothing;  // without SA_RESTART
    sigaction(SIGUSR1, &action, nullptr);
}
'''
FUNCTIONS = '''
def twice(n):
    return 2 * int(n)
'''


class Storm(threading.Thread):
    """Sends the signal to every thread of the processes, and of their children, over and over."""

    def __init__(self, processes):
        super().__init__()
        self.processes = processes
        self.is_over = False
        self.count = 0

    def run(self):
        while not self.is_over:
            for pid in [p.pid for p in self.processes if p.poll() is None]:
                for thread in self.threads(pid):
                    try:
                        os.kill(thread, signal.SIGUSR1)
                        self.count += 1
                    except OSError:
                        pass
            time.sleep(0.005)

    def threads(self, pid):
        """Those of a process that is ready for the signal."""
        try:
            found = [int(task.name) for task in pathlib.Path(f'/proc/{pid}/task').iterdir()]
            children = [int(child) for thread in found for child in pathlib.Path(
                f'/proc/{pid}/task/{thread}/children').read_text().split()]
            status = pathlib.Path(f'/proc/{pid}/status').read_text()
        except OSError:
            return []
        caught = int(status.split('SigCgt:')[1].split()[0], 16)
        # A child that has yet to become another program loses the handler with that.
        has_handler = caught >> (signal.SIGUSR1 - 1) & 1 and (
            status.startswith('Name:\tpython') or any(p.pid == pid for p in self.processes))
        return (found if has_handler else []) + [t for c in children for t in self.threads(c)]


class Signals(BoomTest):
    @unittest.skipUnless(shutil.which('c++'), 'no compiler is installed')
    def test_a_storm_harms_nobody(self):
        source = self.write('handler.cpp', HANDLER)
        subprocess.run(['c++', '-shared', '-fPIC', '-o', 'handler.so', source], cwd=self.folder,
                       check=True)
        self.start_target()
        self.write('debugtalk.py', FUNCTIONS)
        self.case([{'name': 'http1', 'variables': {'n': '${twice(21)}'},
                    'request': {'method': 'GET', 'url': '/get', 'params': {'n': '$n'}},
                    'validate': [{'eq': ['body.args.n', '42']}]}])
        os.environ['LD_PRELOAD'] = str(self.folder / 'handler.so')
        self.addCleanup(os.environ.pop, 'LD_PRELOAD')
        port = free_port()
        worker = self.spawn('--worker', '--master-port', port)
        master = self.spawn('--master', '--auto-start', 'case.yml', '--master-bind-host',
                            '127.0.0.1', '--master-bind-port', port, '--master-http-address',
                            f'127.0.0.1:{free_port()}', '-u', 4, '--threads', 2, '--max-rps', 200,
                            '-d', '5s', '--run-dir', self.folder / 'runs', '--out',
                            'json=fleet.json')
        local = [self.spawn('case.yml', '-u', 4, '--max-rps', 200, '-d', '5s', '--io', io,
                            '--engine', engine, '--threads', 2, '--out', f'json={io}.json')
                 for io, engine in (('auto', 'http1'), ('epoll', 'curl'))]
        wait_for(lambda: self.target_stats()['requests'] > 100, 'load', 60)
        storm = Storm([worker, master, *local])
        storm.start()
        try:
            for process in (master, *local):
                self.assertEqual(process.wait(60), 0, process.errors())
            self.assertEqual(worker.wait(60), 0, worker.errors())
        finally:
            storm.is_over = True
            storm.join()
        print(storm.count, 'signals')
        self.assertGreater(storm.count, 1000)
        results = [json.loads((self.folder / f'{name}.json').read_text())
                   for name in ('fleet', 'auto', 'epoll')]
        for result in results:
            self.assertEqual(result['total']['failures'], 0, result['errors'])
            self.assertEqual(result['run']['state'], 'finished')
            self.assertFalse(result['run']['degraded'], result['run']['notes'])
        self.assertEqual(sum(r['connections']['exchanges'] for r in results),
                         self.target_stats()['requests'])


main()
