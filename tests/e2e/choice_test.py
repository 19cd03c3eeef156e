"""Which workers carry a run: rooms, ids, ratios, one choice per case; several masters."""
import json
import signal

from harness import BoomTest, free_port, http, main, wait_for

GET = [{'name': 'get', 'request': {'method': 'GET', 'url': '/delay/20'}}]


class Choice(BoomTest):
    def start_master(self, *options):
        self.port, api = free_port(), free_port()
        self.api = f'http://127.0.0.1:{api}'
        self.master = self.spawn('--master', '--master-bind-host', '127.0.0.1',
                                 '--master-bind-port', self.port, '--master-http-address',
                                 f'127.0.0.1:{api}', *options)

    def start_workers(self, *names, options=()):
        before = len(self.processes)
        for name in names:  # one by one: ties go by the order of joining
            self.spawn('--worker', '--master-port', self.port, '--name', name, *options)
            wait_for(lambda: name in {w['name'] for w in self.workers()}, 'it joined', 60)
        return self.processes[before:]

    def ask(self, method, path, body=None):
        return json.loads(http(method, self.api + path, body and json.dumps(body))[1])

    def workers(self):
        self.assertIsNone(self.master.poll(), self.master.errors())
        try:
            return self.ask('GET', '/workers')['data']
        except OSError:
            return []

    def users(self):
        return {w['name']: w['user_count'] for w in self.workers()}

    def start(self, code=0, **body):
        body.setdefault('testcase_path', 'case.yml')
        answer = self.ask('POST', '/start', {k.replace('_', '-'): v for k, v in body.items()})
        self.assertEqual(answer['code'], code, answer)
        return answer['message']

    def stop(self):
        self.assertEqual(self.ask('POST', '/stop')['code'], 0)
        wait_for(lambda: self.ask('GET', '/master')['data']['state_name'] == 'stopped',
                 'stopped', 60)

    def test_rooms_ids_and_ratios(self):
        self.start_target()
        self.case(GET)
        self.start_master()
        self.start_workers('w0', 'w1', options=('--room', 'a'))
        self.start_workers('w2', options=('--room', 'b'))
        ids = {w['name']: w['id'] for w in self.workers()}
        for body, expected in (
                ({}, {'w0': 4, 'w1': 3, 'w2': 3}),
                ({'room': 'b'}, {'w0': 0, 'w1': 0, 'w2': 10}),
                ({'workers': [ids['w0'], 'w2']}, {'w0': 5, 'w1': 0, 'w2': 5}),
                ({'workers': {'only': 'w1'}}, {'w0': 0, 'w1': 10, 'w2': 0}),
                ({'workers': {'ratio': {'w0': 0.7, ids['w1']: 0.3}}},
                 {'w0': 7, 'w1': 3, 'w2': 0})):
            self.start(spawn_count=10, **body)
            wait_for(lambda: self.users() == expected, f'{body}', 60)
            if body.get('room'):
                self.assertEqual(self.ask('GET', '/master')['data']['rooms'],
                                 [{'room': 'a', 'workers': 2, 'idle': 2},
                                  {'room': 'b', 'workers': 1, 'idle': 0}])
                states = {w['name']: w['state_name'] for w in self.workers()}
                self.assertNotIn(states['w0'], ('running', 'spawning'))
            self.stop()
        for body, words in (({'room': 'c'}, "no worker stands in room 'c'; there are: a (2), b"),
                            ({'workers': ['w7']}, "no worker 'w7'"),
                            ({'workers': {'ratio': {'w0': 0.7, 'w1': 0.2}}}, 'must sum to 1'),
                            ({'workers': {'most': 'w0'}}, "'workers' expected type")):
            self.assertIn(words, self.start(2, spawn_count=10, **body))
        wait_for(lambda: sum(self.users().values()) == 0, 'nobody has users', 60)

    def test_each_case_has_its_workers(self):
        self.start_target()
        for name, workers in (('x', {'only': 'w0'}), ('y', {'ratio': {'w0': 0.3, 'w1': 0.7}})):
            self.write(f'{name}.yml', json.dumps(
                {'config': {'name': name, 'base_url': self.target, 'workers': workers},
                 'teststeps': [{'name': name, 'request': {'method': 'GET',
                                                          'url': f'/delay/20?{name}'}}]}))
        self.start_master()
        self.start_workers('w0', 'w1')
        words = self.start(2, testcase_path='x.yml,y.yml', spawn_count=10)
        self.assertIn('needs `scenarios`', words)
        self.start(testcase_path='x.yml,y.yml',
                   scenarios=[{'case': 'x', 'users': 4}, {'case': 'y', 'users': 10}])
        wait_for(lambda: self.users() == {'w0': 7, 'w1': 7}, 'both cases', 60)
        self.stop()
        self.start(testcase_path='x.yml,y.yml', scenarios=[
            {'case': 'x', 'users': 4, 'workers': {'only': ['w1']}}, 'case=y;users=10'])
        wait_for(lambda: self.users() == {'w0': 3, 'w1': 11}, 'the body wins', 60)
        self.stop()
        self.start(testcase_path='x.yml', spawn_count=5)
        wait_for(lambda: self.users() == {'w0': 5, 'w1': 0}, 'one case alone', 60)

    def test_quota_counts_the_run_in_progress(self):
        self.start_target()
        self.case(GET)
        self.start_master()
        self.start_workers('w0', 'w1', options=('--max-users', 50))
        message = self.start(2, spawn_count=101)
        self.assertIn('101', message)
        self.assertIn('100', message)
        self.assertEqual(self.target_stats()['requests'], 0)
        self.start(spawn_count=60)
        wait_for(lambda: self.users() == {'w0': 30, 'w1': 30}, 'running', 60)
        answer = self.ask('POST', '/rebalance', {'spawn-count': 101})
        self.assertIn('101', answer['message'])
        self.assertIn('100', answer['message'])
        self.assertEqual(self.ask('POST', '/rebalance', {'spawn-count': 100})['code'], 0)
        wait_for(lambda: self.users() == {'w0': 50, 'w1': 50}, 'full', 60)

    def test_a_worker_whose_room_changed_is_listed_once(self):
        self.start_master()
        first = self.start_workers('w0', options=('--room', 'a'))[0]
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(20), 0)
        self.start_workers('w0', options=('--room', 'b'))
        there = lambda: [w['room'] for w in self.workers() if w['state_name'] != 'quitting']
        wait_for(there, 'it is back', 60)
        self.assertEqual(there(), ['b'])

    def test_two_masters_side_by_side(self):
        self.start_target()
        self.case(GET)
        self.start_master()
        self.start_workers('w0')
        self.start(spawn_count=3)
        wait_for(lambda: self.users() == {'w0': 3}, 'first', 60)
        first = (self.master, self.api)
        self.start_master()
        self.start_workers('w1')
        self.start(spawn_count=5)
        wait_for(lambda: self.users() == {'w1': 5}, 'second', 60)
        self.stop()
        self.master, self.api = first
        self.assertEqual(self.users(), {'w0': 3})
        self.stop()


main()
