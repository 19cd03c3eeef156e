"""Starts real processes of boom on free ports and compares what they say. Standard library only."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

BOOM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else 'boom'
ROOT = pathlib.Path(__file__).resolve().parents[2]
DEADLINE_S = 60  # nothing here takes longer; a hang is a failure


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_for(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f'not within {seconds} s: {what}')


def http(method, url, body=None, headers=None):
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class BoomTest(unittest.TestCase):
    """A folder of its own, and every process ended afterwards."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        shutil.rmtree(self.folder)

    def spawn(self, *arguments, folder=None, environment=None):
        name = f'{len(self.processes)}'
        out = open(self.folder / f'{name}.out', 'wb')
        err = open(self.folder / f'{name}.err', 'wb')
        process = subprocess.Popen([BOOM, *map(str, arguments)], cwd=folder or self.folder,
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   env=environment)
        out.close()
        err.close()
        process.output = lambda: (self.folder / f'{name}.out').read_text()
        process.errors = lambda: (self.folder / f'{name}.err').read_text()
        self.processes.append(process)
        return process

    def run_boom(self, *arguments, folder=None, environment=None):
        process = self.spawn(*arguments, folder=folder, environment=environment)
        process.wait(DEADLINE_S)
        return process

    def start_target(self):
        process = self.spawn('target', '--listen', '127.0.0.1:0')
        port = int(wait_for(lambda: re.search(r'listening on \S+:(\d+)', process.output()),
                            'the target listens').group(1))
        self.target = f'http://127.0.0.1:{port}'
        return self.target

    def target_stats(self):
        return json.loads(http('GET', self.target + '/__stats')[1])

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def case(self, steps, name='case.yml'):
        return self.write(name, json.dumps(
            {'config': {'name': 'case', 'base_url': self.target}, 'teststeps': steps}))

    def result(self, name='result.json'):
        return json.loads((self.folder / name).read_text())

    def notes(self, result):
        """All but the one that every run here gets once: that the target is on this machine."""
        notes = result['run']['notes']
        others = [note for note in notes if 'the target is on the machine of' not in note]
        self.assertEqual(len(notes) - len(others), 1, notes)
        return others

    def assert_counts_agree(self, result):
        """The report equals the server's own counters, and the sum over workers the total."""
        stats = self.target_stats()
        self.assertEqual(result['connections']['exchanges'], stats['requests'])
        self.assertEqual(sum(w['requests'] for w in result['workers']),
                         result['total']['requests'])
        self.assertEqual(sum(s['requests'] for s in result['steps'] if s['type'] == 'request'),
                         result['total']['requests'])
        iterations = result['iterations']
        self.assertEqual(iterations['started'], iterations['finished'] + iterations['failed'] +
                         iterations['interrupted'])
        self.assertEqual(sum(row['rps'] for row in result['timeline'])
                         and round(sum(row['rps'] for row in result['timeline'])) > 0, True)


def main():
    unittest.main(verbosity=2)
