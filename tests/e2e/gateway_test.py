"""Pushes to Debian's prometheus-pushgateway, and to gateways that misbehave."""
import http.server
import json
import re
import shutil
import socket
import subprocess
import threading
import time
import unittest

from harness import BoomTest, free_port, main, wait_for
from harness import http as http_request
from sink_servers import start_recorder

GATEWAY = shutil.which('prometheus-pushgateway')
# hrp-boom.md 4.4: what dashboards made for the reference ask for.
REFERENCE = [
    'num_requests', 'num_failures', 'median_response_time', 'average_response_time',
    'min_response_time', 'max_response_time', 'average_content_length', 'current_rps',
    'current_fail_per_sec', 'total_num_requests', 'total_num_failures', 'response_time', 'users',
    'state', 'duration', 'total_average_response_time', 'total_min_response_time',
    'total_max_response_time', 'total_rps', 'fail_ratio', 'total_fail_per_sec',
    'transactions_passed', 'transactions_failed']


def groups(text):
    """The (instance, mode) of every group that a gateway holds."""
    return {(line.split('instance="')[1].split('"')[0], line.split('mode="')[1].split('"')[0])
            for line in text.splitlines() if line.startswith('users{')}


def series(text, metric, **labels):
    """The values of a metric's series with these labels, in a pushed text."""
    found = re.findall(rf'(?m)^{metric}(?:\{{(.*)\}})? (\S+)$', text)
    return [float(value) for have, value in found
            if all(f'{key}="{label}"' in have for key, label in labels.items())]


class Failing(http.server.BaseHTTPRequestHandler):
    """Answers everything with 500."""

    def do_PUT(self):
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self.send_response(500)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


