"""The endpoints of `boom target` through real sockets."""

import base64
import gzip
import hashlib
import json
import socket
import subprocess
import time
import unittest
import zlib

from harness import main
from target_harness import TargetTest, digest_answer, multipart, read_all


class Mirror(TargetTest):
    def test_methods_say_what_came(self):
        for method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE'):
            body = None if method == 'GET' else '{"a": [1, null]}'
            status, seen = self.ask_json(method, f'/{method.lower()}?x=1&y=a%20b&x=2', body,
                                         {'Content-Type': 'application/json', 'X-One': '1'})
            self.assertEqual(status, 200)
            self.assertEqual(seen['args'], {'x': ['1', '2'], 'y': 'a b'})
            self.assertEqual(seen['headers']['x-one'], '1')
            self.assertEqual(seen['json'], json.loads(body) if body else None)
            self.assertEqual(seen['url'], f'{self.target}/{method.lower()}?x=1&y=a%20b&x=2')

    def test_wrong_methods_and_paths(self):
        status, headers, _ = self.ask('POST', '/get', '')
        self.assertEqual((status, headers['allow']), (405, 'GET, HEAD'))
        self.assertEqual(self.ask('GET', '/nowhere')[0], 404)
        self.assertEqual(self.ask('GET', '/get/more')[0], 404)
        status, headers, body = self.ask('HEAD', '/get')
        self.assertEqual((status, body), (200, b''))
        self.assertGreater(int(headers['content-length']), 0)

    def test_forms_texts_and_uploads_as_postman_echo(self):
        form = {'Content-Type': 'application/x-www-form-urlencoded'}
        seen = self.ask_json('POST', '/post', 'a=1&b=x+y&b=z', form)[1]
        self.assertEqual(seen['form'], {'a': '1', 'b': ['x y', 'z']})
        self.assertEqual((seen['json'], seen['data']), (seen['form'], ''))
        seen = self.ask_json('POST', '/post', 'plain "text"', {'Content-Type': 'text/plain'})[1]
        self.assertEqual((seen['data'], seen['json'], seen['form']), ('plain "text"', None, {}))
        seen = self.ask_json('POST', '/post', b'\xff\x00', {'Content-Type': 'x/y'})[1]
        self.assertEqual(seen['data'], 'data:application/octet-stream;base64,/wA=')
        body, kind = multipart([('a', None, None, b'1'), ('g', 'y.bin', None, b''),
                                ('f', 'x.bin', 'x/y', b'\0\r\n--x')])
        seen = self.ask_json('POST', '/post', body, {'Content-Type': kind})[1]
        self.assertEqual(seen['form'], {'a': '1'})
        content = base64.b64encode(b'\0\r\n--x').decode()
        self.assertEqual(seen['files'], {'x.bin': 'data:x/y;base64,' + content,
                                         'y.bin': 'data:application/octet-stream;base64,'})
        for text in ('{"a":', '{"a":1} x', '{a:1}'):
            self.assertEqual(self.ask('POST', '/post', text,
                                      {'Content-Type': 'application/json'})[0], 400)

    def test_upload_digests_what_came(self):
        big = bytes(range(256)) * 4000
        body, kind = multipart([('note', None, None, b'hi'), ('file', 'ä "q".bin', None, big),
                                ('empty', 'e.txt', 'text/plain', b'')])
        body = body.replace('ä "q"'.encode(), 'ä \\"q\\"'.encode())
        status, seen = self.ask_json('POST', '/upload', body, {'Content-Type': kind})
        self.assertEqual(status, 200)
        self.assertEqual(seen['fields'], {'note': 'hi'})
        self.assertEqual([f['filename'] for f in seen['files']], ['ä "q".bin', 'e.txt'])
        self.assertEqual(seen['files'][0]['size'], len(big))
        self.assertEqual(seen['files'][0]['sha256'], hashlib.sha256(big).hexdigest())
        self.assertEqual(seen['files'][1]['size'], 0)
        self.assertEqual(self.ask_json('PUT', '/upload', big)[1],
                         {'size': len(big), 'sha256': hashlib.sha256(big).hexdigest()})
        self.assertEqual(self.ask('POST', '/upload', body[:-4], {'Content-Type': kind})[0], 400)
        self.assertEqual(self.ask('GET', '/upload')[0], 405)

    def test_a_chunked_body_and_expect_continue(self):
        client = self.client()
        client.request('POST', '/echo', body=iter([b'one ', b'two']), encode_chunked=True,
                       headers={'Transfer-Encoding': 'chunked'})
        self.assertEqual(json.loads(client.getresponse().read())['body'], 'one two')
        connection = self.connect()
        connection.sendall(b'POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n'
                           b'Content-Length: 2\r\nConnection: close\r\n\r\n')
        self.assertEqual(connection.recv(100), b'HTTP/1.1 100 Continue\r\n\r\n')
        connection.sendall(b'ab')
        self.assertIn(b'"body":"ab"', read_all(connection))


