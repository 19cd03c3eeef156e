"""What has no effect in a role is refused by name; addresses are understood as people type them."""
import json
import re

from harness import BoomTest, free_port, http, main, wait_for

REFUSED = [
    (['--worker', 'case.yml'], 'case.yml: a worker gets its cases from its master'),
    (['--worker', '-u', 3], '--spawn-count: has no effect on a worker'),
    (['--worker', '--threads', 2], '--threads: has no effect on a worker'),
    (['--worker', '--auto-start'], '--auto-start: is for a master'),
    (['--worker', '--expect-workers', 2], '--expect-workers: is for a master'),
    (['--worker', '--master-http-address', ':1'], '--master-http-address: is for a master'),
    (['--worker', '--run-dir', 'x'], '--run-dir: has no effect on a worker'),
    (['--worker', '--name', 'x' * 129], '--name: is longer than 128 bytes'),
    (['--worker', '--room', 'x' * 129], '--room: is longer than 128 bytes'),
    (['--worker', '--master-port', 0], '--master-port: 0 is no port: 1 to 65535'),
    (['--worker', '--master-port', 70000], '--master-port: 70000 is no port'),
    (['--master', '--max-users', 3], '--max-users: is for a worker'),
    (['--master', '--ignore-quit'], '--ignore-quit: is for a worker'),
    (['--master', '--http-address', ':1'], '--http-address: is for a local run'),
    (['--master', '--master-bind-port', 70000], '--master-bind-port: 70000 is no port'),
    (['--master', '--master-bind-port', -1], '--master-bind-port: -1 is no port'),
    (['http://127.0.0.1:1/', '--expect-workers', 2], '--expect-workers: is for a master'),
    (['http://127.0.0.1:1/', '--ignore-quit'], '--ignore-quit: is for a worker'),
]


class Roles(BoomTest):
    def test_what_has_no_effect_is_refused_by_name(self):
        for arguments, text in REFUSED:
            with self.subTest(arguments=arguments):
                process = self.run_boom(*arguments)
                self.assertEqual(process.returncode, 104, process.errors())
                self.assertIn(text, process.errors())

    def test_a_master_is_found_by_name_in_brackets_and_without(self):
        self.start_target()
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        for bind, connect in (('localhost', 'localhost'), ('[::1]', '[::1]'), ('::1', '::1')):
            with self.subTest(bind=bind):
                port = free_port()
                worker = self.spawn('--worker', '--master-host', connect, '--master-port', port)
                master = self.run_boom('--master', '--auto-start', case, '--master-bind-host', bind,
                                       '--master-bind-port', port, '--master-http-address', 'none',
                                       '-i', 2, '--out', 'json=result.json')
                self.assertEqual(master.returncode, 0, master.errors())
                self.assertEqual(self.result()['total']['requests'], 2)
                self.assertEqual(worker.wait(60), 0, worker.errors())

    def test_an_address_that_is_not_there_is_named(self):
        for host, text in (('192.0.2.1', '192.0.2.1:'),
                           ('no.such.host.invalid', 'has no such address')):
            with self.subTest(host=host):
                process = self.run_boom('--master', '--master-bind-host', host,
                                        '--master-bind-port', 0, '--master-http-address', 'none')
                self.assertEqual(process.returncode, 101, process.errors())
                self.assertIn('--master-bind-host: cannot listen for workers', process.errors())
                self.assertIn(text, process.errors())

    def test_a_case_that_is_not_there_is_not_called_outside(self):
        master = self.spawn('--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', 0,
                            '--master-http-address', '127.0.0.1:0')
        port = wait_for(lambda: re.search(r'HTTP control API.*port=(\d+)', master.errors()),
                        'the API', 60).group(1)
        for path, text in ((',', 'missing testcases path'), ('nope.yml', 'nope.yml'),
                           ('sub/../nope.yml', 'nope.yml'),
                           ('../nope.yml', 'outside'), ('/etc/passwd', 'outside')):
            answer = json.loads(http('POST', f'http://127.0.0.1:{port}/start',
                                     json.dumps({'testcase-path': path}),
                                     {'Content-Type': 'application/json'})[1])
            self.assertEqual(answer['code'], 2)
            self.assertIn(text, answer['message'])
            self.assertEqual('outside' in answer['message'], text == 'outside', answer)


main()
