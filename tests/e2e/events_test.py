"""The event stream of a master, its limits, and that open pages delay nobody."""
import base64
import json
import socket
import time
from http.client import HTTPConnection

from harness import BoomTest, free_port, http, main, wait_for


class Stream:
    """Reads server-sent events; one connection."""

    def __init__(self, port, last_id=None, query=''):
        self.connection = HTTPConnection('127.0.0.1', port, timeout=30)
        headers = {'Last-Event-ID': last_id} if last_id else {}
        self.connection.request('GET', '/events' + query, headers=headers)
        self.answer = self.connection.getresponse()
        self.messages = []

    def next(self):
        """The next message as (kind, id, data); None at the end of the stream."""
        fields = {}
        while True:
            line = self.answer.readline().decode().rstrip('\n')
            if not line:
                if 'data' in fields:
                    message = (fields.get('event'), fields.get('id'), json.loads(fields['data']))
                    self.messages.append(message)
                    return message
                if self.answer.isclosed():
                    return None
                fields = {}
            elif not line.startswith(':'):
                name, _, value = line.partition(': ')
                fields[name] = value

    def until(self, accept):
        while True:
            message = self.next()
            if message is None or accept(message):
                return message

    def close(self):
        self.answer.close()
        self.connection.close()


class Events(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()
        self.port, worker_port = free_port(), free_port()
        self.api = f'http://127.0.0.1:{self.port}'
        self.master = self.spawn('--master', '--master-bind-host', '127.0.0.1',
                                 '--master-bind-port', worker_port, '--master-http-address',
                                 self.api)
        self.workers = [self.spawn('--worker', '--master-port', worker_port) for _ in range(2)]
        wait_for(lambda: self.is_ready(), 'two workers')
        self.steps = str(self.case([{'name': 'd', 'request': {'method': 'GET',
                                                              'url': '/delay/20'}}]))

    def is_ready(self):
        try:
            return self.get('/master')['data']['workers'] == 2
        except OSError:
            return False

    def get(self, path):
        return json.loads(http('GET', self.api + path)[1])

    def post(self, path, body=None):
        return json.loads(http('POST', self.api + path, json.dumps(body or {}))[1])

    def start(self, **more):
        answer = self.post('/start', {'testcase-path': self.steps, 'spawn-count': 10, **more})
        self.assertEqual(answer['code'], 0, answer)

    def test_intervals_add_up_to_the_result(self):
        stream = Stream(self.port)
        self.assertEqual(stream.answer.getheader('Content-Type'),
                         'text/event-stream; charset=utf-8')
        self.start(**{'run-time': '4s'})
        wait_for(lambda: self.get('/master')['data']['state_name'] == 'stopped', 'the end')
        result = self.get('/stats')
        self.assert_counts_agree(result)
        seen = 0
        while seen < result['total']['requests']:
            kind, number, data = stream.next()
            if kind == 'interval':
                seen += data['requests']
                self.assertEqual(sum(count for _, count in data['heat']),
                                 data['response_time_us']['count'])
                base64.b64decode(data['response_time_us']['hdr'], validate=True)
                self.assertEqual(data['p50_us'], data['response_time_us']['p50'])
        self.assertEqual(seen, result['total']['requests'])
        kinds = [message[0] for message in stream.messages]
        self.assertEqual(kinds[:2], ['run', 'event'])
        events = [data for kind, _, data in stream.messages if kind == 'event']
        self.assertEqual(events, result['events'][:len(events)])
        numbers = [int(i) for kind, i, _ in stream.messages if kind == 'interval']
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        # The same again, from the history, in one go and from every place in between.
        ids = [message[1] for message in stream.messages]
        for place in (None, *ids[:-1]):
            again = Stream(self.port, place, '?hdr=0')
            expected = ids[ids.index(place) + 1:] if place else ids
            for number in expected:
                _, found, data = again.next()
                self.assertEqual(found, number)
                self.assertNotIn('hdr', data.get('response_time_us', {}))
            again.close()
        lost = Stream(self.port, '77777')
        self.assertEqual(lost.next()[0], 'reload')
        self.assertIsNone(lost.next())
        lost.close()
        stream.close()

    def test_open_pages_delay_nobody(self):
        streams = [Stream(self.port, query='?hdr=0') for _ in range(50)]
        # Five that ask and then read nothing at all.
        silent = []
        for _ in range(5):
            s = socket.create_connection(('127.0.0.1', self.port))
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.sendall(b'GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
            silent.append(s)
        self.start()
        for stream in streams:
            stream.until(lambda message: message[0] == 'interval')
        began = time.monotonic()
        self.assertEqual(self.post('/stop')['code'], 0)
        self.assertLess(time.monotonic() - began, 10)  # a thread per page would wait for minutes
        for stream in streams:
            found = stream.until(lambda message: message[0] == 'event'
                                 and message[2]['kind'] == 'stop')
            self.assertIsNotNone(found)
            stream.close()
        # Open streams do not keep the master.
        self.assertEqual(self.post('/quit')['code'], 0)
        self.assertEqual(self.master.wait(10), 0)
        for s in silent:
            s.close()

    def test_cases_and_plan(self):
        (self.folder / 'sub').mkdir()
        self.case([{'request': {'method': 'GET', 'url': '/get'}}], 'sub/two.yml')
        secret = self.folder.parent / (self.folder.name + '-secret.yml')
        secret.write_text('teststeps: []')
        try:
            self.assertEqual([row['path'] for row in self.get('/cases')['data']],
                             ['case.yml', 'sub/two.yml'])
            self.assertIn('teststeps', http('GET', self.api + '/cases/sub/two.yml')[1])
            for path in ('../' + secret.name, '%2e%2e/' + secret.name, '..%2f' + secret.name,
                         str(secret), '%2fetc%2fpasswd', 'sub/../../' + secret.name, 'sub', '%00'):
                self.assertEqual(http('GET', self.api + '/cases/' + path)[0], 404, path)
        finally:
            secret.unlink()
        plan = self.post('/plan', {'testcase-path': 'case.yml', 'spawn-count': 40,
                                   'spawn-rate': 10, 'run-time': '10s'})
        self.assertEqual(plan['data'], {'unit': 'users', 'duration_s': 10.0, 'points': [
            {'t_s': 0.0, 'target': 0.0}, {'t_s': 4.0, 'target': 40.0},
            {'t_s': 10.0, 'target': 40.0}]})
        self.assertEqual(self.post('/plan', {'testcase-path': 'none.yml'})['code'], 2)
        self.assertEqual(self.get('/master')['data']['state_name'], 'ready')

    def test_the_brief_result_has_the_figures_of_the_whole(self):
        case = self.case([{'name': 'd', 'request': {'method': 'GET', 'url': '/delay/20'}},
                          {'name': 'bad', 'request': {'method': 'GET', 'url': '/status/500'}},
                          {'name': 'never', 'request': {'method': 'GET', 'url': '/get'}}])
        self.start(**{'testcase-path': str(case)})
        self.get('/stats?brief=1')
        brief = wait_for(lambda: (self.get('/stats?brief=1')['interval'] or {}).get('steps'),
                         'an interval')
        # Every known step is in every interval, zeros included.
        self.assertEqual([step['name'] for step in brief], ['d', 'bad', 'never', 'Action'])
        self.assertEqual(brief[2]['requests'], 0)
        self.post('/stop')
        wait_for(lambda: self.get('/master')['data']['state_name'] == 'stopped', 'the end')
        whole, brief = self.get('/stats'), self.get('/stats?brief=1')
        for part in ('run', 'events', 'errors', 'iterations', 'workers', 'connections'):
            self.assertEqual(brief[part], whole[part])
        self.assertEqual(brief['timeline'], [])
        self.assertEqual(brief['total']['requests'], whole['total']['requests'])


class LocalRun(BoomTest):
    def test_a_local_run_serves_the_api_where_it_is_asked_to(self):
        self.start_target()
        port = free_port()
        run = self.spawn(self.target + '/delay/20', '-u', 5, '--http-address',
                         f'127.0.0.1:{port}')
        api = f'http://127.0.0.1:{port}'

        def requests():
            try:
                return json.loads(http('GET', api + '/stats')[1])['total']['requests']
            except OSError:
                return 0
        wait_for(lambda: requests() > 10, 'live figures')
        self.assertEqual(http('GET', api + '/')[0], 200)
        self.assertEqual(json.loads(http('POST', api + '/stop', '')[1])['code'], 0)
        self.assertEqual(run.wait(20), 0, run.errors())


main()