class Gateway(BoomTest):
    def start_gateway(self):
        port = free_port()
        log = open(self.folder / 'gateway.log', 'wb')
        process = subprocess.Popen([GATEWAY, f'--web.listen-address=127.0.0.1:{port}'],
                                   stdout=log, stderr=log)
        log.close()
        self.processes.append(process)
        url = f'http://127.0.0.1:{port}'

        def answers():
            try:
                return http_request('GET', url + '/-/ready')[0] == 200
            except OSError:
                return False
        wait_for(answers, 'the gateway answers')
        return url

    @unittest.skipUnless(GATEWAY, 'prometheus-pushgateway is not installed')
    def test_workers_and_master_push_and_leave_nothing(self):
        self.start_target()
        gateway = self.start_gateway()
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        port = free_port()
        # Two without a name share this machine: their instances must differ all the same.
        workers = [self.spawn('--worker', '--master-port', port) for _ in range(2)]
        workers.append(self.spawn('--worker', '--master-port', port, '--name', 'w-named'))
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none',
                            '--expect-workers', 3, '-u', 6, '-d', '5s', '--max-rps', 60,
                            '--prometheus-gateway', gateway, '--out', 'json=result.json')
        host = socket.gethostname()
        kinds = ['master', 'worker', 'worker', 'worker']
        seen = wait_for(lambda: (lambda text: len(groups(text)) >= 4 and text)(
            http_request('GET', gateway + '/metrics')[1]), 'four groups')
        self.assertEqual(sorted(mode for _, mode in groups(seen)), kinds)
        # Other runs on this machine may hold numbers too.
        for instance, _ in groups(seen) - {('w-named', 'worker')}:
            self.assertRegex(instance, rf'^{re.escape(host)}-\d+$')
        self.assertIn(('w-named', 'worker'), groups(seen))
        for name in REFERENCE:
            self.assertRegex(seen, rf'(?m)^{name}(_count)?\{{.*job="boom"')
        self.assertIn('method="request-GET",mode="worker",name="get"', seen)
        self.assertIn('boom_http_request_duration_seconds_bucket{', seen)
        self.assertEqual(master.wait(40), 0, master.errors())
        for worker in workers:
            self.assertEqual(worker.wait(20), 0)
        self.assertEqual(groups(http_request('GET', gateway + '/metrics')[1]), set())
        self.assertEqual(self.notes(self.result()), [])
        self.assert_counts_agree(self.result())

    def test_the_master_pushes_percentiles_of_all_workers_together(self):
        self.start_target()
        gateway, url = start_recorder(self)
        case = self.case([{'name': 'get', 'request': {
            'method': 'GET', 'url': '/delay/${random_int(1, 60)}'}}])
        port = free_port()
        # One of them gets three quarters of the users, so their percentiles differ in weight.
        for name, users in ('big', 30), ('small', 10):
            self.spawn('--worker', '--master-port', port, '--name', name, '--max-users', users)
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none',
                            '--expect-workers', 2, '-u', 8, '-i', 20,
                            '--prometheus-gateway', url, '--out', 'json=result.json')
        self.assertEqual(master.wait(40), 0, master.errors())
        last = {}
        for method, path, body in gateway.received:
            if method == 'PUT':
                last[path] = body
        of_master = [body for path, body in last.items() if path.endswith('/mode/master')]
        of_workers = [body for path, body in last.items() if path.endswith('/mode/worker')]
        self.assertEqual((len(of_master), len(of_workers)), (1, 2))
        step = self.result()['steps'][0]
        times = step['response_time_us']
        for quantile, key in ('0.5', 'p50'), ('0.9', 'p90'), ('0.95', 'p95'):
            [pushed] = series(of_master[0], 'response_time', name='get', quantile=quantile)
            self.assertAlmostEqual(pushed, times[key] / 1000, places=3)
        for metric in 'response_time_count', 'total_num_requests':
            [whole] = series(of_master[0], metric, name='get')
            parts = [series(body, metric, name='get')[0] for body in of_workers]
            self.assertEqual((whole, sum(parts)), (160, 160))
            self.assertEqual(sorted(parts), [40, 120])

    def test_every_start_names_its_gateway_and_leaves_nothing_at_the_last_one(self):
        self.start_target()
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        port, api = free_port(), free_port()
        self.spawn('--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', port,
                   '--master-http-address', f'127.0.0.1:{api}')
        self.spawn('--worker', '--master-port', port)  # without a name: its instance is a number
        url = f'http://127.0.0.1:{api}'

        def state():
            try:
                master = json.loads(http_request('GET', url + '/master')[1])['data']
                return master['state_name'] if master['workers'] else None
            except OSError:
                return None
        gateways = [start_recorder(self) for _ in range(2)]
        for place, (gateway, gateway_url) in enumerate(gateways):
            wait_for(lambda: state() in ('ready', 'stopped'), 'an idle worker', 60)
            answer = json.loads(http_request('POST', url + '/start', json.dumps(
                {'testcase-path': str(case), 'spawn-count': 2, 'spawn-rate': 2, 'loop-count': 5,
                 'prometheus-gateway': gateway_url}))[1])
            self.assertEqual(answer, {'code': 0, 'message': 'success'})
            wait_for(lambda: sum(one[0] == 'DELETE' for one in gateway.received) == 2,
                     'both groups are deleted', 60)
            wait_for(lambda: state() == 'stopped', 'the end', 60)
            if place == 0:
                first = list(gateway.received)
        # Nothing more came to the first; to the second came the same groups, pushed and deleted.
        self.assertEqual(gateways[0][0].received, first)
        groups_of = [{method: {path for m, path, _ in gateway.received if m == method}
                      for method in ('PUT', 'DELETE')} for gateway, _ in gateways]
        self.assertEqual(groups_of[0]['PUT'], groups_of[0]['DELETE'])
        self.assertEqual(groups_of[0], groups_of[1])  # so their instances are stable
        self.assertEqual(len(groups_of[0]['PUT']), 2)
        for gateway, _ in gateways:
            for path in groups_of[0]['PUT']:
                mine = [method for method, one, _ in gateway.received if one == path]
                self.assertEqual(mine.index('DELETE'), len(mine) - 1)

    def test_what_a_gateway_took_without_saying_so_is_deleted_too(self):
        self.start_target()
        gateway, url = start_recorder(self, delay_s=2.2)  # the push has given up by then
        run = self.run_boom(self.target + '/get', '-i', 3, '--prometheus-gateway', url)
        self.assertEqual(run.returncode, 0, run.errors())
        methods = [method for method, _, _ in gateway.received]
        self.assertEqual(methods[-1], 'DELETE', methods)
        self.assertEqual(methods.count('DELETE'), 1)

    def test_gateways_that_misbehave_cost_nothing(self):
        self.start_target()
        silent = socket.socket()
        silent.bind(('127.0.0.1', 0))
        silent.listen(5)
        failing = http.server.HTTPServer(('127.0.0.1', 0), Failing)
        threading.Thread(target=failing.serve_forever, daemon=True).start()
        self.addCleanup(failing.server_close)
        self.addCleanup(failing.shutdown)
        for port in silent.getsockname()[1], free_port(), failing.server_port:
            gateway = f'http://127.0.0.1:{port}'
            http_request('GET', self.target + '/__reset')
            begun = time.monotonic()
            run = self.run_boom(self.target + '/get', '-u', 3, '-i', 100,
                                '--prometheus-gateway', gateway, '--out', 'json=result.json')
            self.assertEqual(run.returncode, 0, run.errors())
            self.assertLess(time.monotonic() - begun, 30)
            result = self.result()
            self.assertEqual(result['total']['requests'], 300)
            self.assert_counts_agree(result)
            [note] = self.notes(result)
            self.assertIn('prometheus-gateway', note)
        silent.close()


main()
