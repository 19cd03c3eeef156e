"""All HTTP engines against a real nginx, plain and TLS: the same figures, and its log's counts."""
import collections
import json
import shutil
import subprocess
import unittest

from harness import BoomTest, free_port, http, main, wait_for

NGINX = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin')
CONFIG = '''
daemon off; pid nginx.pid; error_log error.log; worker_processes 1;
events {{ worker_connections 512; }}
http {{
    log_format counted '$scheme $request_method $uri $status $server_protocol $body_bytes_sent';
    access_log access.log counted;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    keepalive_requests {keepalive};
    default_type text/plain;
    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{tls} ssl;
        listen 127.0.0.1:{h2c} http2;
        listen 127.0.0.1:{h2} ssl http2;
        ssl_certificate cert.pem; ssl_certificate_key key.pem;
        root files;
        location = /empty {{ return 204; }}
        location = /moved {{ return 302 /small.txt; }}
        location = /teapot {{ return 418 "short and stout"; }}
        location /uri/ {{ return 200 $request_uri; }}
        location = /slammed {{ return 444; }}
        location /packed/ {{ alias files/; gzip on; gzip_types *; gzip_min_length 0; }}
    }}
}}
'''
SIZES = {'zero.txt': 0, 'small.txt': 512, 'large.txt': 300_000}


