"""Hot join and drain with real processes: the rate goes on, no count is lost."""
import signal

from harness import BoomTest, free_port, main, wait_for


class Drain(BoomTest):
    def test_a_rate_goes_on_while_workers_join_and_drain(self):
        self.start_target()
        self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/delay/5'}}])
        port = free_port()
        worker = lambda name: self.spawn('--worker', '--master-port', port, '--name', name)
        first = worker('w0')
        master = self.spawn('--master', '--auto-start', 'case.yml', '--master-bind-host',
                            '127.0.0.1', '--master-bind-port', port, '--master-http-address',
                            'none', '--out', 'json=result.json', '--rate', 200, '-u', 200, '-d',
                            '9s')
        wait_for(lambda: self.target_stats()['requests'] > 200, 'load', 60)
        worker('w1')
        wait_for(lambda: 'w1_' in master.errors() and 'joined' in master.errors(), 'joined', 60)
        before = self.target_stats()['requests']
        wait_for(lambda: self.target_stats()['requests'] > before + 300, 'both work', 60)
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(60), 0, first.errors())
        self.assertEqual(master.wait(60), 0, master.errors())
        result = self.result()
        self.assert_counts_agree(result)
        self.assertFalse(result['run']['degraded'], result['run']['notes'])
        done = {w['name']: w['requests'] for w in result['workers']}
        self.assertEqual(sorted(done), ['w0', 'w1'])
        self.assertGreater(min(done.values()), 0)
        kinds = [e['kind'] for e in result['events']]
        self.assertIn('joined', kinds)
        self.assertIn('drained', kinds)
        # The open model says how many arrivals there are, whoever carries them. A worker that hears
        # late of a change, on a machine that stands still, says so.
        iterations = result['iterations']
        if not any('learned of its share' in note for note in result['run']['notes']):
            self.assertEqual(iterations['started'] + iterations['dropped'], 1800)
        self.assertEqual(iterations['interrupted'], 0)


main()
