"""What holds in every run, whatever happens in it: nothing is lost between due and done."""
from harness import BoomTest, free_port, http, main, wait_for


class Conservation(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()

    def load(self, *arguments):
        http('POST', self.target + '/__reset')
        process = self.run_boom(*arguments, '--quiet', '--out', 'json=result.json')
        self.assertIn(process.returncode, (0, 96, 97, 105), process.errors())
        result = self.result()
        self.assert_conserved(result)
        return result

    def assert_conserved(self, result):
        iterations = result['iterations']
        self.assertEqual(iterations['started'], iterations['finished'] + iterations['failed']
                         + iterations['interrupted'], iterations)
        self.assertEqual(result['connections']['exchanges'], self.target_stats()['requests'])
        requests = [step for step in result['steps'] if step['type'] == 'request']
        for key in ('requests', 'failures', 'interrupted'):
            self.assertEqual(sum(step[key] for step in requests), result['total'][key], key)
        for key in ('requests', 'failures'):
            self.assertEqual(sum(worker[key] for worker in result['workers']),
                             result['total'][key], key)
        self.assertEqual(sum(row['count'] for row in result['errors']),
                         result['total']['failures'] + result['total']['interrupted']
                         if any(row['class'] == 'interrupted' for row in result['errors'])
                         else result['total']['failures'])
        if result['stages']:
            self.assertEqual(sum(stage['total']['requests'] for stage in result['stages']),
                             result['total']['requests'])

    def due(self, result):
        return result['iterations']['started'] + result['iterations']['dropped']

    def test_arrivals_due_are_started_or_dropped(self):
        for users, path in ((50, '/get'), (2, '/delay/300'), (20, '/flaky?ratio=0.5')):
            result = self.load(self.target + path, '--rate', 150, '-u', users, '-d', '1s',
                               '--threads', 2)
            self.assertEqual(self.due(result), 150, path)

    def test_the_same_seed_has_the_same_arrivals_due(self):
        due = {self.due(self.load(self.target + path, '--rate', 200, '-u', users, '-d', '1s',
                                  '--arrival', 'poisson', '--seed', 5))
               for users, path in ((100, '/get'), (1, '/delay/100'))}
        self.assertEqual(len(due), 1, due)

    def test_what_a_stop_cuts_is_interrupted(self):
        for path in ('/delay/700', '/hang'):
            result = self.load(self.target + path, '--rate', 100, '-u', 60, '-d', '1s',
                               '--stop-timeout', '100ms')
            self.assertEqual(self.due(result), 100)
            self.assertGreater(result['iterations']['interrupted'], 0)
            self.assertGreater(result['total']['interrupted'], 0)

    def test_users_stages_redirects_and_failures(self):
        case = self.case([
            {'name': 'hops', 'request': {'method': 'GET', 'url': '/redirect/3'}},
            {'name': 'flaky', 'request': {'method': 'GET', 'url': '/flaky?ratio=0.3'}},
            {'name': 'closed', 'request': {'method': 'GET', 'url': '/close'}},
            {'name': 'slow', 'request': {'method': 'GET', 'url': '/delay/30'}}])
        for engine in ('http1', 'curl'):
            self.load(case, '--stage', '1s:20', '--stage', '500ms:3', '--engine', engine)
            self.load(case, '-u', 10, '-i', 4, '--on-failure', 'continue', '--engine', engine)

    def test_two_workers_and_one_that_goes(self):
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/delay/10'}}])
        port = free_port()
        workers = [self.spawn('--worker', '--master-port', port) for _ in range(2)]
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none',
                            '--expect-workers', 2, '--rate', 100, '-d', '3s', '-u', 50, '--out',
                            'json=result.json', '--quiet')
        wait_for(lambda: self.target_stats()['requests'] > 30, 'load', 60)
        workers[1].terminate()
        self.assertIn(master.wait(60), (0, 97), master.errors())
        result = self.result()
        self.assert_conserved(result)
        # What was due while nobody had the leaving worker's part is dropped, and said so.
        self.assertEqual(self.due(result), 300, result['run']['notes'])
        # A busy machine drops some for other reasons, too.
        if any('took over' in note for note in result['run']['notes']):
            self.assertGreater(result['iterations']['dropped'], 0)


if __name__ == '__main__':
    main()
