"""Hostile strangers at both ports while a run is on: it ends unharmed, and they are named."""
import json
import os
import random
import socket

from harness import BoomTest, free_port, http, main, wait_for

TOKEN = 'open-sesame-please'
IDLE = 500


class Strangers(BoomTest):
    def start_run(self, *options):
        self.start_target()
        self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/delay/5'}}])
        self.port, self.api_port = free_port(), free_port()
        self.api = f'http://127.0.0.1:{self.api_port}'
        self.worker = self.spawn('--worker', '--master-port', self.port, '--name', 'w0',
                                 '--token', TOKEN)
        self.master = self.spawn('--master', '--auto-start', 'case.yml', '--master-bind-host',
                                 '127.0.0.1', '--master-bind-port', self.port,
                                 '--master-http-address', f'127.0.0.1:{self.api_port}', '--token',
                                 TOKEN, '--out', 'json=result.json', '-u', 5, '--max-rps', 200,
                                 *options)
        wait_for(lambda: self.target_stats()['requests'] > 20, 'load', 60)

    def ask(self, method, path, body=None, token=TOKEN):
        return http(method, self.api + path, body, {'Authorization': 'Bearer ' + token})

    def refused(self):
        row = json.loads(self.ask('GET', '/master')[1])['data']
        self.assertEqual(row['workers'], 1)
        reasons = {r['reason'].split(':')[0]: r['count'] for r in row['refused']}
        self.assertGreaterEqual(row['refused_count'], sum(reasons.values()))
        return reasons

    def connect(self, port, data=b''):
        s = socket.create_connection(('127.0.0.1', port), 20)
        s.settimeout(0.5)
        self.addCleanup(s.close)
        try:
            s.sendall(data)
        except OSError:
            pass  # it was thrown out: as it should
        return s

    def knock(self, rng):
        # ZMTP 3.0, mechanism NULL, where CURVE is wanted; a READY frame follows at once.
        greeting = (b'\xff' + bytes(8) + b'\x7f\x03\x00' + b'NULL'.ljust(20, b'\0') + bytes(32))
        self.connect(self.port, greeting + b'\x04\x19\x05READY\x0bSocket-Type\0\0\0\x06DEALER')
        for size in (1, 7, 64, 1000, 100_000):
            self.connect(self.port, rng.randbytes(size))
            self.connect(self.api_port, rng.randbytes(size))
        self.connect(self.api_port, b'POST /start HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n')
        self.connect(self.api_port, b'GET /' + b'a' * 100_000 + b' HTTP/1.1\r\n\r\n')
        self.connect(self.api_port, b'POST /stop HTTP/1.1\r\nHost: 127.0.0.1\r\n'
                                    b'Content-Length: -5\r\n\r\n')
        for path in ('/stop', '/quit', '/workers/w0/stop'):
            self.assertEqual(self.ask('POST', path, '{}', 'not-the-token')[0], 401)
            self.assertEqual(http('POST', self.api + path, '{}')[0], 401)
        self.assertEqual(self.ask('POST', '/start', '{"a":' * 50_000)[0], 200)
        self.assertEqual(self.ask('POST', '/start', b'x' * (2 << 20))[0], 413)

    def test_the_run_is_unharmed_and_strangers_are_counted(self):
        seed = random.SystemRandom().getrandbits(32)
        print('seed', seed)
        self.start_run('-d', '15s')
        wrong = self.spawn('--worker', '--master-port', self.port, '--token', 'another-secret')
        without = self.spawn('--worker', '--master-port', self.port)
        self.knock(random.Random(seed))
        slow = [self.connect(self.api_port, b'GET /master HTTP/1.1\r\nHost: 127.0.0.1\r\n')
                for _ in range(20)]
        idle = [self.connect(port) for port in (self.port, self.api_port)
                for _ in range(IDLE // 2)]
        for s in slow:
            try:
                s.sendall(b'X-A: b\r\n')
            except OSError:
                pass
        for reason, least in (('no handshake', 1), ('no valid token for the HTTP API', 6),
                              ('the body of a request is too large', 1),
                              ('malformed or oversized request', 1)):
            wait_for(lambda: self.refused().get(reason, 0) >= least, reason, 60)
        self.assertTrue(idle)
        self.assertEqual(self.master.wait(60), 0, self.master.errors())
        result = self.result()
        self.assert_counts_agree(result)
        self.assertEqual(result['run']['state'], 'finished')
        self.assertFalse(result['run']['degraded'])
        self.assertEqual(result['total']['failures'], 0)
        self.assertTrue([n for n in result['run']['notes'] if 'were refused' in n])
        # Each kind is told once, however often it came.
        log = self.master.errors()
        self.assertEqual(log.count('no valid token for the HTTP API'), 1, log)
        for process in (wrong, without):
            self.assertIsNone(process.poll())
        for text in (log, self.worker.errors(), json.dumps(result)):
            self.assertNotIn(TOKEN, text)

    def test_start_stays_in_the_masters_folder(self):
        self.start_target()
        inside = self.folder / 'home'
        inside.mkdir()
        (inside / 'sub').mkdir()
        outside = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        (inside / 'sub' / 'case.yml').write_text(outside.read_text())
        os.symlink(outside, inside / 'link.yml')

        def master(*options):
            self.port, self.api_port = free_port(), free_port()
            self.api = f'http://127.0.0.1:{self.api_port}'
            process = self.spawn('--master', '--master-bind-port', self.port,
                                 '--master-http-address', f'127.0.0.1:{self.api_port}', *options,
                                 folder=inside)
            self.spawn('--worker', '--master-port', self.port, '--name', 'w0')
            wait_for(joined, 'the worker joined', 60)
            return process

        def joined():
            try:
                return json.loads(http('GET', self.api + '/workers')[1])['data']
            except OSError:
                return False

        def start(path):
            return json.loads(http('POST', self.api + '/start', json.dumps(
                {'testcase-path': path, 'loop-count': 1}))[1])

        master()
        for path in ('../case.yml', str(outside), 'link.yml', 'sub/../../case.yml', '/etc/passwd',
                     'sub/case.yml,../case.yml', '..'):
            answer = start(path)
            self.assertEqual(answer['code'], 2, path)
            self.assertIn("outside of the master's folder", answer['message'], path)
            self.assertNotIn('root:', answer['message'])
        self.assertEqual(self.target_stats()['requests'], 0)
        self.assertEqual(start('sub/case.yml')['code'], 0)
        master('--any-testcase-path')
        self.assertEqual(start('../case.yml')['code'], 0)
        wait_for(lambda: self.target_stats()['requests'] == 2, 'both ran', 60)

    def test_the_join_command_can_be_typed_elsewhere(self):
        port = free_port()
        master = self.spawn('--master', '--master-bind-port', port, '--master-http-address',
                            'none', '--token', TOKEN)
        line = wait_for(lambda: [x for x in master.errors().splitlines() if 'join=' in x],
                        'the command is printed', 60)[0]
        words = line.split('join="')[1].split('"')[0].split()
        self.assertEqual(words[0], 'BOOM_TOKEN=…')
        host = words[words.index('--master-host') + 1]
        self.assertNotIn(host, ('0.0.0.0', '::', ''))
        socket.create_connection((host, port), 20).close()
        self.assertNotIn(TOKEN, master.errors())
        worker = self.spawn('--worker', '--master-host', host, '--master-port', port, '--token',
                            TOKEN)
        wait_for(lambda: 'joined' in master.errors(), 'a worker joins by it', 60)
        self.assertIsNone(worker.poll())
        for process in (master, worker):
            with open(f'/proc/{process.pid}/cmdline') as title:
                self.assertNotIn(TOKEN, title.read())


main()
