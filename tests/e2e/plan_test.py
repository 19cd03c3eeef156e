"""What a load will be, before it is one: the preview, and starts that wait for their time."""
import signal
import time

from harness import BoomTest, main, wait_for


class Plan(BoomTest):
    def plan(self, *arguments, code=0):
        run = self.run_boom('plan', 'http://127.0.0.1:1/', *arguments)
        self.assertEqual(run.returncode, code, run.errors())
        return run.output() if code == 0 else run.errors()

    def test_a_preview_shows_load_and_shares_and_sends_nothing(self):
        text = self.plan('--stage', '10s:100', '--stage', '20s:100', '--stage', '10s:0',
                         '--expect-workers', 3)
        self.assertIn('load over 40s', text)
        self.assertIn('users, at most 100', text)
        rows = [row.split('|')[1] for row in text.splitlines() if '|' in row]
        # A trapezium: each row of the chart is at least as long as the one above, and centred.
        lengths = [len(row.strip()) for row in rows]
        self.assertEqual(lengths, sorted(lengths))
        self.assertGreater(lengths[0], 0)
        for row in rows:
            self.assertAlmostEqual(row.index('#'), lengths[-1] - len(row.rstrip()), delta=2)
        for users in ('worker 1 of 3: at most 34 users', 'worker 2 of 3: at most 33 users',
                      'worker 3 of 3: at most 33 users'):
            self.assertIn(users, text)

    def test_a_preview_of_a_rate_counts_the_iterations(self):
        text = self.plan('--rate', 100, '--stage', '10s:300', '--stage', '0s:50', '--stage',
                         '10s:50', '-u', 40)
        self.assertIn('iterations/s, at most 300', text)
        self.assertIn('2500  iterations in all, by at most 40 users', text)

    def test_a_preview_is_written_for_programs(self):
        self.plan('--stage', '1s:10', '--expect-workers', 2, '--out', 'json=plan.json')
        plan = self.result('plan.json')
        self.assertEqual(plan['duration_s'], 1)
        [load] = plan['loads']
        self.assertEqual((load['unit'], load['users']), ('users', 10))
        self.assertEqual(load['points'][-1], {'t_s': 1, 'value': 10})
        self.assertEqual(plan['workers'], [{'users': 5}, {'users': 5}])

    def test_an_impossible_load_is_refused(self):
        self.assertIn('whole numbers', self.plan('--stage', '1s:2.5', code=104))
        self.assertIn('leave out spawn-rate', self.plan('--stage', '1s:2', '-r', 3, code=104))


class StartAt(BoomTest):
    def test_a_run_waits_for_its_time(self):
        self.start_target()
        begun = time.time()
        run = self.run_boom(self.target + '/get', '-i', 2, '--start-at', '+1500ms', '--out',
                            'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        self.assertGreaterEqual(time.time() - begun, 1.5)
        self.assertEqual(self.target_stats()['requests'], 2)

    def test_a_waiting_run_can_be_cancelled(self):
        self.start_target()
        run = self.spawn(self.target + '/get', '-i', 2, '--start-at', '+1h')
        wait_for(lambda: run.errors() or run.output(), 'it says something', 60)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(60), 105)
        self.assertEqual(self.target_stats()['requests'], 0)

    def test_a_time_that_is_none_or_has_passed_is_refused(self):
        for text, word in (('teatime', 'no time'), ('25:00', 'no time'),
                           ('2001-01-01T10:00:00Z', 'has passed')):
            run = self.run_boom('http://127.0.0.1:1/', '--start-at', text)
            self.assertEqual(run.returncode, 104, run.errors())
            self.assertIn(word, run.errors())


if __name__ == '__main__':
    main()
