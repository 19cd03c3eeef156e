"""The tested system's own figures: node_exporter and a Prometheus beside a run."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import urllib.parse

from harness import ROOT, BoomTest, free_port, main, wait_for
from harness import http as http_request

sys.path.insert(0, str(ROOT / 'tests' / 'support'))
import json_schema  # noqa: E402

EXPORTER = shutil.which('prometheus-node-exporter')
PROMETHEUS = shutil.which('prometheus')
SCHEMA = json.loads((ROOT / 'lib' / 'report' / 'result.schema.json').read_text())


class Monitor(BoomTest):
    def start(self, command, url):
        log = open(self.folder / 'server.log', 'wb')
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        log.close()
        self.processes.append(process)

        def answers():
            try:
                return http_request('GET', url)[0] == 200
            except OSError:
                return False
        wait_for(answers, f'{command[0]} answers')

    @unittest.skipUnless(EXPORTER and PROMETHEUS,
                         'prometheus-node-exporter or prometheus is not installed')
    def test_exporter_and_queries(self):
        self.start_target()
        node, prom = free_port(), free_port()
        machine = f'127.0.0.1:{node}'
        self.start([EXPORTER, f'--web.listen-address=127.0.0.1:{node}'],
                   f'http://127.0.0.1:{node}/metrics')
        config = self.write('prometheus.yml', f'''
global: {{scrape_interval: 1s}}
scrape_configs: [{{job_name: n, static_configs: [{{targets: ['127.0.0.1:{node}']}}]}}]
''')
        self.start([PROMETHEUS, f'--config.file={config}',
                    f'--web.listen-address=127.0.0.1:{prom}',
                    f'--storage.tsdb.path={self.folder / "tsdb"}'],
                   f'http://127.0.0.1:{prom}/-/ready')
        query = 'max_over_time(node_memory_MemTotal_bytes{instance="%1$s"}[5m])'
        asked = urllib.parse.quote(query.replace('%1$s', machine))
        wait_for(lambda: '"value"' in http_request(
            'GET', f'http://127.0.0.1:{prom}/api/v1/query?query={asked}')[1], 'a scrape', 60)
        gone = free_port()
        self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        self.write('profile.yml', f'''
cases: [case.yml]
spawn-count: 2
run-time: 6s
max-rps: 50
monitor:
  - http://127.0.0.1:{node}
  - {{exporter: "127.0.0.1:{node}", name: procs, metrics: "node_procs_running"}}
  - name: all memory
    prometheus: http://127.0.0.1:{prom}
    promql: {query}
    unit: bytes
    instance: 127.0.0.1:{node}
  - {{exporter: "127.0.0.1:{gone}", name: gone}}
''')
        run = self.run_boom('--profile', 'profile.yml', '--out', 'json=result.json',
                            '--out', 'html=result.html')
        self.assertEqual(run.returncode, 0, run.errors())
        self.assertIn('a monitored source does not answer', run.errors())
        result = self.result()
        self.assertEqual(json_schema.complaints(result, SCHEMA), [])
        self.check_series(result, machine)
        notes = self.notes(result)
        self.assertEqual([n for n in notes if 'monitor gone' in n], notes)
        self.assertIn('"monitor":', (self.folder / 'result.html').read_text())
        self.assert_counts_agree(result)

    def check_series(self, result, machine):
        series = {(s['name'], s['source']): s for s in result['monitor']}
        for name in 'cpu', 'memory', 'network received', 'tcp connections':
            points = series[name, machine]['points']
            self.assertGreaterEqual(len(points), 3, name)
            times = [t for t, _ in points]
            self.assertEqual(times, sorted(times))
            self.assertLessEqual(times[-1], result['run']['duration_s'])
        for name in 'cpu', 'iowait':
            for _, value in series[name, machine]['points']:
                self.assertTrue(-0.05 <= value <= 1.05, value)
        # The kernel's own word, through exporter and Prometheus.
        memory = re.search(r'MemTotal: *(\d+) kB', pathlib.Path('/proc/meminfo').read_text())
        total = [s for s in result['monitor'] if s['unit'] == 'bytes'][0]
        self.assertEqual(total['source'], machine)
        self.assertEqual({v for _, v in total['points']}, {int(memory.group(1)) * 1024})
        self.assertIn(('node_procs_running', 'procs'), series)
        # The load boxes' own, in the same charts.
        [worker] = {source for _, source in series if source.startswith('worker ')}
        of_worker = {name: [value for _, value in s['points']]
                     for (name, source), s in series.items() if source == worker}
        self.assertGreater(max(of_worker['network received']), 0)
        self.assertGreater(max(of_worker['descriptors']), 0)
        self.assertGreater(max(of_worker['tcp connections']), 0)
        self.assertGreaterEqual(set(of_worker), {
            'cpu', 'memory', 'network sent', 'tcp time-wait', 'local ports in use'})

    def test_mistakes(self):
        self.write('profile.yml', 'cases: [x.yml]\nmonitor:\n  - {promql: up}\n  - {port: 1}\n')
        self.start_target()
        self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}], 'x.yml')
        run = self.run_boom('--profile', 'profile.yml')
        self.assertEqual(run.returncode, 104)
        self.assertIn('needs the address of a prometheus', run.errors())
        self.assertIn("'port' is unknown", run.errors())


main()
