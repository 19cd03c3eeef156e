"""All outputs of one run agree with each other, with their schemas and with the target."""
import csv
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from harness import BOOM, ROOT, BoomTest, free_port, http, main, wait_for

sys.path.insert(0, str(ROOT / 'tests' / 'support'))
import json_schema  # noqa: E402

READER = pathlib.Path(BOOM).parent / 'npm' / 'hdr' / 'node_modules'
CHROMIUM = shutil.which('chromium')
SCHEMA = json.loads((ROOT / 'lib' / 'report' / 'result.schema.json').read_text())
KINDS = ['json', 'csv', 'html', 'hdr', 'junit']
# The elements and attributes of the schema that Jenkins publishes (junit-10.xsd).
JUNIT = {
    'testsuites': ({'name', 'time', 'tests', 'failures', 'disabled', 'errors'}, {'testsuite'}),
    'testsuite': ({'name', 'tests', 'failures', 'errors', 'group', 'time', 'skipped', 'timestamp',
                   'hostname', 'id', 'package', 'file', 'log', 'url', 'version'},
                  {'testsuite', 'properties', 'testcase', 'system-out', 'system-err'}),
    'testcase': ({'name', 'time', 'classname', 'group'},
                 {'skipped', 'error', 'failure', 'system-out', 'system-err'}),
    'failure': ({'type', 'message'}, set()), 'error': ({'type', 'message'}, set())}


def check_junit(test, node):
    attributes, children = JUNIT[node.tag]
    test.assertLessEqual(set(node.keys()), attributes, node.tag)
    for child in node:
        test.assertIn(child.tag, children)
        check_junit(test, child)
    if node.tag == 'testsuite':
        test.assertEqual(int(node.get('tests')), len(node.findall('testcase')))
        test.assertEqual(int(node.get('failures')), len(node.findall('testcase/failure')))