@unittest.skipUnless(NGINX and shutil.which('openssl'), 'nginx and openssl are needed')
class Nginx(BoomTest):
    def start_nginx(self, keepalive=1000):
        self.ports = {kind: free_port() for kind in ('http', 'https', 'h2c', 'h2')}
        self.folder.chmod(0o755)  # nginx's workers run as somebody else
        (self.folder / 'files').mkdir()
        for name, size in SIZES.items():
            (self.folder / 'files' / name).write_bytes((b'0123456789abcdef' * size)[:size])
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
                        '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
                        '-keyout', self.folder / 'key.pem', '-out', self.folder / 'cert.pem'],
                       check=True, capture_output=True)
        self.write('nginx.conf', CONFIG.format(plain=self.ports['http'], tls=self.ports['https'],
                                               h2c=self.ports['h2c'], h2=self.ports['h2'],
                                               keepalive=keepalive))
        with open(self.folder / 'nginx.err', 'wb') as log:
            nginx = subprocess.Popen([NGINX, '-p', self.folder, '-c', 'nginx.conf'],
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)  # its workers end with it, but outlive a kill
        wait_for(self.is_up, 'nginx answers')
        wait_for(self.log, 'nginx has written its log')

    def log(self):
        return (self.folder / 'access.log').read_text().splitlines()

    def is_up(self):
        try:
            return http('GET', f'http://127.0.0.1:{self.ports["http"]}/small.txt')[0] == 200
        except OSError:
            return False

    def run_engine(self, engine, steps, *options, scheme='http', port=None,
                   users=3, loops=20, start=None):
        case = self.write('case.yml', json.dumps({
            'config': {'name': 'nginx',
                       'base_url': f'{scheme}://127.0.0.1:{self.ports[port or scheme]}'},
            'teststeps': steps}))
        before = len(self.log())
        run = (start or self.run_boom)(
            case, '-u', users, '-i', loops, '--engine', engine, '--cacert',
            self.folder / 'cert.pem', '--out', 'json=result.json', *options)
        result = self.result()
        count = result['connections']['exchanges']
        wait_for(lambda: len(self.log()) >= before + count, 'nginx has written its log')
        lines = self.log()[before:]
        self.assertEqual(len(lines), count)
        return run, result, collections.Counter(lines)

    def run_on_two_workers(self, *arguments):
        port = free_port()
        for name in ('w1', 'w2'):
            self.spawn('--worker', '--master-port', port, '--name', name)
        return self.run_boom('--master', '--auto-start', *arguments, '--master-bind-host',
                             '127.0.0.1', '--master-bind-port', port, '--master-http-address',
                             'none', '--expect-workers', 2)

    @staticmethod
    def get(path, *checks, name=None, method='GET', **request):
        return {'name': name or f'{method} {path}',
                'request': {'method': method, 'url': path, **request},
                'validate': [{'eq': list(check)} for check in checks]}

    def all_kinds(self):
        whole = '0123456789abcdef' * 32
        packed = {'headers': {'Accept-Encoding': 'gzip'}}
        return [self.get('/small.txt', ('status_code', 200), ('body', whole)),
                self.get('/zero.txt', ('status_code', 200), ('body', '')),
                self.get('/large.txt', ('headers."Content-Length"', '300000')),
                self.get('/small.txt', ('body', ''), ('status_code', 200), method='HEAD'),
                self.get('/empty', ('status_code', 204)),
                self.get('/moved', ('status_code', 200), ('body', whole)),
                self.get('/teapot', ('status_code', 418), ('body', 'short and stout')),
                self.get('/uri/straße?q=ü |%41', ('body', '/uri/stra%C3%9Fe?q=%C3%BC%20%7C%41'),
                         name='escaped'),
                # Packed on the fly: chunked, of unknown length.
                self.get('/packed/small.txt', ('body', whole), **packed),
                self.get('/packed/large.txt', ('headers."Content-Encoding"', 'gzip'), **packed),
                self.get('/small.txt', ('status_code', 206), ('body', '123'),
                         name='range', headers={'Range': 'bytes=1-3'}),
                self.get('/missing', ('status_code', 404))]

    def test_engines_say_the_same_of_plain_and_tls(self):
        self.start_nginx()
        for scheme in ('http', 'https'):
            told, logs = [], []
            for engine in ('http1', 'curl'):
                run, result, log = self.run_engine(engine, self.all_kinds(), scheme=scheme)
                self.assertEqual(run.returncode, 0, (engine, scheme, run.errors(),
                                                     result['errors']))
                told.append([(step['name'], step['requests'], step['failures'])
                             for step in result['steps']])
                logs.append(log)
                # Each user has its own, kept alive.
                self.assertEqual(result['connections']['opened'], 3, (engine, scheme))
            self.assertEqual(told[0], told[1])
            self.assertEqual(logs[0], logs[1])
            self.assertEqual(logs[0][f'{scheme} GET /large.txt 200 HTTP/1.1 300000'], 60)
            self.assertEqual(logs[0][f'{scheme} GET /moved 302 HTTP/1.1 145'], 60)

    def test_a_server_that_ends_connections_loses_nothing(self):
        self.start_nginx(keepalive=7)
        for scheme in ('http', 'https'):
            for engine in ('http1', 'curl'):
                run, result, log = self.run_engine(
                    engine, [self.get('/small.txt', ('status_code', 200))], scheme=scheme,
                    loops=70)
                self.assertEqual(run.returncode, 0, (engine, run.errors(), result['errors']))
                self.assertEqual(sum(log.values()), 210)
                self.assertEqual(result['connections']['opened'], 30)

    def test_a_connection_closed_without_an_answer_is_its_own_failure(self):
        self.start_nginx()
        for engine in ('http1', 'curl'):
            run, result, _ = self.run_engine(engine, [self.get('/slammed')], loops=5, users=1)
            self.assertEqual(run.returncode, 96, engine)
            self.assertEqual([(row['class'], row['count']) for row in result['errors']],
                             [('reset', 5)], engine)

    def test_a_certificate_that_is_not_trusted_is_refused(self):
        self.start_nginx()
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=other', '-keyout',
                        self.folder / 'other.key', '-out', self.folder / 'other.pem'],
                       check=True, capture_output=True)
        for engine in ('http1', 'curl'):
            run, result, log = self.run_engine(
                engine, [self.get('/small.txt')], '--cacert', self.folder / 'other.pem',
                scheme='https', loops=2, users=1)
            self.assertEqual(run.returncode, 96)
            self.assertEqual([row['class'] for row in result['errors']], ['tls'], engine)
            self.assertEqual(sum(log.values()), 0)

    def test_a_step_can_ask_for_http2(self):
        self.start_nginx()
        whole = '0123456789abcdef' * 32

        asked = [self.get('/small.txt', ('status_code', 200), ('proto', 'HTTP/2.0'),
                          ('headers."Content-Length"', '512'), ('body', whole), http2=True),
                 self.get('/moved', ('body', whole), ('proto', 'HTTP/2.0'), http2=True),
                 self.get('/packed/large.txt', ('status_code', 200), http2=True,
                          headers={'Accept-Encoding': 'gzip'}),
                 self.get('/teapot', ('status_code', 418), http2=True, method='POST',
                          body='x' * 100_000)]
        for engine, start in (('auto', None), ('auto', self.run_on_two_workers), ('curl', None)):
            run, result, log = self.run_engine(engine, asked, scheme='https', port='h2',
                                               start=start)
            self.assertEqual(run.returncode, 0, (run.errors(), result['errors']))
            self.assertEqual(log['https GET /small.txt 200 HTTP/2.0 512'], 120, log)
            self.assertEqual(log['https POST /teapot 418 HTTP/2.0 15'], 60)
            self.assertEqual(result['connections']['opened'], 3)
        # One step may ask for it, its neighbour not; each version has its own connection.
        run, result, log = self.run_engine(
            'auto', [*asked, self.get('/zero.txt', ('proto', 'HTTP/1.1'))], scheme='https',
            port='h2')
        self.assertEqual(run.returncode, 0, (run.errors(), result['errors']))
        self.assertEqual(log['https GET /zero.txt 200 HTTP/1.1 0'], 60)
        self.assertEqual(result['connections']['opened'], 6)

    def test_users_can_share_their_connections(self):
        self.start_nginx()
        for asks_http2 in (False, True):
            asked = [self.get('/small.txt', ('status_code', 200), http2=asks_http2)]
            opened = {}
            for connections in ('shared', 'per_user'):
                # One request every 10 ms: few of the 40 users are on their way at once.
                run, result, log = self.run_engine(
                    'auto', asked, '--connections', connections, '--max-rps', 100, '--threads', 1,
                    scheme='https', port='h2' if asks_http2 else 'https', users=40, loops=3)
                self.assertEqual(run.returncode, 0, (run.errors(), result['errors']))
                self.assertEqual(sum(log.values()), 120, log)
                opened[connections] = result['connections']['opened']
            self.assertEqual(opened['per_user'], 40)
            self.assertLess(opened['shared'], 40)

    def test_http2_says_the_same_as_http1_of_everything(self):
        self.start_nginx()
        told = []
        for http2, ports in ((False, ('http', 'https')), (True, ('h2c', 'h2'))):
            for scheme, port in zip(('http', 'https'), ports):
                steps = [{**step, 'request': {**step['request'], 'http2': http2}}
                         for step in self.all_kinds()]
                run, result, log = self.run_engine('auto', steps, scheme=scheme, port=port, loops=5)
                self.assertEqual(run.returncode, 0, (port, run.errors(), result['errors']))
                version = 'HTTP/2.0' if http2 else 'HTTP/1.1'
                self.assertEqual(log[f'{scheme} GET /large.txt 200 {version} 300000'], 15)
                self.assertEqual(log[f'{scheme} HEAD /small.txt 200 {version} 0'], 15)
                self.assertEqual(result['connections']['opened'], 3)
                told.append([(step['name'], step['requests'], step['failures'])
                             for step in result['steps']])
        self.assertEqual(told, [told[0]] * 4)

    def test_http2_loses_nothing_when_the_server_ends_connections(self):
        self.start_nginx(keepalive=100)
        asked = [self.get('/small.txt', ('status_code', 200), ('proto', 'HTTP/2.0'), http2=True)]
        for connections in ('per_user', 'shared'):
            for io, scheme, port in (('auto', 'https', 'h2'), ('epoll', 'http', 'h2c')):
                run, result, log = self.run_engine(
                    'auto', asked, '--connections', connections, '--io', io, '--threads', 1,
                    scheme=scheme, port=port, users=20, loops=150)
                kind = (connections, io, port)
                self.assertEqual(run.returncode, 0, (kind, run.errors(), result['errors']))
                self.assertEqual(sum(log.values()), 3000, kind)
                self.assertEqual(result['connections']['failed'], 0, kind)
                # 100 requests each; many at a time on the shared ones.
                opened = result['connections']['opened']
                self.assertGreaterEqual(opened, 40 if connections == 'per_user' else 30, kind)
                self.assertLessEqual(opened, 40 if connections == 'per_user' else 60, kind)

    def test_http2_without_tls_needs_a_server_that_is_known_to_speak_it(self):
        self.start_nginx()
        asked = [self.get('/small.txt', ('proto', 'HTTP/2.0'), http2=True)]
        run, result, log = self.run_engine('auto', asked, port='h2c')
        self.assertEqual(run.returncode, 0, (run.errors(), result['errors']))
        self.assertEqual(log, {'http GET /small.txt 200 HTTP/2.0 512': 60})
        self.assertEqual(result['connections']['opened'], 3)
        run, result, _ = self.run_engine('curl', asked, port='h2c')
        if run.returncode != 0:  # libcurl 7.88, Debian's, cannot keep such a connection
            self.assertEqual([(row['message'], row['count']) for row in result['errors']],
                             [('HTTP/2 without TLS needs libcurl 8.0 or newer', 60)])

    def test_a_server_without_http2_fails_a_step_that_asks_for_it(self):
        self.start_nginx()
        for engine in ('auto', 'curl'):
            run, result, _ = self.run_engine(engine, [self.get('/small.txt', http2=True)],
                                             scheme='https', users=1, loops=5)
            self.assertEqual(run.returncode, 96)
            self.assertEqual(
                [(row['class'], row['message'], row['count']) for row in result['errors']],
                [('bad response', 'the server speaks no HTTP/2', 5)], engine)
        run = self.run_boom('case.yml', '--engine', 'http1')
        self.assertEqual(run.returncode, 104)
        self.assertIn('the http1 engine speaks no HTTP/2', run.errors())


main()
