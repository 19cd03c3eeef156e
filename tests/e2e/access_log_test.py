"""`boom nginx-log` beside Debian's nginx, which writes the log while boom loads it."""
import gzip
import json
import os
import shutil
import signal
import subprocess
import unittest

from harness import BoomTest, free_port, http, main, wait_for

NGINX = shutil.which('nginx', path=os.environ['PATH'] + ':/usr/sbin')
CUSTOM = '$msec|$http_user_agent|$request|$status|$bytes_sent|$request_time'
CONFIG = '''
daemon off; master_process on; worker_processes 2; pid {folder}/nginx.pid;
error_log {folder}/error.log; events {{ worker_connections 256; }}
http {{
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status '
                   '$body_bytes_sent "$http_referer" "$http_user_agent" $request_time';
  log_format custom '{custom}';
  access_log {folder}/combined.log combined; access_log {folder}/timed.log timed;
  access_log {folder}/custom.log custom;
  server {{
    listen 127.0.0.1:{port};
    location /a {{ return 200 "{body}"; }}
    location / {{ return 404; }}
    location /style.css {{ return 200; }}
  }}
}}
'''


@unittest.skipUnless(NGINX, 'nginx is not installed')
class AccessLog(BoomTest):
    def start_nginx(self):
        self.port = free_port()
        self.folder.chmod(0o755)  # nginx's workers, which open the log anew, may be nobody
        config = self.write('nginx.conf', CONFIG.format(
            folder=self.folder, port=self.port, custom=CUSTOM, body='x' * 100))
        log = open(self.folder / 'nginx.out', 'wb')
        self.nginx = subprocess.Popen([NGINX, '-c', config, '-p', self.folder], stdout=log,
                                      stderr=log)
        log.close()
        self.addCleanup(self.nginx.wait)
        self.addCleanup(self.nginx.terminate)  # its workers end with it
        self.target = f'http://127.0.0.1:{self.port}'

        def answers():
            try:
                return http('GET', self.target + '/ready')[0] == 404
            except OSError:
                return False
        wait_for(answers, 'nginx answers', 60)

    def load(self, iterations):
        case = self.case([{'name': 'a', 'request': {'method': 'GET', 'url': '/a?id=1'}},
                          {'name': 'b', 'request': {'method': 'GET', 'url': '/b'}},
                          {'name': 'c', 'request': {'method': 'GET', 'url': '/style.css'}}])
        run = self.run_boom(case, '-u', 4, '-i', iterations, '--on-failure', 'continue',
                            '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        return self.result()

    def summary(self, *arguments):
        run = self.run_boom('nginx-log', '--json', 'log.json', *arguments)
        self.assertEqual(run.returncode, 0, run.errors())
        value = json.loads((self.folder / 'log.json').read_text())
        return run.output(), {s['name']: s for s in value['sources']}, value

    def check_load(self, source, result, has_times=True):
        """The server's log agrees with boom's own report."""
        steps = {s['name']: s for s in result['steps']}
        paths = {p['path']: p for p in source['paths']}
        self.assertEqual(set(paths), {'/a', '/b'})
        for name in 'a', 'b':
            self.assertEqual(paths['/' + name]['requests'], steps[name]['requests'])
            self.assertEqual(paths['/' + name]['errors'], steps[name]['failures'])
            times = paths['/' + name]['time_us']['count']
            self.assertEqual(times, steps[name]['requests'] if has_times else 0)
        self.assertEqual(paths['/a']['error_ratio'], 0)
        self.assertEqual(sum(r['requests'] for r in source['timeline']),
                         source['total']['requests'])

    def test_formats_and_sources(self):
        self.start_nginx()
        result = self.load(50)
        for _ in range(7):
            http('GET', self.target + '/a?other')
        for arguments, has_times in ([], False), ([], True), (['--format', CUSTOM], True):
            log = 'custom.log' if arguments else 'timed.log' if has_times else 'combined.log'
            text, sources, value = self.summary(log, *arguments)
            self.check_load(sources['load test'], result, has_times)
            self.assertEqual(value['static_left_out'], result['steps'][2]['requests'])
            self.assertEqual(value['unreadable'], 0)
            others = {p['path']: p['requests'] for p in sources['others']['paths']}
            self.assertEqual(others.pop('/a'), 7)
            self.assertEqual(list(others), ['/ready'])
            self.assertIn("'PerformanceTest' in the User-Agent): 400 requests", text)
            self.assertRegex(text, r'(?m)^/b +200 +\S+ +200 +100.0 %')
        paths = {p['path']: p for p in sources['load test']['paths']}
        # $bytes_sent is what boom received, heads and all.
        self.assertEqual(paths['/a']['bytes'], result['steps'][0]['bytes_received'])
        with gzip.open(self.folder / 'old.gz', 'wb') as packed:
            packed.write((self.folder / 'timed.log').read_bytes())
        _, both, _ = self.summary('old.gz', 'timed.log')
        self.assertEqual(both['load test']['total']['requests'], 800)

    def test_follows_a_live_log_through_rotations(self):
        self.start_nginx()
        self.load(5)  # before: passed over
        follow = self.spawn('nginx-log', '--follow', '--from-now', '--json', 'log.json',
                            'timed.log')
        # It has begun where the log ended when it has the file open.
        fds = f'/proc/{follow.pid}/fd'

        def has_log():
            return any(os.path.realpath(f'{fds}/{f}').endswith('/timed.log')
                       for f in os.listdir(fds))
        wait_for(has_log, 'the log is open', 60)
        case = self.case([{'name': 'a', 'request': {'method': 'GET', 'url': '/a'}}])
        run = self.spawn(case, '-u', 4, '-i', 400, '--max-rps', 400, '--out', 'json=result.json')
        for i in range(2):
            size = (self.folder / 'timed.log').stat().st_size
            wait_for(lambda: (self.folder / 'timed.log').stat().st_size > size + 10_000,
                     'the log grows', 60)
            (self.folder / 'timed.log').rename(self.folder / f'timed.log.{i}')
            self.nginx.send_signal(signal.SIGUSR1)
            wait_for((self.folder / 'timed.log').exists, 'nginx opens the new log', 60)
        self.assertEqual(run.wait(60), 0, run.errors())
        follow.send_signal(signal.SIGINT)
        self.assertEqual(follow.wait(60), 0, follow.errors())
        value = json.loads((self.folder / 'log.json').read_text())
        self.assertEqual(value['sources'][0]['total']['requests'],
                         self.result()['total']['requests'])
        self.assertEqual(value['unreadable'], 0)

    def test_mistakes(self):
        self.write('other.log', 'something else\nand more\n')
        for arguments, text in ((['none.log'], 'cannot be read'), (['.'], 'is a folder'),
                                (['other.log'], 'none of 2 lines is of the log'),
                                (['other.log', '--format', '$uri'], 'has no $status'),
                                (['other.log', '--sort', 'x'], '--sort'),
                                (['other.log', '--from-now'], '--follow')):
            run = self.run_boom('nginx-log', *arguments)
            self.assertEqual(run.returncode, 104, arguments)
            self.assertIn(text, run.errors())


main()
