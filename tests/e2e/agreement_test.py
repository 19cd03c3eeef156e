"""The figures of one run: JSON, CSV, HTML, JUnit, samples and Prometheus say the same."""
import csv
import io
import json
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from harness import ROOT, BoomTest, main
from sink_servers import start_recorder

sys.path.insert(0, str(ROOT / 'tests' / 'support'))
import json_schema  # noqa: E402

XMLLINT = shutil.which('xmllint')
SCHEMA = json.loads((ROOT / 'lib' / 'report' / 'result.schema.json').read_text())
JUNIT_SCHEMA = ROOT / 'tests' / 'data' / 'report' / 'junit.xsd'
KINDS = ['json', 'csv', 'html', 'junit', 'samples']
SAMPLE = re.compile(r'^(\w+)\{(.*)\} (\S+)$', re.M)


class Agreement(BoomTest):
    def read(self, kind):
        return (self.folder / f'result.{kind}').read_text()

    def run_all(self, *more):
        self.start_target()
        gateway, url = start_recorder(self)
        case = self.case([
            {'name': 'get <&> "it" \x01\ufffe', 'request': {'method': 'GET', 'url': '/delay/3'}},
            {'name': 'bad', 'request': {'method': 'GET', 'url': '/status/500'}},
            {'name': 'post', 'request': {'method': 'POST', 'url': '/post', 'body': 'x'}}])
        outs = [word for kind in KINDS for word in ('--out', f'{kind}=result.{kind}')]
        run = self.run_boom(case, '-u', 4, '-i', 60, '--on-failure', 'continue', '--threshold',
                            'error_ratio<90%', '--threshold', 'p99<1us', '--tag', 'build=17',
                            '--prometheus-gateway', url, *outs, *more)
        self.assertEqual(run.returncode, 99, run.errors())
        return gateway

    def test_all_agree(self):
        gateway = self.run_all()
        result = self.result()
        self.assertEqual(json_schema.complaints(result, SCHEMA), [])
        self.assertEqual(result['total']['requests'], 720)
        self.assertEqual(result['total']['failures'], 240)
        self.assert_counts_agree(result)
        sent = self.target_stats()['paths']
        for step, path in zip(result['steps'], ('/delay/3', '/status/500', '/post')):
            counted = sent[path]
            self.assertEqual(step['requests'],
                             counted if isinstance(counted, int) else counted['requests'])
        page = json.loads(re.search(r'id="data">(.*?)</script>', self.read('html'), re.S).group(1))
        samples = list(csv.DictReader(io.StringIO(self.read('samples'))))
        table = list(csv.DictReader(io.StringIO(self.read('csv').split('\n\n')[0])))
        for i, step in enumerate(result['steps']):
            for other in page['steps'][i], table[i]:
                for key in 'requests', 'failures', 'bytes_sent', 'bytes_received':
                    self.assertEqual(int(other[key]), step[key])
            if step['type'] == 'request':
                lines = [s for s in samples if s['label'] == step['name']]
                self.assertEqual(len(lines), step['requests'])
                self.assertEqual(sum(s['success'] == 'false' for s in lines), step['failures'])
        self.check_prometheus(gateway, result)
        self.check_junit(result)

    def check_prometheus(self, gateway, result):
        pushes = [body for method, _, body in gateway.received if method == 'PUT']
        sums = {}
        for name, labels, value in SAMPLE.findall(pushes[-1]):
            self.assertIn('build="17"', labels)
            if name == 'boom_http_requests_total':
                outcome = re.search(r'outcome="(\w+)"', labels).group(1)
                sums[outcome] = sums.get(outcome, 0) + float(value)
            elif name == 'boom_bytes_total':
                sums[re.search(r'direction="(\w+)"', labels).group(1)] = float(value)
            elif name == 'boom_http_request_duration_seconds_count':
                sums['timed'] = sums.get('timed', 0) + float(value)
        total = result['total']
        self.assertEqual(sums, {'passed': total['requests'] - total['failures'],
                                'failed': total['failures'], 'sent': total['bytes_sent'],
                                'received': total['bytes_received'],
                                'timed': total['response_time_us']['count']})

    def check_junit(self, result):
        root = xml.etree.ElementTree.fromstring(self.read('junit'))
        steps = root.findall("testsuite[@name='steps']/testcase")
        requests = [s for s in result['steps'] if s['type'] == 'request']
        for case, step in zip(steps, requests, strict=True):
            failure = case.find('failure')
            self.assertEqual(failure is not None, step['failures'] > 0)
            if failure is not None:
                self.assertIn(f"{step['failures']} of {step['requests']} failed",
                              failure.get('message'))
        failed = root.findall("testsuite[@name='thresholds']/testcase/failure")
        self.assertEqual(len(failed), sum(not t['passed'] for t in result['thresholds']))
        self.assertEqual(int(root.get('failures')), 2)

    @unittest.skipUnless(XMLLINT, 'xmllint (libxml2-utils) is not installed')
    def test_junit_follows_the_schema(self):
        self.run_all()
        for document, code in (self.read('junit'), 0), ('<testsuites tests="-1"/>', 3):
            self.write('case.xml', document)
            check = subprocess.run([XMLLINT, '--noout', '--schema', JUNIT_SCHEMA,
                                    self.folder / 'case.xml'], capture_output=True, text=True)
            self.assertEqual(check.returncode, code, check.stderr)


main()
