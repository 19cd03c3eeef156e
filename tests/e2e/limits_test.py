"""What keeps the generator from the asked load, each cause for real, and named.

Runs in a network namespace of its own where the system allows one: ports and links are narrowed
there. What needs more than this machine grants is skipped by name.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import unittest

if 'BOOM_TEST_NAMESPACE' not in os.environ and sys.platform == 'linux':
    inside = subprocess.run(['unshare', '-n', 'ip', 'link', 'set', 'lo', 'up'], check=False,
                            capture_output=True)
    if inside.returncode == 0:
        os.environ['BOOM_TEST_NAMESPACE'] = 'own'
        os.execvp('unshare', ['unshare', '-n', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh',
                              sys.executable, *sys.argv])
    os.environ['BOOM_TEST_NAMESPACE'] = 'none'

from harness import BOOM, BoomTest, http, main, wait_for  # noqa: E402

HAS_NAMESPACE = os.environ.get('BOOM_TEST_NAMESPACE') == 'own'
PORT_RANGE = pathlib.Path('/proc/sys/net/ipv4/ip_local_port_range')


class Limits(BoomTest):
    def setUp(self):
        super().setUp()
        self.prefix = []

    def start_wide_target(self):
        process = self.spawn('target', '--listen', '0.0.0.0:0')
        port = int(wait_for(lambda: re.search(r'listening on \S+:(\d+)', process.output()),
                            'the target listens').group(1))
        self.target = f'http://127.0.0.1:{port}'
        return port

    def load(self, *arguments, code=0, prefix=()):
        """A run under a prefix of words; everything that always holds is checked."""
        process = subprocess.run(
            [*prefix, BOOM, *map(str, arguments), '--quiet', '--out', 'json=result.json'],
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False)
        self.assertEqual(process.returncode, code, process.stderr + process.stdout)
        result = self.result()
        iterations = result['iterations']
        self.assertEqual(iterations['started'], iterations['finished'] + iterations['failed']
                         + iterations['interrupted'])
        return result

    def assert_limited(self, result, cause, *words):
        self.assertEqual(result['health']['limited_by'], cause, result['run']['notes'])
        for word in words:
            self.assertTrue(any(word in note for note in result['run']['notes']),
                            (word, result['run']['notes']))

    def narrow_ports(self, count):
        before = PORT_RANGE.read_text()
        self.addCleanup(lambda: PORT_RANGE.write_text(before))
        PORT_RANGE.write_text(f'20000 {20000 + count - 1}')

    def failures(self, result, kind):
        return sum(row['count'] for row in result['errors'] if row['class'] == kind)

    def test_an_undisturbed_run_names_nothing(self):
        self.start_target()
        for load in (('--rate', 20), ('-u', 2, '--max-rps', 20)):
            result = self.load(self.target + '/get', *load, '-d', '1s')
            self.assert_limited(result, None)
            self.assertEqual(result['health']['asked'], result['health']['reached'])
            self.assertEqual(self.notes(result), [])

    def test_a_target_on_an_own_address_is_told_once(self):
        """127.0.0.1 is no case of its own: an address of another interface is found as well."""
        port = self.start_wide_target()
        own = subprocess.run(['hostname', '-I'], capture_output=True, text=True, check=False)
        for address in ['127.0.0.1', '127.1.2.3', *own.stdout.split()[:1]]:
            host = f'[{address}]' if ':' in address else address
            result = self.load(f'http://{host}:{port}/get', '-u', 3, '-i', 2)
            [note] = [n for n in result['run']['notes'] if 'the target is on the machine' in n]
            self.assertIn('of worker local:', note)
            self.assertEqual(result['workers'][0]['health']['local_connections'], 3)
        with socket.socket() as closed:  # nobody listens on a port that is bound only
            closed.bind(('127.0.0.1', 0))
            url = f'http://127.0.0.1:{closed.getsockname()[1]}/'
            result = self.load(url, '-u', 1, '-i', 1, code=96)
        self.assertFalse(any('the target is on' in note for note in result['run']['notes']))

    def test_the_figures_of_every_worker_are_in_the_result(self):
        self.start_target()
        result = self.load(self.target + '/delay/20', '-u', 20, '-d', '2s', '--threads', 2)
        [worker] = result['workers']
        health = worker['health']
        self.assertEqual(len(health['cpu_percents_max']), 2)
        self.assertGreater(health['thread_cpu_percent_max'], 0)
        self.assertGreater(health['loop_lag_us_max'], 0)
        self.assertGreaterEqual(health['descriptors_max'], 20)
        self.assertGreater(health['descriptor_limit'], health['descriptors_max'])
        self.assertGreaterEqual(health['ports_in_use_max'], 20)
        self.assertLess(health['ports_in_use_max'], health['ephemeral_ports'])
        self.assertGreaterEqual(health['seconds'], 2)
        # Users × time is what requests and think times took, and what the generator kept.
        self.assertGreater(health['occupied_us'], 0)
        self.assertLessEqual(health['occupied_us'], health['user_us'])
        self.assertLessEqual(health['user_us'], 20 * result['run']['duration_s'] * 1e6)

    def test_users_keep_their_connections(self):
        self.start_target()
        result = self.load(self.target + '/get', '-u', 200, '-r', 2000, '-i', 20)
        self.assertEqual(result['total']['requests'], 4000)
        self.assertEqual(result['connections']['opened'], 200)
        self.assertEqual(result['connections']['reused'], 3800)
        connections = json.loads(http('GET', self.target + '/__stats')[1])['connections']
        # Ours, and the few questions of this test; none is left open but the last of these.
        self.assertLessEqual(connections['accepted'], 202)
        self.assertLessEqual(connections['open'], 1)

    def test_time_that_users_wait_for_functions_is_called_overhead(self):
        self.start_target()
        self.write('debugtalk.py', 'import time\ndef slow(request):\n    time.sleep(0.2)\n')
        case = self.case([{'name': 'slow', 'request': {'method': 'GET', 'url': '/get'},
                           'setup_hooks': ['${slow($request)}']}])
        result = self.load(case, '-u', 2, '-d', '2s')
        self.assert_limited(result, None, 'client overhead')
        self.assertGreater(result['workers'][0]['health']['overhead_percent'], 50)

    def test_too_few_users(self):
        self.start_target()
        result = self.load(self.target + '/delay/1000', '--rate', 100, '-u', 2, '-d', '1s',
                           code=97)
        self.assert_limited(result, 'users', 'dropped', 'raise --spawn-count')
        self.assertEqual(result['health']['asked'], 100)
        self.assertLess(result['health']['reached'], 10)

    def test_the_least_delivery_can_be_chosen(self):
        self.start_target()
        self.load(self.target + '/delay/1000', '--rate', 100, '-u', 2, '-d', '1s',
                  '--min-delivery', '1%')

    def test_too_few_rows_for_arrivals_and_for_users(self):
        self.start_target()
        case = self.write('case.yml', json.dumps(
            {'config': {'name': 'rows', 'base_url': self.target,
                        'parameters': {'token': [f't{i}' for i in range(4)]},
                        'parameters_setting': {'pick_order': 'unique', 'at_end': 'stop'}},
             'teststeps': [{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}]}))
        result = self.load(case, '--rate', 100, '-d', '1s', code=97)
        self.assert_limited(result, 'data', '96 arrivals found none')
        self.assertEqual((result['iterations']['started'], result['iterations']['dropped']),
                         (4, 96))
        result = self.load(case, '-u', 10, '-d', '1s', code=97)
        self.assert_limited(result, 'data', 'users found none')
        # Who comes first may take more than one.
        self.assertEqual(result['health']['asked'], 10)
        self.assertIn(result['health']['reached'], (1, 2, 3, 4))
        self.assertEqual(result['iterations']['started'], 4)
        # Without an end of its own the run is over when the rows are.
        self.load(case, '-u', 10)

    def test_too_few_descriptors(self):
        port = self.start_wide_target()
        case = self.write('case.yml', json.dumps(
            {'config': {'name': 'wide'},
             'teststeps': [{'name': f'{i}', 'request': {
                 'method': 'GET', 'url': f'http://127.0.0.{i}:{port}/get'}}
                 for i in range(1, 9)]}))
        result = self.load(case, '-u', 20, '-r', 1000, '-d', '1s', code=97,
                           prefix=('prlimit', '--nofile=80:80'))
        self.assert_limited(result, 'descriptors', '80 at most', 'ulimit -n')
        self.assertGreater(self.failures(result, 'client: descriptors exhausted'), 0)
        self.assertEqual(result['workers'][0]['health']['descriptor_limit'], 80)

    @unittest.skipUnless(HAS_NAMESPACE, 'no network namespace may be made here')
    def test_too_few_local_ports(self):
        self.start_target()
        self.narrow_ports(50)
        for engine in ('http1', 'curl'):
            result = self.load(self.target + '/get', '-u', 80, '-r', 1000, '-d', '1s', '--engine',
                               engine, '--threads', 1, code=97)
            self.assert_limited(result, 'ports', 'local ports exhausted', '50 local ports',
                                '--source-ip')
            lost = self.failures(result, 'client: local ports exhausted')
            self.assertGreater(lost, 30)
            self.assertEqual(lost, result['total']['failures'])
            self.assertGreaterEqual(result['workers'][0]['health']['ports_in_use_max'], 40)
            self.assertEqual(result['workers'][0]['health']['ephemeral_ports'], 50)

    @unittest.skipUnless(HAS_NAMESPACE, 'no network namespace may be made here')
    def test_two_source_addresses_have_twice_the_connections(self):
        self.start_wide_target()
        self.narrow_ports(60)
        for engine in ('http1', 'curl'):
            opened = []
            for sources in ('127.0.0.2', '127.0.0.3,127.0.0.4'):
                result = self.load(self.target + '/delay/60000', '-u', 150, '-r', 1000, '-d', '1s',
                                   '--source-ip', sources, '--engine', engine, '--threads', 1,
                                   '--stop-timeout', '100ms', code=96)
                opened.append(result['connections']['opened'])
                self.assertEqual(self.failures(result, 'client: local ports exhausted'),
                                 result['total']['failures'])
            self.assertEqual(opened, [60, 120], engine)
        seen = json.loads(http('GET', self.target + '/__stats')[1])
        self.assertGreaterEqual(set(seen['sources']), {f'127.0.0.{i}' for i in (2, 3, 4)})

    @unittest.skipUnless(HAS_NAMESPACE and shutil.which('tc'), 'no link may be narrowed here')
    def test_a_narrow_link_is_the_network(self):
        self.start_target()
        queue = ['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'tbf', 'rate', '200kbit', 'burst',
                 '80kb', 'latency', '3s']
        made = subprocess.run(queue, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            self.skipTest('this kernel limits no link: ' + made.stderr.strip())
        self.addCleanup(lambda: subprocess.run(['tc', 'qdisc', 'del', 'dev', 'lo', 'root'],
                                               check=False))
        result = self.load(self.target + '/bytes/20000', '--rate', 100, '-u', 20, '-d', '4s',
                           '--stop-timeout', '1s', code=97)
        self.assert_limited(result, 'network', 'waited for an interface')

    def test_too_little_cpu(self):
        self.start_target()
        prefix = self.quota() or self.competitor()
        result = self.load(self.target + '/get', '--rate', 100000, '-u', 300, '-d', '3s',
                           '--threads', 1, code=97, prefix=prefix)
        self.assert_limited(result, 'cpu', 'no time left')

    def quota(self):
        """A fifth of a core, by whichever kind of control group can be made here."""
        name = f'boom-test-{os.getpid()}'
        v1 = pathlib.Path('/sys/fs/cgroup/cpu', name)
        v2 = pathlib.Path('/sys/fs/cgroup', name)
        for folder, settings in ((v1, {'cpu.cfs_period_us': '20000', 'cpu.cfs_quota_us': '4000'}),
                                 (v2, {'cpu.max': '4000 20000'})):
            try:
                folder.mkdir()
                self.addCleanup(folder.rmdir)
                for file, text in settings.items():
                    (folder / file).write_text(text)
                return ('sh', '-c', f'echo $$ > {folder}/cgroup.procs && exec "$@"', 'sh')
            except OSError:
                continue
        return None

    def competitor(self):
        """The load on one core together with forty others that want all of it."""
        core = str(min(os.sched_getaffinity(0)))
        for _ in range(40):
            other = subprocess.Popen(['taskset', '-c', core, sys.executable, '-c',
                                      'while True: pass'])
            self.addCleanup(other.wait)
            self.addCleanup(other.kill)
        return ('taskset', '-c', core)


if __name__ == '__main__':
    main()
