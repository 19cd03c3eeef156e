"""Every wait has a reason and a deadline; what would not work is said before the load."""
import json
import re
import resource
import subprocess

from harness import BOOM, BoomTest, free_port, http, main, wait_for


class Waits(BoomTest):
    def start_master(self, *options):
        self.port, api = free_port(), free_port()
        self.api = f'http://127.0.0.1:{api}'
        self.master = self.spawn('--master', '--master-bind-host', '127.0.0.1',
                                 '--master-bind-port', self.port, '--master-http-address',
                                 f'127.0.0.1:{api}', *options)
        self.api_port = api
        wait_for(self.is_answering, 'the API listens', 60)

    def is_answering(self):
        self.assertIsNone(self.master.poll(), self.master.errors())
        try:
            return self.ask('GET', '/master')
        except OSError:
            return False

    def ask(self, method, path, body=None):
        return json.loads(http(method, self.api + path, body and json.dumps(body))[1])

    def start_worker(self, *options):
        worker = self.spawn('--worker', '--master-port', self.port, '--name', 'w0', *options)
        wait_for(lambda: self.ask('GET', '/workers')['data'], 'the worker joined', 60)
        return worker

    def waits(self):
        return ' | '.join(self.ask('GET', '/master')['data']['waits'])

    def test_no_response_so_far_and_users_being_started(self):
        self.start_target()
        self.case([{'name': 'hang', 'request': {'method': 'GET', 'url': '/hang'}}])
        self.start_master()
        self.start_worker()
        self.assertEqual(self.ask('POST', '/start', {'testcase-path': 'case.yml',
                                                     'spawn-count': 20, 'spawn-rate': 10,
                                                     'stop-timeout': '1s'})['code'], 0)
        text = wait_for(lambda: re.search(r'users started: w0 (\d+)/20', self.waits()),
                        'spawning is shown', 60)
        self.assertLessEqual(int(text.group(1)), 20)
        self.assertEqual(self.ask('GET', '/workers')['data'][0]['target_users'], 20)
        wait_for(lambda: re.search(r'0 responses so far: 20 requests wait for the first byte, '
                                   r'oldest \d+\.\d s', self.waits()), 'the silence is named', 60)
        wait_for(lambda: 'requests wait for the first byte' in self.master.errors(),
                 'the terminal says so', 60)
        status = self.run_boom('status', '--master-http-address', f'127.0.0.1:{self.api_port}')
        self.assertEqual(status.returncode, 0, status.errors())
        short = self.run_boom('status', '--master-http-address', f'127.0.0.1:{self.api_port}',
                              '--expect-workers', '2')
        self.assertEqual(short.returncode, 103)
        self.assertIn('1 of 2 expected workers are there', short.errors())
        self.assertIn('20 requests wait', status.output())
        self.assertIn('20/20 users', status.output())

    def test_a_workers_warning_reaches_the_master_once(self):
        self.start_target()
        self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        self.start_master()
        self.start_worker()
        self.assertEqual(self.ask('POST', '/start', {
            'testcase-path': 'case.yml', 'spawn-count': 1, 'max-rps': 5, 'run-time': '3s',
            'prometheus-gateway': f'127.0.0.1:{free_port()}'})['code'], 0)
        wait_for(lambda: self.ask('GET', '/stats')['run'].get('state') == 'finished', 'the end',
                 60)
        notes = self.ask('GET', '/stats')['run']['notes']
        mine = [n for n in notes if re.match(r'worker w0_\w+: the Pushgateway does not', n)]
        self.assertEqual(len(mine), 1, notes)
        # The master's own view of it, before the load.
        self.assertIn('did not answer before the run', self.master.errors())
        self.assertIn('worker w0_', self.master.errors())

    def test_too_few_descriptors_are_refused_with_both_numbers(self):
        self.start_target()
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
        done = subprocess.run([BOOM, self.target + '/get', '-u', '1000', '-i', '1'],
                              cwd=self.folder, preexec_fn=limit, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 101, done.stderr)
        self.assertIn(b'1000 users', done.stderr)
        self.assertIn(b'256 files', done.stderr)
        self.assertEqual(self.target_stats()['requests'], 0)

    def test_a_rebalance_is_looked_at_as_a_start_is(self):
        self.start_target()
        address = f'127.0.0.1:{free_port()}'
        self.api = f'http://{address}'
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
        self.master = subprocess.Popen(
            [BOOM, self.target + '/delay/50', '-u', '2', '--http-address', address],
            cwd=self.folder, preexec_fn=limit, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.master.errors = lambda: 'the run is over'
        self.processes.append(self.master)
        wait_for(self.is_answering, 'the API answers', 60)
        state = lambda: self.ask('GET', '/master')['data']
        wait_for(lambda: state()['state_name'] == 'running', 'running', 60)
        answer = self.ask('POST', '/rebalance', {'spawn-count': 1000})
        self.assertEqual(answer['code'], 2, answer)
        self.assertIn('1000 users', answer['message'])
        self.assertIn('256 files', answer['message'])
        self.assertEqual(state()['target_users'], 2)

    def test_a_full_disk_under_output_and_log_ends_no_run(self):
        self.start_target()
        with open('/dev/full', 'wb') as full:
            for arguments in (['-d', '1500ms'], ['-d', '1500ms', '--quiet']):
                done = subprocess.run(
                    [BOOM, self.target + '/get', '--max-rps', '20', '--out', 'json=full.json',
                     *arguments], cwd=self.folder, stdout=full, stderr=full, check=False,
                    timeout=60)
                self.assertEqual(done.returncode, 0)
                self.assertEqual(self.result('full.json')['run']['state'], 'finished')

    def test_check_says_what_would_not_work(self):
        self.start_target()
        self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        good = self.run_boom('check', 'case.yml', '-u', 10, '--out', 'json=result.json')
        self.assertEqual(good.returncode, 0, good.output() + good.errors())
        for words in ('descriptors', 'local ports', 'clock', 'result.json can be written',
                      'accepts connections', '1 with 1 requests'):
            self.assertIn(words, good.output())
        self.assertFalse((self.folder / 'result.json').exists())
        dead = f'http://127.0.0.1:{free_port()}'
        bad = self.run_boom('check', dead + '/x', '--master-host', '127.0.0.1', '--master-port',
                            free_port(), '--out', 'json=/nowhere/r.json',
                            '--prometheus-gateway', f'127.0.0.1:{free_port()}')
        self.assertEqual(bad.returncode, 101, bad.output())
        for words in (r'FAILED +target', r'FAILED +master', r'FAILED +file', r'warning +sink'):
            self.assertRegex(bad.output(), words)
        self.assertEqual(self.target_stats()['requests'], 0)

    def test_status_has_the_exit_code_of_the_last_run(self):
        port = free_port()
        nobody = self.run_boom('status', '--master-http-address', f'127.0.0.1:{port}')
        self.assertEqual(nobody.returncode, 103)
        self.assertIn('no master answers', nobody.errors())
        self.start_target()
        self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        token = 'a-token-of-mine'
        self.port, self.api_port = free_port(), free_port()
        self.master = self.spawn('--master', '--master-bind-port', self.port, '--token', token,
                                 '--master-http-address', f'127.0.0.1:{self.api_port}')
        self.spawn('--worker', '--master-port', self.port, '--token', token)
        status = lambda *more: self.run_boom('status', '--master-http-address',
                                             f'127.0.0.1:{self.api_port}', *more)
        wait_for(lambda: ' 1 workers' in status('--token', token).output(), 'joined', 60)
        self.assertEqual(status().returncode, 103)
        answer = http('POST', f'http://127.0.0.1:{self.api_port}/start', json.dumps(
            {'testcase-path': 'case.yml', 'loop-count': 2, 'thresholds': ['p95<0.001ms']}),
            {'Authorization': 'Bearer ' + token})
        self.assertEqual(json.loads(answer[1])['code'], 0, answer)
        over = wait_for(lambda: (lambda s: s if 'verdict failed' in s.output() else None)(
            status('--token', token)), 'the run is over', 60)
        self.assertEqual(over.returncode, 99)
        self.assertNotIn(token, over.output() + over.errors() + self.master.errors())


main()
