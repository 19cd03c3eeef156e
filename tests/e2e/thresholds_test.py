"""Conditions on the results: exit code, abort, no data, mistakes; in profiles and over the API."""
import json
import time

from harness import BoomTest, free_port, http, main, wait_for

GET = {'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}
SLOW = {'name': 'slow', 'request': {'method': 'GET', 'url': '/delay/60'}}


class Thresholds(BoomTest):
    def run_with(self, *thresholds, more=('-u', 2, '-i', 10), steps=(GET, SLOW)):
        self.start_target()
        words = [word for one in thresholds for word in ('--threshold', one)]
        return self.run_boom(self.case(list(steps)), *more, *words, '--out', 'json=result.json',
                             '--out', 'junit=result.xml')

    def test_all_hold(self):
        run = self.run_with('slow:p50>=60ms', 'get:p50<55ms', 'error_ratio<1%', 'requests==40',
                            '{method=GET}:requests==40', 'iterations_finished==20')
        self.assertEqual(run.returncode, 0, run.errors())
        result = self.result()
        self.assertTrue(all(one['passed'] for one in result['thresholds']))
        slow = next(s for s in result['steps'] if s['name'] == 'slow')
        self.assertAlmostEqual(result['thresholds'][0]['observed'],
                               slow['response_time_us']['p50'] / 1000)
        self.assert_counts_agree(result)

    def test_one_fails(self):
        run = self.run_with('slow:p50<60ms', 'requests==40')
        self.assertEqual(run.returncode, 99)
        result = self.result()
        self.assertEqual([one['passed'] for one in result['thresholds']], [False, True])
        self.assertEqual(result['run']['verdict'], 'failed')
        self.assertEqual(result['run']['state'], 'finished')
        self.assertTrue(run.output().startswith('failed: a threshold failed'))
        self.assertIn('failures="1"', (self.folder / 'result.xml').read_text())

    def test_no_data_is_failed(self):
        bad = {'name': 'bad', 'request': {'method': 'GET', 'url': '/status/500'}}
        run = self.run_with('never:p95<1s', steps=(bad, dict(GET, name='never')),
                            more=('-u', 1, '-i', 3))
        self.assertEqual(run.returncode, 96)  # weightier than 99
        self.assertEqual(self.result()['thresholds'],
                         [{'expr': 'never:p95<1s', 'observed': None, 'bound': 1.0, 'unit': 's',
                           'passed': False}])

    def test_abort_on_fail(self):
        begun = time.monotonic()
        run = self.run_with('slow:p50<5ms; abort_on_fail; delay=2s', 'get:p50<5s',
                            more=('-u', 2, '-d', '50s'))
        self.assertEqual(run.returncode, 99, run.errors())
        self.assertLess(time.monotonic() - begun, 30)
        result = self.result()
        self.assertGreaterEqual(result['run']['duration_s'], 2)
        self.assertEqual(result['run']['state'], 'aborted')
        self.assertIn('slow:p50<5ms did not hold', self.notes(result)[0])
        told = [e['text'] for e in result['events'] if e['kind'] == 'threshold']
        self.assertEqual(len(told), 2, told)
        self.assertIn('slow:p50<5ms does not hold', told[0])
        self.assertIn('stopped at', told[1])
        self.assert_counts_agree(result)

    def test_mistakes_are_found_before_the_load(self):
        run = self.run_with('p95<200', 'slo:p95<1s', 'speed>1')
        self.assertEqual(run.returncode, 104)
        for text in 'needs a unit', "did you mean 'slow'?", "'speed' is no figure":
            self.assertIn(text, run.errors())
        self.assertEqual(self.target_stats()['requests'], 0)

    def test_in_a_profile(self):
        self.start_target()
        self.case([GET])
        self.write('profile.yml', '''
cases: [case.yml]
spawn-count: 2
loop-count: 3
thresholds:
  - requests>100
  - expr: get:p95<10s
    abort_on_fail: true
    delay: 1s
  - {expr: "get:p99<10s", allow_empty: true}
''')
        run = self.run_boom('--profile', 'profile.yml', '--out', 'json=result.json')
        self.assertEqual(run.returncode, 99, run.errors())
        result = self.result()
        self.assertEqual([(one['expr'], one['passed']) for one in result['thresholds']],
                         [('requests>100', False), ('get:p95<10s', True), ('get:p99<10s', True)])

    def test_over_the_api(self):
        self.start_target()
        case = self.case([GET])
        port, api = free_port(), free_port()
        self.spawn('--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', port,
                   '--master-http-address', f'127.0.0.1:{api}')
        self.spawn('--worker', '--master-port', port)
        url = f'http://127.0.0.1:{api}'

        def has_worker():
            try:
                return json.loads(http('GET', url + '/workers')[1])['data']
            except OSError:
                return None
        wait_for(has_worker, 'a worker')

        def start(thresholds):
            return json.loads(http('POST', url + '/start', json.dumps(
                {'testcase-path': str(case), 'spawn-count': 1, 'spawn-rate': 1, 'loop-count': 2,
                 'thresholds': thresholds}))[1])
        refused = start(['p95<1'])
        self.assertIn('needs a unit', refused['message'])
        self.assertNotEqual(refused['code'], 0)
        self.assertEqual(start(['requests>5']), {'code': 0, 'message': 'success'})
        stats = wait_for(lambda: (lambda s: s['run']['state'] == 'finished' and s)(
            json.loads(http('GET', url + '/stats')[1])), 'the end of the run')
        self.assertEqual(stats['run']['exit_code'], 99)
        self.assertEqual(stats['thresholds'][0]['observed'], 2)


main()