class Forms(TargetTest):
    def test_sizes_chunks_lines_and_status(self):
        self.assertEqual(self.ask('GET', '/bytes/100000')[2], b'x' * 100000)
        status, headers, body = self.ask('GET', '/chunked/2500')
        self.assertEqual((headers['transfer-encoding'], body), ('chunked', b'x' * 2500))
        lines = self.ask('GET', '/stream/3?a=1')[2].splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         [{'id': n, 'args': {'a': '1'}} for n in range(3)])
        for status in (200, 204, 304, 404, 418, 503, 599):
            self.assertEqual(self.ask('GET', f'/status/{status}')[0], status)
        for path in ('/status/99', '/status/600', '/status/x', '/bytes/-1', '/bytes/268435457'):
            self.assertEqual(self.ask('GET', path)[0], 400)

    def test_codings(self):
        status, headers, body = self.ask('GET', '/gzip')
        self.assertEqual(headers['content-encoding'], 'gzip')
        self.assertTrue(json.loads(gzip.decompress(body))['gzipped'])
        status, headers, body = self.ask('GET', '/deflate')
        self.assertEqual(headers['content-encoding'], 'deflate')
        self.assertTrue(json.loads(zlib.decompress(body))['deflated'])
        body = self.ask('GET', '/deflate?raw=1')[2]
        self.assertTrue(json.loads(zlib.decompress(body, -15))['deflated'])

    def test_codings_that_only_curl_reads(self):
        try:
            features = subprocess.run(['curl', '--version'], capture_output=True, text=True).stdout
        except FileNotFoundError:
            self.skipTest('curl is not installed')
        for feature, path in (('brotli', '/brotli'), ('zstd', '/zstd')):
            if feature not in features:
                continue
            done = subprocess.run(['curl', '-s', '--compressed', self.target + path],
                                  capture_output=True, timeout=30)
            self.assertEqual(done.returncode, 0, path)
            self.assertTrue(json.loads(done.stdout)[feature])

    def test_response_headers(self):
        status, headers, body = self.ask('GET', '/response-headers?X-A=1&Content-Type=text/x')
        self.assertEqual((headers['x-a'], headers['content-type']), ('1', 'text/x'))
        self.assertEqual(json.loads(body), {'X-A': '1', 'Content-Type': 'text/x'})
        for query in ('X-A=1%0d%0aX-B:2', 'X%20A=1', 'Content-Length=5', '=1'):
            self.assertEqual(self.ask('GET', '/response-headers?' + query)[0], 400)


