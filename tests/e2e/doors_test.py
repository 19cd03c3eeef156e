"""Closed doors of the control API: token, TLS, limits, other sites."""
import json
import shutil
import socket
import ssl
import subprocess
import unittest
import urllib.request

from harness import BoomTest, free_port, http, main, wait_for

TOKEN = 'a-secret~token/1'


class Doors(BoomTest):
    def start_master(self, *options, scheme='http'):
        self.port = free_port()
        self.api = f'{scheme}://127.0.0.1:{self.port}'
        self.master = self.spawn('--master', '--master-bind-host', '127.0.0.1',
                                 '--master-bind-port', free_port(), '--master-http-address',
                                 f'127.0.0.1:{self.port}', *options)
        wait_for(self.is_listening, 'the API listens')

    def is_listening(self):
        self.assertIsNone(self.master.poll(), self.master.errors())
        try:
            socket.create_connection(('127.0.0.1', self.port), 1).close()
            return True
        except OSError:
            return False

    def status(self, path, method='GET', **headers):
        return http(method, self.api + path, None,
                    {name.replace('_', '-'): value for name, value in headers.items()})[0]

    def test_a_token_is_needed_for_all_but_the_page_and_health(self):
        self.start_master('--token', TOKEN)
        for path in ('/', '/healthz', '/page/app.js'):
            self.assertIn(self.status(path), (200, 404), path)
        for path in ('/master', '/workers', '/stats', '/events', '/metrics', '/cases', '/runs',
                     '/stop', '/quit', '/nowhere'):
            self.assertEqual(self.status(path), 401, path)
            self.assertEqual(self.status(path, Authorization='Bearer wrong-token'), 401, path)
            self.assertEqual(self.status(path + '?token=' + TOKEN), 401, path)
        self.assertEqual(self.status('/start', 'POST'), 401)
        self.assertEqual(self.status('/master', Authorization='Bearer ' + TOKEN), 200)
        # A token that is known says nothing of who made the browser send it.
        self.assertEqual(self.status('/stop', Authorization='Bearer ' + TOKEN,
                                     Origin='http://evil.example'), 403)
        self.assertIsNone(self.master.poll())
        self.assertEqual(self.status('/quit', 'POST', Authorization='Bearer ' + TOKEN), 200)
        self.assertEqual(self.master.wait(10), 0)
        self.assertNotIn(TOKEN, self.master.errors())

    def test_a_token_comes_from_a_file_too(self):
        path = self.write('token.txt', TOKEN + '\n# the team\'s\n')
        self.start_master('--token-file', path)
        self.assertEqual(self.status('/master'), 401)
        self.assertEqual(self.status('/master', Authorization='Bearer ' + TOKEN), 200)

    def test_bad_tokens_and_keys_are_refused(self):
        path = self.write('empty.txt', '\n')
        for options, words in (
                (['--token', 'short'], '8 to 128'), (['--token', 'has a space'], '8 to 128'),
                (['--token', 'x' * 129], '8 to 128'), (['--token-file', path], 'holds no token'),
                (['--token-file', '/nowhere'], 'cannot read'),
                (['--http-cert', path], 'go together'),
                (['--http-cert', path, '--http-key', path], 'is no PEM')):
            done = self.run_boom('--master', '--master-bind-port', free_port(),
                                 '--master-http-address', 'none', *options)
            self.assertEqual(done.returncode, 104, options)
            self.assertIn(words, done.errors())
            self.assertNotIn('has a space', done.errors())

    def test_secrets_of_a_run_are_in_no_log_and_no_report(self):
        self.start_target()
        secrets = ('s3cr3t-header', 's3cr3t-variable', 's3cr3t-cookie')
        done = self.run_boom(
            self.target + '/echo', '-i', 1, '-H', 'Authorization: Bearer s3cr3t-header',
            '-H', 'Cookie: sid=s3cr3t-cookie', '-e', 'db_password=s3cr3t-variable',
            *(word for kind in ('json', 'html', 'csv', 'junit')
              for word in ('--out', f'{kind}=result.{kind}')))
        self.assertEqual(done.returncode, 0, done.errors())
        said = done.errors() + done.output() + ''.join(
            path.read_text() for path in self.folder.glob('result.*'))
        self.assertIn('Authorization:***', said)
        for secret in secrets:
            self.assertNotIn(secret, said)

    def test_answers_say_what_a_browser_may_do_with_them(self):
        self.start_master()
        for path in ('/', '/master'):
            with urllib.request.urlopen(self.api + path) as answer:
                policy = answer.headers['Content-Security-Policy']
                self.assertIn("default-src 'none'", policy)
                self.assertIn("frame-ancestors 'none'", policy)
                self.assertNotIn('unsafe', policy)
                self.assertEqual(answer.headers['X-Content-Type-Options'], 'nosniff')
        for headers in ({'Origin': 'http://evil.example'}, {'Sec_Fetch_Site': 'cross-site'},
                        {'Host': 'evil.example'}, {'User_Agent': 'Mozilla/5.0'}):
            self.assertEqual(self.status('/quit', **headers), 403, headers)
        self.assertIsNone(self.master.poll())

    @unittest.skipUnless(shutil.which('openssl'), 'the program openssl is not installed')
    def test_tls(self):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem', '-out',
                        'cert.pem', '-days', '2', '-subj', '/CN=localhost', '-addext',
                        'subjectAltName=IP:127.0.0.1'], cwd=self.folder, check=True,
                       capture_output=True)
        self.start_master('--http-cert', self.folder / 'cert.pem', '--http-key',
                          self.folder / 'key.pem', '--token', TOKEN, scheme='https')
        trust = ssl.create_default_context(cafile=str(self.folder / 'cert.pem'))
        request = urllib.request.Request(self.api + '/master',
                                         headers={'Authorization': 'Bearer ' + TOKEN})
        with urllib.request.urlopen(request, context=trust, timeout=10) as answer:
            self.assertEqual(json.load(answer)['data']['workers'], 0)
        with self.assertRaises(OSError):  # no plain HTTP beside it
            http('GET', f'http://127.0.0.1:{self.port}/healthz')

    def test_one_peer_cannot_take_all_connections(self):
        self.start_master()
        held = []
        for _ in range(450):
            s = socket.create_connection(('127.0.0.1', self.port), 5)
            s.sendall(b'GET /master HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
            held.append(s)
        # Those over the limit of one peer are closed at once, so the rest of the table stays free.
        def closed():
            count = 0
            for s in held:
                s.setblocking(False)
                try:
                    count += s.recv(1) == b''
                except BlockingIOError:
                    pass
                except OSError:
                    count += 1
            return count
        wait_for(lambda: closed() >= 50, 'the surplus is closed')
        for s in held:
            s.close()
        wait_for(lambda: self.is_answering(), 'the API answers again')

    def is_answering(self):
        try:
            return self.status('/healthz') == 200
        except OSError:
            return False


main()
