"""The commands of the documentation, typed just so in the project's folder, with default ports.

They run in a network of their own (`unshare --net`), so that nobody's ports are in the way; where
that is not allowed, the ports 5557, 8080 and 9771 have to be free."""

import json
import os
import re
import shutil
import signal
import subprocess
import unittest

from harness import BOOM, DEADLINE_S, ROOT, BoomTest, main, wait_for


def own_network():
    probe = ['unshare', '--net', 'ip', 'link', 'set', 'lo', 'up']
    if not all(map(shutil.which, ('unshare', 'ip', 'nsenter'))):
        return False
    return subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0


class TypedCommands(BoomTest):
    def setUp(self):
        super().setUp()
        self.prefix = []
        if own_network():
            # Holds the network until the test is over.
            holder = subprocess.Popen(
                ['unshare', '--net', 'sh', '-c', 'ip link set lo up; echo up; exec sleep 300'],
                stdout=subprocess.PIPE, text=True)
            self.addCleanup(self.end, holder)
            holder.stdout.readline()
            self.prefix = ['nsenter', f'--net=/proc/{holder.pid}/ns/net']

    @staticmethod
    def end(process):
        process.kill()
        process.stdout.close()
        process.wait()

    def type(self, words, **variables):
        name = f'{len(self.processes)}'
        paths = {stream: self.folder / f'{name}.{stream}' for stream in ('out', 'err')}
        with open(paths['out'], 'wb') as out, open(paths['err'], 'wb') as err:
            process = subprocess.Popen(
                [*self.prefix, BOOM, *words.split()], cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=out, stderr=err, env={**os.environ, **variables})
        process.output = paths['out'].read_text
        process.errors = paths['err'].read_text
        self.processes.append(process)
        return process

    def target_requests(self):
        answer = subprocess.run([*self.prefix, 'curl', '-s', 'http://127.0.0.1:8080/__stats'],
                                capture_output=True, check=True, text=True)
        return json.loads(answer.stdout)

    def start_everything(self, worker='--worker --ignore-quit', **variables):
        target = self.type('target')
        wait_for(lambda: 'listening' in target.output(), 'the target listens')
        return self.type(worker, **variables)

    def test_master_and_worker_without_any_other_word(self):
        worker = self.start_everything()
        path = self.folder / 'result.json'
        master = self.type('--master --auto-start', BOOM_OUT=f'json={path}')
        self.assertEqual(master.wait(DEADLINE_S), 0, master.errors())
        report = master.output()
        for word in ('requests', 'p95', 'workers'):
            self.assertIn(word, report)
        # The effective profile is printed at the start.
        self.assertIn('run-time=10s', master.errors())
        self.assertIn('spawn-count=20', master.errors())
        # Every request of the report reached the target, all of them marked as load.
        stats = self.target_requests()
        printed = int(re.search(r'(?m)^Total +(\d+)', report).group(1))
        self.assertGreater(printed, 0)
        self.assertEqual(printed, stats['requests'])
        self.assertEqual(printed, self.result()['total']['requests'])
        self.assertEqual(list(stats['user_agents']), ['PerformanceTest'])
        # --ignore-quit: the worker stays, and a signal ends it cleanly.
        self.assertIsNone(worker.poll())
        worker.send_signal(signal.SIGTERM)
        self.assertEqual(worker.wait(DEADLINE_S), 0, worker.errors())

    @unittest.skipUnless(shutil.which('unshare'), 'unshare is not installed')
    def test_a_worker_needs_only_the_address_and_never_its_own_name(self):
        self.prefix += ['unshare', '--uts', 'sh', '-c', 'hostname nosuch.invalid && exec "$@"',
                        'sh'] if own_network() else []
        self.start_everything('--worker', BOOM_MASTER_HOST='127.0.0.1')
        master = self.type('--master --auto-start --run-time 1s')
        self.assertEqual(master.wait(DEADLINE_S), 0, master.errors())
        worker = self.processes[1]
        self.assertEqual(worker.wait(DEADLINE_S), 0, worker.errors())


if __name__ == '__main__':
    main()