class Sessions(TargetTest):
    def test_cookies(self):
        status, headers, _ = self.ask('GET', '/cookies/set?a=1')
        self.assertEqual((status, headers['location']), (302, '/cookies'))
        self.assertEqual(headers['set-cookie'], 'a=1; Path=/')
        self.assertEqual(self.ask('GET', '/cookies/set/b/2')[1]['set-cookie'], 'b=2; Path=/')
        self.assertIn('Max-Age=0', self.ask('GET', '/cookies/delete?a')[1]['set-cookie'])
        self.assertEqual(self.ask_json('GET', '/cookies', headers={'Cookie': 'a=1; b="x=y"'})[1],
                         {'cookies': {'a': '1', 'b': '"x=y"'}})
        self.assertEqual(self.ask('GET', '/cookies/set?a=1%0d%0ab')[0], 400)

    def test_redirects(self):
        self.assertEqual(self.ask('GET', '/redirect/3')[1]['location'], '/redirect/2')
        self.assertEqual(self.ask('GET', '/redirect/1')[1]['location'], '/get')
        self.assertEqual(self.ask('GET', '/redirect')[1]['location'], '/get')
        self.assertEqual(self.ask('GET', '/absolute-redirect/2')[1]['location'],
                         self.target + '/absolute-redirect/1')
        status, headers, _ = self.ask('GET', '/redirect-to?url=/x%3Fy&status_code=307')
        self.assertEqual((status, headers['location']), (307, '/x?y'))
        for path in ('/redirect/0', '/redirect/x', '/redirect-to', '/redirect-to?url=a%0d%0ab',
                     '/redirect-to?url=/&status_code=200'):
            self.assertEqual(self.ask('GET', path)[0], 400)

    def test_basic_and_bearer(self):
        def basic(text):
            return {'Authorization': 'Basic ' + base64.b64encode(text.encode()).decode()}
        status, headers, _ = self.ask('GET', '/basic-auth/me/pass')
        self.assertEqual((status, headers['www-authenticate']), (401, 'Basic realm="boom"'))
        self.assertEqual(self.ask('GET', '/basic-auth/me/pass', headers=basic('me:no'))[0], 401)
        self.assertEqual(self.ask_json('GET', '/basic-auth/me/pass', headers=basic('me:pass')),
                         (200, {'authenticated': True, 'user': 'me'}))
        self.assertEqual(self.ask('GET', '/basic-auth', headers=basic('postman:password'))[0], 200)
        self.assertEqual(self.ask('GET', '/bearer')[0], 401)
        self.assertEqual(self.ask_json('GET', '/bearer', headers={'Authorization': 'Bearer t'})[1],
                         {'authenticated': True, 'token': 't'})

    def test_digest(self):
        for path, user, password in (
                ('/digest-auth', 'postman', 'password'),
                ('/digest-auth/auth/u/p?x=1', 'u', 'p'),
                ('/digest-auth/none/u/p', 'u', 'p'),
                ('/digest-auth/auth/u/p/SHA-256', 'u', 'p')):
            status, headers, _ = self.ask('GET', path)
            self.assertEqual(status, 401)
            challenge = headers['www-authenticate']
            for given, expected in ((password, 200), ('wrong', 401)):
                answer = digest_answer(challenge, 'GET', path, user, given)
                self.assertEqual(self.ask('GET', path, headers={'Authorization': answer})[0],
                                 expected, path)
        stolen = digest_answer(challenge, 'GET', '/other', 'u', 'p')
        self.assertEqual(self.ask('GET', path, headers={'Authorization': stolen})[0], 401)
        self.assertEqual(self.ask('GET', '/digest-auth/auth/u')[0], 404)

    def test_login_and_once(self):
        token = self.ask_json('POST', '/login', '')[1]['token']
        bearer = {'Authorization': 'Bearer ' + token}
        self.assertEqual(self.ask('GET', '/me', headers=bearer)[0], 200)
        self.assertEqual(self.ask('GET', '/me', headers={'Authorization': 'Bearer x'})[0], 401)
        answers = [self.ask('GET', f'/once?token={t}')[0] for t in ('b', 'a', 'b', 'c')]
        self.assertEqual(answers, [200, 200, 409, 200])
        self.assertEqual(self.ask('GET', '/once')[0], 400)
        self.assertEqual(self.stats()['once'],
                         {'tokens': 3, 'order': ['b', 'a', 'c'], 'repeats': 1})


