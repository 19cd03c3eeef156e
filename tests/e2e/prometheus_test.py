"""A real Prometheus scrapes /metrics; the queries of the Grafana dashboard are run against it."""
import json
import shutil
import subprocess
import unittest
import urllib.parse

from harness import ROOT, BoomTest, free_port, main, wait_for
from harness import http as http_request

PROMETHEUS = shutil.which('prometheus')
DASHBOARD = json.loads((ROOT / 'scripts' / 'grafana' / 'boom.json').read_text())


@unittest.skipUnless(PROMETHEUS, 'prometheus is not installed')
class Prometheus(BoomTest):
    def start_prometheus(self, scraped_port):
        port = free_port()
        config = self.write('prometheus.yml', f'''
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
scrape_configs:
  - job_name: boom
    static_configs: [{{targets: ['127.0.0.1:{scraped_port}']}}]
''')
        log = open(self.folder / 'prometheus.log', 'wb')
        process = subprocess.Popen(
            [PROMETHEUS, f'--config.file={config}', f'--web.listen-address=127.0.0.1:{port}',
             f'--storage.tsdb.path={self.folder / "tsdb"}'], stdout=log, stderr=log)
        log.close()
        self.processes.append(process)
        url = f'http://127.0.0.1:{port}'

        def is_ready():
            try:
                return http_request('GET', url + '/-/ready')[0] == 200
            except OSError:
                return False
        wait_for(is_ready, 'Prometheus is ready')
        return url

    def query(self, url, expression):
        status, text = http_request(
            'GET', f'{url}/api/v1/query?query={urllib.parse.quote(expression)}')
        answer = json.loads(text)
        self.assertEqual((status, answer['status']), (200, 'success'), expression)
        return answer['data']['result']

    def test_scrape_and_dashboard(self):
        self.start_target()
        case = self.case([
            {'name': 'get', 'request': {'method': 'GET', 'url': '/delay/20'}},
            {'name': 'bad', 'request': {'method': 'GET', 'url': '/status/500'}}])
        port = free_port()
        prometheus = self.start_prometheus(port)
        run = self.spawn(case, '-u', 3, '-d', '60s', '--max-rps', 60, '--tag', 'build=17',
                         '--on-failure', 'continue', '--http-address', f'127.0.0.1:{port}')

        def value(expression):
            result = self.query(prometheus, expression)
            return float(result[0]['value'][1]) if result else None
        wait_for(lambda: (value('count_over_time(boom_users[1m])') or 0) >= 6, 'six scrapes', 40)
        self.check_values(value)
        expressions = [target['expr'] for panel in DASHBOARD['panels']
                       for target in panel['targets']]
        self.assertGreaterEqual(len(expressions), 12)
        for expression in expressions:
            filled = (expression.replace('$__rate_interval', '10s').replace('$instance', '.*')
                      .replace('$step', '.*'))
            self.assertNotIn('$', filled)
            result = self.query(prometheus, filled)
            self.assertTrue(result, f'no data: {filled}')
            for series in result:
                # In the closed model nobody may have been released in the last seconds.
                if 'lateness' not in filled:
                    self.assertNotEqual(series['value'][1], 'NaN', filled)
        for variable in DASHBOARD['templating']['list']:
            if variable['type'] == 'query':
                metric, label = variable['query'][len('label_values('):-1].split(', ')
                values = json.loads(http_request(
                    'GET', f'{prometheus}/api/v1/label/{label}/values?match[]={metric}')[1])
                self.assertTrue(values['data'], variable['query'])
        run.terminate()
        self.assertEqual(run.wait(30), 105)

    def check_values(self, value):
        self.assertEqual(value('boom_users{build="17"}'), 3)
        p50 = value('histogram_quantile(0.5, sum by (le) (rate('
                    'boom_http_request_duration_seconds_bucket{step="get"}[10s])))')
        self.assertGreater(p50, 0.01)  # the buckets around 20 ms end at 10 and 25 ms, or above
        failed = value('sum(boom_http_requests_total{outcome="failed"})')
        self.assertEqual(failed, value('sum(boom_http_requests_total{step="bad"})'))
        self.assertGreater(failed, 0)
        # A scrape is one moment: its parts agree.
        self.assertEqual(
            value('sum(boom_http_requests_total) == bool '
                  'sum(boom_http_request_duration_seconds_count)'), 1)


main()
