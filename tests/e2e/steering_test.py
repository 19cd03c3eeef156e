"""Steering of single workers while a run is on: out, in again, and a load of its own."""
import json
import re
import urllib.parse

from harness import BoomTest, free_port, http, main, wait_for


class Steering(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()
        port = free_port()
        self.api = f'http://127.0.0.1:{free_port()}'
        self.spawn('--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', port,
                   '--master-http-address', self.api)
        wait_for(self.is_up, 'the API answers')
        for name in ('left', 'right'):
            self.spawn('--worker', '--master-port', port, '--name', name,
                       '--max-users', 40)
        wait_for(lambda: self.get('/master')['workers'] == 2, 'two workers')
        self.ids = {row['name']: row['id'] for row in self.get('/workers')}
        self.assertEqual(sorted(self.ids), ['left', 'right'])

    def is_up(self):
        try:
            return http('GET', self.api + '/healthz')[0] == 200
        except OSError:
            return False

    def get(self, path):
        return json.loads(http('GET', self.api + path)[1])['data']

    def post(self, path, body=None):
        status, text = http('POST', self.api + path, json.dumps(body or {}),
                            {'Content-Type': 'application/json'})
        return status, json.loads(text)

    def done(self, path, body=None):
        self.assertEqual(self.post(path, body), (200, {'code': 0, 'message': 'success'}))

    def refused(self, path, body, words, status=200):
        got, answer = self.post(path, body)
        self.assertEqual(got, status, answer)
        self.assertNotEqual(answer['code'], 0)
        self.assertIn(words, answer['message'])

    def of_worker(self, name, verb):
        return f'/workers/{urllib.parse.quote(self.ids[name], safe="")}/{verb}'

    def users(self):
        rows = {row['name']: row['user_count'] for row in self.get('/workers')}
        return rows['left'], rows['right']

    def wait_for_users(self, left, right):
        try:
            wait_for(lambda: self.users() == (left, right), f'{left} and {right} users')
        except AssertionError as error:
            raise AssertionError(f'{error}; now {self.users()}') from None

    def wait_for_state(self, name):
        wait_for(lambda: self.get('/master')['state_name'] == name, name)

    def start(self, users, **more):
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/delay/10'}}])
        self.done('/start', {'testcase-path': str(case), 'spawn-count': users,
                             'spawn-rate': 1000, **more})

    def end(self):
        """Stops the run; its result, checked against the target's counters."""
        self.assertEqual(json.loads(http('GET', self.api + '/stop')[1])['code'], 0)
        self.wait_for_state('stopped')
        result = json.loads(http('GET', self.api + '/stats')[1])
        self.assertEqual(result['run']['state'], 'stopped')
        self.assertFalse(result['run']['degraded'])
        self.assertEqual(result['total']['failures'], 0)
        self.assert_counts_agree(result)
        return result

    def test_a_worker_goes_out_and_comes_back(self):
        self.start(10)
        self.wait_for_users(5, 5)
        self.done(self.of_worker('left', 'stop'))
        self.wait_for_users(0, 10)
        self.refused(self.of_worker('left', 'stop'), {}, 'out already')
        self.refused(self.of_worker('right', 'stop'), {}, 'last one')
        self.refused('/rebalance', {'spawn-count': 3, 'worker': self.ids['left']},
                     'does not take part')
        self.assertEqual(self.users(), (0, 10))
        # A change of the whole goes to who is in.
        self.done('/rebalance', {'spawn-count': 12, 'spawn-rate': 1000})
        self.wait_for_users(0, 12)
        self.done(self.of_worker('left', 'start'))
        self.wait_for_users(6, 6)
        self.refused(self.of_worker('left', 'start'), {}, 'is not out')
        result = self.end()
        kinds = [(row['kind'], row['worker']) for row in result['events']]
        self.assertIn(('drained', self.ids['left']), kinds)
        self.assertIn(('joined', self.ids['left']), kinds)
        self.assertEqual(result['iterations']['finished'], result['total']['requests'])

    def test_out_before_the_start_stays_out(self):
        self.done(self.of_worker('right', 'stop'))
        self.start(4)
        self.wait_for_users(4, 0)
        self.done(self.of_worker('right', 'start'))
        self.wait_for_users(2, 2)
        self.end()

    def test_a_start_without_anybody_says_who_is_out(self):
        for name in ('left', 'right'):
            self.done(self.of_worker(name, 'stop'))
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        self.refused('/start', {'testcase-path': str(case)},
                     'current available workers: 0 (2 taken out or leaving')
        self.done(self.of_worker('left', 'start'))
        self.start(3)
        self.wait_for_users(3, 0)
        self.end()

    def test_one_worker_is_shown_with_its_part_and_its_log(self):
        self.assertIsNone(self.get(self.of_worker('left', '')[:-1])['run'])
        self.start(4)
        self.wait_for_users(2, 2)
        self.done(self.of_worker('left', 'stop'))
        self.wait_for_users(0, 4)
        result = self.end()
        rows = {row['name']: row for row in result['workers']}
        for name in ('left', 'right'):
            shown = self.get(self.of_worker(name, '')[:-1])
            self.assertEqual(shown['id'], self.ids[name])
            self.assertEqual(shown['run']['run_id'], result['run']['id'])
            self.assertEqual(shown['run']['requests'], rows[name]['requests'])
            self.assertGreater(shown['run']['connect_min_us'], 0)
        log = http('GET', self.api + self.of_worker('left', 'log'))[1]
        lines = log.splitlines()
        for line in lines:
            self.assertRegex(line, r'^\d{4}-\d\d-\d\dT\S+Z \S')
        wanted = ['joined', 'connected to the master', r'carries part \d of run', 'was taken out',
                  rf'delivered part \d of run {result["run"]["id"]}: '
                  f'{rows["left"]["requests"]} requests']
        places = [next((i for i, line in enumerate(lines) if re.search(text, line)), -1)
                  for text in wanted]
        self.assertNotIn(-1, places, log)
        self.assertEqual(places, sorted(places), log)

    def test_unknown_workers_are_named(self):
        for path in ('/workers/nobody', '/workers/nobody/log'):
            status, text = http('GET', self.api + path)
            self.assertEqual((status, json.loads(text)['code']), (404, 4))
        for verb in ('stop', 'start'):
            self.refused(f'/workers/nobody/{verb}', {}, 'no such worker: nobody', 404)
        self.refused('/rebalance', {'spawn-count': 3, 'worker': self.ids['left']}, 'no start')
        self.start(2)
        self.wait_for_users(1, 1)
        self.refused('/rebalance', {'spawn-count': 3, 'worker': 'nobody'}, 'nobody')
        self.end()

    def test_one_worker_alone_gets_another_number_of_users(self):
        self.start(10)
        self.wait_for_users(5, 5)
        self.wait_for_state('running')
        for left in (9, 2, 6, 1):
            self.done('/rebalance', {'spawn-count': left, 'worker': self.ids['left']})
            self.wait_for_users(left, 5)
            self.wait_for_state('running')
            self.assertEqual(self.get('/master')['target_users'], left + 5)
        # Nothing that is not done is taken silently.
        self.refused('/rebalance', {'spawn-rate': 3, 'worker': self.ids['left']}, 'spawn-rate')
        self.refused('/rebalance', {'spawn-count': 41, 'worker': self.ids['left']},
                     '--max-users 40')
        self.assertEqual(self.users(), (1, 5))
        # A change of the whole is for everybody again.
        self.done('/rebalance', {'spawn-count': 8, 'spawn-rate': 1000})
        self.wait_for_users(4, 4)
        self.assertEqual(self.get('/master')['target_users'], 8)
        self.end()


main()