class Outputs(BoomTest):
    def run_all(self, *more):
        self.start_target()
        case = self.case([
            {'name': 'get, "quoted"', 'request': {'method': 'GET', 'url': '/delay/3'}},
            {'name': 'bad </script> <b>', 'request': {'method': 'GET', 'url': '/status/500'}},
            {'name': 'never', 'request': {'method': 'GET', 'url': '/get'}}])
        outs = [word for kind in KINDS for word in ('--out', f'{kind}=result.{kind}')]
        run = self.run_boom(case, '-u', 4, '-d', '3s', '--max-rps', 200, *outs, *more)
        self.assertEqual(run.returncode, 0, run.errors())
        return run

    def read(self, kind):
        return (self.folder / f'result.{kind}').read_text()

    def test_all_kinds_agree(self):
        self.run_all()
        result = self.result()
        self.assertEqual(json_schema.complaints(result, SCHEMA), [])
        self.assert_counts_agree(result)
        self.check_csv(result)
        self.check_junit(result)
        page = json.loads(re.search(r'id="data">(.*?)</script>', self.read('html'), re.S).group(1))
        for key in 'iterations', 'connections', 'errors', 'timeline', 'workers':
            self.assertEqual(page[key], result[key])
        self.assertEqual(page['total']['requests'], result['total']['requests'])
        # What `boom report` makes of the file is what the run wrote.
        for kind in 'csv', 'html', 'junit', 'json':
            again = self.run_boom('report', 'result.json', '--out', f'{kind}=again.{kind}')
            self.assertEqual(again.returncode, 0, again.errors())
            self.assertEqual((self.folder / f'again.{kind}').read_text(), self.read(kind))

    def check_csv(self, result):
        blocks = self.read('csv').rstrip('\n').split('\n\n')
        steps, rows = (list(csv.DictReader(io.StringIO(block))) for block in blocks)
        for ours, theirs in zip(result['steps'] + [result['total']], steps, strict=True):
            for key in 'name', 'case', 'type', 'method':
                self.assertEqual(theirs[key], ours[key])
            for key in 'requests', 'failures', 'interrupted', 'bytes_sent', 'bytes_received':
                self.assertEqual(int(theirs[key]), ours[key])
            for key in 'min', 'p50', 'p75', 'p90', 'p95', 'p99', 'p999', 'p9999', 'max':
                self.assertEqual(int(theirs[f'response_{key}_us']), ours['response_time_us'][key])
                self.assertEqual(int(theirs[f'service_{key}_us']), ours['service_time_us'][key])
        self.assertEqual([[float(v) for v in row.values()] for row in rows],
                         [[float(v) for v in row.values()] for row in result['timeline']])

    def check_junit(self, result):
        root = xml.etree.ElementTree.fromstring(self.read('junit'))
        check_junit(self, root)
        steps = {case.get('name'): case for case in root.iterfind('.//testcase')
                 if case.get('classname') == 'boom.steps'}
        for step in result['steps']:
            if step['type'] == 'request':
                failed = steps['case: ' + step['name']].find('failure') is not None
                self.assertEqual(failed, step['failures'] > 0)

    def test_hdr_log_is_a_log_of_intervals(self):
        self.run_all()
        lines = self.read('hdr').splitlines()
        self.assertEqual(lines[1], '#[Histogram log format version 1.3]')
        totals = [line for line in lines[4:] if not line.startswith('Tag=')]
        self.assertGreaterEqual(len(totals), 3)
        starts = [float(line.split(',')[0]) for line in totals]
        self.assertEqual(starts, sorted(set(starts)))

    @unittest.skipUnless(shutil.which('node') and READER.exists(),
                         'hdr-histogram-js is not there: the test integration.hdr installs it')
    def test_hdr_log_in_an_independent_reader(self):
        self.run_all()
        script = ROOT / 'tests' / 'integration' / 'report' / 'hdr_log.js'
        self.run_boom('report', 'result.json', '--out', 'hdr=again.hdr')
        for log in 'result.hdr', 'again.hdr':
            check = subprocess.run(['node', script, log, 'result.json'], cwd=self.folder,
                                   env=os.environ | {'NODE_PATH': str(READER)},
                                   capture_output=True, text=True)
            self.assertEqual(check.returncode, 0, check.stderr)

    def test_live_stats_follow_the_schema(self):
        self.start_target()
        port = free_port()
        run = self.spawn(self.target + '/get', '-u', 2, '-d', '4s', '--max-rps', 50,
                         '--http-address', f'127.0.0.1:{port}')

        def live():
            try:
                stats = json.loads(http('GET', f'http://127.0.0.1:{port}/stats')[1])
            except OSError:
                return None
            return stats if stats['total']['requests'] > 0 else None
        stats = wait_for(live, 'live figures')
        self.assertEqual(stats['run']['state'], 'running')
        self.assertEqual(json_schema.complaints(stats, SCHEMA), [])
        self.assertEqual(run.wait(20), 0)

    @unittest.skipUnless(CHROMIUM, 'chromium is not installed')
    def test_html_in_a_browser(self):
        self.run_all()
        profile = self.folder / 'chromium'
        browser = subprocess.run(
            [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', f'--user-data-dir={profile}',
             '--host-resolver-rules=MAP * ~NOTFOUND', '--virtual-time-budget=4000', '--dump-dom',
             (self.folder / 'result.html').as_uri()], capture_output=True, text=True, timeout=120)
        self.assertTrue('data-ready="yes"' in browser.stdout, browser.stderr[-2000:])
        page = re.sub(r'<script.*?</script>', '', browser.stdout, flags=re.S)
        self.assertGreaterEqual(page.count('<svg'), 6)
        for word in 'NaN', 'undefined', 'Infinity', 'null', '[object':
            self.assertFalse(word in page, word)
        for text in ('bad &lt;/script&gt; &lt;b&gt;', 'Requests per second', 'Errors', 'Workers',
                     'Response time by percentile'):
            self.assertTrue(text in page, text)

    def test_an_output_that_cannot_be_written(self):
        self.start_target()
        for kind in KINDS:
            run = self.run_boom(self.target + '/get', '-i', 1, '--out', f'{kind}=no/such/folder')
            self.assertEqual(run.returncode, 101)
        self.assertEqual(self.target_stats()['requests'], 0)
        run = self.run_boom(self.target + '/get', '-i', 1, '--out', 'csv=/dev/full')
        self.assertEqual(run.returncode, 1)
        self.assertIn('/dev/full', run.errors())


main()
