"""The six curl commands of the reference's manual, typed as they stand there: only the address of
the master, the path of the case and the gateway are ours."""
import json
import shutil
import subprocess
import unittest

from harness import BoomTest, free_port, http, main, wait_for

START = r"""curl --location --request POST 'http://127.0.0.1:9771/start' \
--header 'Content-Type: application/json' \
--data-raw '{
   "spawn-count": 1000,
   "spawn-rate": 1000,
   "prometheus-gateway": "192.168.11.122:5331",
   "testcase-path": "path/to/testcase"
}'"""
REBALANCE = r"""curl --location --request POST 'http://127.0.0.1:9771/rebalance' \
--header 'Content-Type: application/json' \
--data-raw '{
   "spawn-count": 5000,
   "spawn-rate": 5000
}'"""
WORKERS = "curl --location --request GET 'http://127.0.0.1:9771/workers'"
MASTER = "curl --location --request GET 'http://127.0.0.1:9771/master'"
STOP = "curl --location --request GET 'http://127.0.0.1:9771/stop'"
QUIT = "curl --location --request GET 'http://127.0.0.1:9771/quit'"


@unittest.skipUnless(shutil.which('curl'), 'the program curl is not installed')
class Curl(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()
        self.http_port, port = free_port(), free_port()
        self.master = self.spawn('--master', '--master-bind-host', '127.0.0.1',
                                 '--master-bind-port', port, '--master-http-address',
                                 f'127.0.0.1:{self.http_port}')
        self.workers = [self.spawn('--worker', '--master-port', port) for _ in range(2)]

    def type(self, command):
        (self.folder / 'path/to').mkdir(parents=True, exist_ok=True)
        self.case([{'name': 'd', 'request': {'method': 'GET', 'url': '/delay/100'}}],
                  'path/to/testcase.yml')
        command = (command.replace('127.0.0.1:9771', f'127.0.0.1:{self.http_port}')
                   .replace('path/to/testcase', 'path/to/testcase.yml')
                   .replace('192.168.11.122:5331', '127.0.0.1:9'))
        done = subprocess.run(['bash', '-c', command], cwd=self.folder, text=True, timeout=30,
                              capture_output=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def users(self):
        return self.type(MASTER)['data']['current_users']

    def test_the_six_commands(self):
        wait_for(lambda: (self.type(MASTER) or {'data': {'workers': 0}})['data']['workers'] == 2,
                 'two workers')
        success = {'code': 0, 'message': 'success'}
        self.assertEqual(self.type(START), success)
        wait_for(lambda: self.users() == 1000, '1000 users')
        self.assertEqual([row['user_count'] for row in self.type(WORKERS)['data']], [500, 500])
        self.assertEqual(self.type(START), {'code': 2, 'message': 'already started'})
        self.assertEqual(self.type(REBALANCE), success)
        wait_for(lambda: self.users() > 1500, 'more users')
        self.assertEqual(self.type(MASTER)['data']['target_users'], 5000)
        self.assertEqual(self.type(STOP), success)
        wait_for(lambda: self.type(MASTER)['data']['state_name'] == 'stopped', 'stopped', 40)
        self.assertEqual(self.type(STOP), {'code': 3, 'message': 'already stopped'})
        result = json.loads(http('GET', f'http://127.0.0.1:{self.http_port}/stats')[1])
        self.assert_counts_agree(result)
        self.assertEqual(self.type(QUIT), success)
        self.assertEqual(self.master.wait(10), 0)
        self.assertEqual([worker.wait(10) for worker in self.workers], [0, 0])


main()
