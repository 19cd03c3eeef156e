"""The control API of a master, with the six commands of the reference."""
import hashlib
import json
import time

from harness import BoomTest, free_port, http, main, wait_for


class Api(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()
        self.port = free_port()
        self.api = f'http://127.0.0.1:{free_port()}'
        self.master = self.spawn('--master', '--master-bind-host', '127.0.0.1',
                                 '--master-bind-port', self.port, '--master-http-address',
                                 self.api)
        wait_for(self.is_up, 'the API answers')

    def is_up(self):
        try:
            return http('GET', self.api + '/healthz')[0] == 200
        except OSError:
            return False

    def call(self, method, path, body=None):
        status, text = http(method, self.api + path,
                            json.dumps(body) if isinstance(body, dict) else body,
                            {'Content-Type': 'application/json'})
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def state(self):
        return self.call('GET', '/master')['data']['state_name']

    def test_answers_without_workers(self):
        self.assertEqual(self.call('GET', '/workers'),
                         {'code': 0, 'message': 'success', 'data': []})
        data = self.call('GET', '/master')['data']
        self.assertEqual((data['state'], data['workers'], data['target_users'],
                          data['current_users']), (1, 0, 0, 0))
        table = [
            ('/start', '{}', 'missing testcases path'),
            ('/start', {'testcase-path': 'x.json', 'foo': 1},
             'failed to recognize params: [foo]'),
            ('/start', {'testcase-path': 'x', 'spawn-count': 'abc'},
             "'spawn-count' expected type 'int64', got unconvertible type 'string', value: 'abc'"),
            ('/rebalance', {'spawn-count': 10}, 'no start'),
        ]
        for path, body, message in table:
            self.assertEqual(self.call('POST', path, body), {'code': 2, 'message': message})
        self.assertEqual(self.call('GET', '/stop'), {'code': 3, 'message': 'already stopped'})
        case = str(self.case([{'request': {'method': 'GET', 'url': '/get'}}]))
        self.assertEqual(self.call('POST', '/start', {'testcase-path': case}),
                         {'code': 2, 'message': 'current available workers: 0'})
        self.assertEqual(http('GET', self.api + '/start')[0], 405)
        self.assertEqual(http('HEAD', self.api + '/quit')[0], 405)
        self.assertEqual(http('GET', self.api + '/nowhere')[0], 404)
        self.assertEqual(http('GET', self.api + '/master', None,
                              {'Origin': 'http://evil.example'})[0], 403)

    def test_limits_of_a_request(self):
        body = '{"testcase-path": "' + 'x' * (1 << 20) + '"}'
        status, text = http('POST', self.api + '/start', body)
        self.assertEqual((status, json.loads(text)['message']),
                         (413, 'the body is longer than 1 MiB'))
        # One byte less than the limit is read, and answered in the usual way.
        fitting = '{"testcase-path": "' + 'x' * ((1 << 20) - 21) + '"}'
        self.assertEqual(len(fitting), 1 << 20)
        self.assertEqual(self.call('POST', '/start', fitting)['code'], 2)
        status, _ = http('GET', self.api + '/master', None, {'X-Long': 'y' * 40_000})
        self.assertIn(status, (413, 431))
        self.assertEqual(self.state(), 'ready')

    def run_to_the_end(self, start):
        http('GET', self.target + '/__reset')
        self.assertEqual(self.call('POST', '/start', start), {'code': 0, 'message': 'success'})
        wait_for(lambda: self.state() == 'stopped', 'the loops are done', 60)
        return json.loads(http('GET', self.api + '/stats')[1])

    def test_each_start_reads_the_case_as_it_is_then_with_its_variables(self):
        self.spawn('--worker', '--master-port', self.port)
        wait_for(lambda: self.call('GET', '/master')['data']['workers'] == 1, 'a worker')

        def write(token):
            return str(self.write('case.yml', json.dumps({
                'config': {'name': 'snapshot', 'base_url': self.target,
                           'variables': {'who': 'case'}},
                'teststeps': [{'name': 'once', 'request': {'url': f'/once?token={token}'}}]})))
        hashes = []
        for token, more, seen in (('a-$who', {}, 'a-case'),
                                  ('b-$who', {'var': {'who': 'start'}}, 'b-start')):
            start = {'testcase-path': write(token), 'loop-count': 1, **more}
            result = self.run_to_the_end(start)
            self.assertEqual(self.target_stats()['once']['order'], [seen])
            hashes.append(result['run']['cases'][0]['sha256'])
            content = (self.folder / 'case.yml').read_bytes()
            self.assertEqual(hashes[-1], hashlib.sha256(content).hexdigest())
        self.assertNotEqual(*hashes)

    def test_a_run_by_hand(self):
        workers = [self.spawn('--worker', '--master-port', self.port) for _ in range(2)]
        wait_for(lambda: self.call('GET', '/master')['data']['workers'] == 2, 'two workers')
        case = str(self.case([{'name': 'd', 'request': {'method': 'GET', 'url': '/delay/10'}}]))
        bad = str(self.write('bad.yml', 'config: {name: x}\nteststeps:\n  - requst: {}\n'))
        answer = self.call('POST', '/start', {'testcase-path': bad})
        self.assertEqual(answer['code'], 2)
        self.assertIn('requst', answer['message'])
        self.assertEqual(self.state(), 'ready')
        start = {'testcase-path': case, 'spawn-count': 10, 'spawn-rate': 100}
        self.assertEqual(self.call('POST', '/start', start), {'code': 0, 'message': 'success'})
        self.assertEqual(self.call('POST', '/start', start)['message'], 'already started')
        wait_for(lambda: self.state() == 'running', 'running')
        self.call('POST', '/rebalance', {'spawn-count': 16, 'spawn-rate': 100})
        wait_for(lambda: self.call('GET', '/master')['data']['current_users'] == 16, '16 users')
        rows = self.call('GET', '/workers')['data']
        self.assertEqual([r['user_count'] for r in rows], [8, 8])
        for body in ({'ramp-up': '2s'}, {'spawn-count': 20, 'ramp-up': '2s'}):
            self.assertEqual(self.call('POST', '/rebalance', body), {
                'code': 2, 'message': "'ramp-up' cannot be changed while the run is on"})
        self.assertEqual(self.call('GET', '/master')['data']['target_users'], 16)
        self.call('POST', '/rebalance', {'spawn-count': 3, 'spawn-rate': 100})
        wait_for(lambda: self.call('GET', '/master')['data']['current_users'] == 3, '3 users')
        wait_for(lambda: 'boom_http_requests_total' in http('GET', self.api + '/metrics')[1],
                 'the metrics of an interval')
        self.assertEqual(self.call('GET', '/stop')['code'], 0)
        wait_for(lambda: self.state() == 'stopped', 'stopped')
        result = json.loads(http('GET', self.api + '/stats')[1])
        self.assertEqual(result['run']['state'], 'stopped')
        self.assert_counts_agree(result)
        # A second run starts from zero.
        http('GET', self.target + '/__reset')
        self.call('POST', '/start', {'testcase-path': case, 'spawn-count': 2, 'loop-count': 5})
        wait_for(lambda: self.state() == 'stopped', 'the loops are done')
        result = json.loads(http('GET', self.api + '/stats')[1])
        self.assertEqual(result['iterations']['finished'], 10)
        self.assert_counts_agree(result)
        self.assertEqual(self.call('GET', '/quit')['code'], 0)
        self.assertEqual(self.master.wait(10), 0)
        for worker in workers:
            self.assertEqual(worker.wait(10), 0)


main()
