"""boom compare and boom report on results of real runs."""
import json
import shutil
import subprocess
import unittest

from harness import BoomTest, main

CHROMIUM = shutil.which('chromium')


class Compare(BoomTest):
    def measure(self, name, delay_ms, *more):
        self.case([{'name': 'work', 'request': {'method': 'GET', 'url': '/delay/$ms'}}])
        return self.run_boom('case.yml', '-u', 3, '-d', '6s', '--var', f'ms={delay_ms}',
                             '--out', f'json={name}', *more)

    def median_of(self, base, other):
        """What a comparison says of the other's p50."""
        self.run_boom('compare', base, other, '--fail-over', '30%', '--out', 'json=median.json')
        comparison = json.loads((self.folder / 'median.json').read_text())
        work = next(s for s in comparison['steps'] if s['name'] == 'work')
        return next(f for f in work['figures'] if f['name'] == 'p50')['runs'][1]

    def test_a_slower_system_fails_and_the_same_does_not(self):
        self.start_target()
        # A machine that stood still in one of six seconds makes a run say nothing: once more.
        for _ in range(3):
            for name, delay in ('a.json', 20), ('same.json', 20), ('slow.json', 100):
                self.assertEqual(self.measure(name, delay).returncode, 0)
            if self.median_of('a.json', 'slow.json')['verdict'] == 'worse':
                break
        # A loaded machine makes both slower, but not five times.
        same = self.run_boom('compare', 'a.json', 'same.json', '--fail-over', '45%')
        self.assertEqual(same.returncode, 0, same.output())
        self.assertTrue(same.output().startswith('nothing is worse by more than 45 %'))
        slow = self.run_boom('compare', 'a.json', 'slow.json', '--fail-over', '30%',
                             '--out', 'json=c.json', '--out', 'html=c.html')
        self.assertEqual(slow.returncode, 1, slow.output())
        self.assertIn('another profile: var', slow.output())
        self.assertEqual(self.median_of('a.json', 'slow.json')['verdict'], 'worse')
        for name in 'a.json', 'slow.json':
            file = json.loads((self.folder / name).read_text())
            self.assertEqual(self.median_of('a.json', name)['value'],
                             file['steps'][0]['response_time_us']['p50'])
        # Without --fail-over it informs and does not judge.
        self.assertEqual(self.run_boom('compare', 'a.json', 'slow.json').returncode, 0)
        self.check_page()

    def check_page(self):
        if not CHROMIUM:
            print('SKIP: chromium is not installed, so the page is not rendered')
            return
        browser = subprocess.run(
            [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu',
             f'--user-data-dir={self.folder / "profile"}', '--virtual-time-budget=4000',
             '--dump-dom', (self.folder / 'c.html').as_uri()],
            capture_output=True, text=True, timeout=120)
        self.assertTrue('data-ready="yes"' in browser.stdout, browser.stderr[-2000:])
        self.assertGreaterEqual(browser.stdout.count('<svg'), 5)

    def test_an_aborted_run_is_refused(self):
        self.start_target()
        self.assertEqual(self.measure('a.json', 1).returncode, 0)
        self.assertEqual(self.measure('b.json', 1, '--threshold',
                                      'requests<1; abort_on_fail').returncode, 99)
        run = self.run_boom('compare', 'a.json', 'b.json')
        self.assertEqual(run.returncode, 104)
        self.assertIn('b.json', run.errors())
        forced = self.run_boom('compare', 'a.json', 'b.json', '--force')
        self.assertEqual(forced.returncode, 0)
        self.assertIn('the run was not finished', forced.output())

    def test_report_shows_a_result_again(self):
        self.start_target()
        run = self.measure('a.json', 1)
        again = self.run_boom('report', 'a.json')
        self.assertEqual(again.returncode, 0)
        self.assertEqual(again.output(), run.output())

    def test_mistakes(self):
        self.write('x.json', '{}')
        for words in (['compare', 'x.json'], ['compare', 'x.json', 'no.json'], ['report', 'x.json'],
                      ['report', 'no.json'], ['report'], ['compare'],
                      ['compare', 'x.json', 'x.json', '--fail-over', 'much']):
            run = self.run_boom(*words)
            self.assertEqual(run.returncode, 104, words)
            self.assertEqual(run.output(), '')
            self.assertNotEqual(run.errors(), '')


main()