class Faults(TargetTest):
    def test_refusals_are_counted_and_the_connection_ends(self):
        for data, status in ((b'nonsense\r\n\r\n', 400),
                             (b'GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n'
                              b'Transfer-Encoding: chunked\r\n\r\n', 400),
                             (b'GET / HTTP/2.0\r\n\r\n', 505),
                             (b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n'
                              + b'x' * 100000, 413)):
            answer = self.raw(data)
            self.assertTrue(answer.startswith(f'HTTP/1.1 {status} '.encode()), answer)
            self.assertIn(b'Connection: close\r\n', answer)
        stats = self.stats()
        self.assertEqual(stats['refused'], {'400': 2, '413': 1, '505': 1})
        self.assertEqual(stats['requests'], 0)

    def test_pipelined_requests_are_answered_in_order(self):
        paths = [b'/status/201', b'/delay/50', b'/bytes/3', b'/close']
        answer = self.raw(b''.join(b'GET %s HTTP/1.1\r\nHost: h\r\n\r\n' % p for p in paths))
        order = [answer.index(t) for t in (b' 201 Created', b'delay_ms', b'xxx',
                                           b'Connection: close')]
        self.assertEqual(order, sorted(order))

    def test_delay_is_never_early(self):
        begin = time.monotonic()
        self.assertEqual(self.ask('GET', '/delay/100')[0], 200)
        self.assertGreaterEqual(time.monotonic() - begin, 0.1)
        for path in ('/delay', '/delay/x', '/delay?dist=nothing', '/delay?dist=uniform:2ms,1ms'):
            self.assertEqual(self.ask('GET', path)[0], 400)

    def test_drawn_delays_are_remembered(self):
        client = self.client()
        drawn = [self.ask_json('GET', '/delay?dist=uniform:1ms,3ms', client=client)[1]['delay_us']
                 for _ in range(20)]
        seen = self.ask_json('GET', '/__delays?values=1')[1]
        self.assertEqual(seen['count'], 20)
        self.assertEqual([ns // 1000 for ns in seen['drawn_ns']], drawn)
        self.assertTrue(all(held >= wanted for held, wanted in
                            zip(seen['held_ns'], seen['drawn_ns'])))
        self.assertEqual(seen['drawn_us']['p50'], sorted(seen['drawn_ns'])[9] / 1000)
        self.assertNotIn('drawn_ns', self.ask_json('GET', '/__delays')[1])

    def test_flaky_fails_with_the_exact_share(self):
        client = self.client()
        got = [self.ask('GET', '/flaky?ratio=0.25&status=503', client=client)[0]
               for _ in range(40)]
        self.assertEqual((got.count(503), got.count(200)), (10, 30))
        self.assertEqual(self.ask('GET', '/flaky?ratio=2')[0], 400)

    def test_close_reset_and_hang(self):
        answer = self.raw(b'GET /close HTTP/1.1\r\nHost: h\r\n\r\n')
        self.assertIn(b'Connection: close\r\n', answer)
        connection = self.connect()
        connection.sendall(b'GET /reset HTTP/1.1\r\nHost: h\r\n\r\n')
        with self.assertRaises(ConnectionResetError):
            connection.recv(1)
        connection = self.connect()
        connection.sendall(b'GET /hang HTTP/1.1\r\nHost: h\r\n\r\n')
        connection.settimeout(0.3)
        with self.assertRaises(socket.timeout):
            connection.recv(1)

    def test_drip_and_pieces(self):
        self.assertEqual(self.ask('GET', '/drip?bytes=5&ms=50')[2], b'*****')
        for size in (1, 7, 1000):
            status, _, body = self.ask('GET', f'/stream/5?__piece={size}&__pace=10us')
            self.assertEqual((status, len(body.splitlines())), (200, 5))
        self.assertEqual(self.ask('GET', '/get?__piece=0')[0], 400)

    def test_nobody_is_answered_in_a_stall(self):
        begin = time.monotonic()
        self.assertEqual(self.ask('GET', '/stall?ms=400&after_ms=0')[0], 200)
        self.assertGreaterEqual(time.monotonic() - begin, 0.4)
        begin = time.monotonic()
        self.ask('GET', '/stall?ms=500&after_ms=300')
        asked = time.monotonic()
        while time.monotonic() - asked < 0.35:
            time.sleep(0.01)
        self.stats()  # the counters answer in between
        self.ask('GET', '/get')
        self.assertGreaterEqual(time.monotonic() - begin, 0.8)


class Hostile(TargetTest):
    def test_every_kind_ends_or_is_endless(self):
        kinds = self.ask_json('GET', '/hostile')[1]
        self.assertGreater(sum(kinds.values()), 20)
        self.assertGreater(len(kinds) - sum(kinds.values()), 30)
        for kind, is_legal in kinds.items():
            connection = self.connect()
            connection.sendall(f'GET /hostile/{kind} HTTP/1.1\r\nHost: h\r\n\r\n'.encode())
            data = b''
            try:
                while len(data) < 3_000_000:
                    piece = connection.recv(65536)
                    if not piece:
                        break
                    data += piece
                    # Some leave the connection open: there is nothing to wait for.
                    connection.settimeout(30 if kind.startswith('endless') else 0.05)
            except (socket.timeout, ConnectionResetError):
                pass
            with self.subTest(kind):
                self.assertEqual(len(data) >= 3_000_000, kind.startswith('endless'))
                if is_legal:
                    self.assertTrue(data.startswith(b'HTTP/1.'), data)
        self.assertEqual(self.ask('GET', '/hostile/none')[0], 404)

    def test_legal_answers_are_understood_by_an_independent_client(self):
        kinds = self.ask_json('GET', '/hostile')[1]
        for kind in (k for k, is_legal in kinds.items() if is_legal):
            if kind in ('interim-103',):  # http.client knows only 100
                continue
            for query in ('', '?__piece=1&__pace=10us'):
                if query and kind in ('long-field', 'many-chunks'):
                    continue
                with self.subTest(kind + query):
                    status, _, body = self.ask('GET', f'/hostile/{kind}{query}')
                    expected = b'h' * 10000 if kind == 'many-chunks' else \
                        b'' if status in (204, 304, 404) else b'hello'
                    self.assertEqual(body, expected)


if __name__ == '__main__':
    main()
