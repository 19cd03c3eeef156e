"""Setup and teardown of the run: once, on the master, around all load; told apart from it."""
import json
import signal

from harness import BoomTest, free_port, http, main, wait_for

LOGIN = {'name': 'login', 'request': {'method': 'POST', 'url': '/login'},
         'extract': {'token': 'body.token'}}


def once(token, **more):
    return dict({'name': token, 'request': {'method': 'GET', 'url': f'/once?token={token}'}},
                **more)


class RunParts(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()

    def parts_case(self, setup=(), teardown=(), delay=5, name='case.yml'):
        load = [{'name': 'me', 'request': {'method': 'GET', 'url': '/me', 'headers': {
            'Authorization': '$auth', 'User-Agent': 'load $token'}}},
                {'name': 'wait', 'request': {'method': 'GET', 'url': f'/delay/{delay}',
                                             'headers': {'User-Agent': 'load $token'}}}]
        config = {'name': name, 'base_url': self.target, 'variables': {'auth': 'Bearer $token'}}
        return self.write(name, json.dumps({
            'config': config, 'run_setup': [LOGIN, *setup], 'teststeps': load,
            'run_teardown': [once('down-$token'), *teardown]}))

    def fleet(self, count, case, *more):
        port = free_port()
        for i in range(count):
            self.spawn('--worker', '--master-port', port, '--name', f'w{i}')
        self.http_port = free_port()
        return self.spawn('--master', '--auto-start', case, '--expect-workers', count,
                          '--master-bind-host', '127.0.0.1', '--master-bind-port', port,
                          '--master-http-address', f'127.0.0.1:{self.http_port}',
                          '--out', 'json=result.json', *more)

    def api(self, method, path, body=None):
        return json.loads(http(method, f'http://127.0.0.1:{self.http_port}{path}', body)[1])

    def assert_once(self, result, workers):
        """One setup, one teardown at the very end, its token in every request of the load."""
        stats = self.target_stats()
        self.assertEqual(stats['paths']['/login'], 1)
        self.assertEqual(len(stats['once']['order']), 1, stats['once']['order'])
        token = stats['once']['order'][0].removeprefix('down-')
        agents = stats['user_agents']
        load = {k: n for k, n in agents.items() if k.startswith('load ')}
        self.assertEqual(list(load), ['load ' + token])
        self.assertEqual(load['load ' + token], result['connections']['exchanges'])
        self.assertEqual(sum(w['requests'] for w in result['workers']),
                         result['total']['requests'])
        self.assertEqual(len(result['workers']), workers)
        self.assertTrue(all(w['requests'] > 0 for w in result['workers']))
        # Apart from the load: not among its steps or totals.
        self.assertEqual([s['name'] for s in result['setup']], ['login'])
        self.assertEqual([(s['outcome'], s['status']) for s in result['setup']],
                         [('passed', 200)])
        self.assertEqual([s['status'] for s in result['teardown']], [200])
        self.assertNotIn('login', [s['name'] for s in result['steps']])
        self.assertEqual(stats['requests'], result['connections']['exchanges'] + 2)
        self.assertEqual([e['kind'] for e in result['events']
                          if e['kind'] in ('setup', 'start', 'teardown')],
                         ['setup', 'start', 'teardown'])

    def test_standalone(self):
        run = self.run_boom(self.parts_case(), '-u', 3, '-i', 4, '--out', 'json=result.json',
                            '--out', 'junit=result.xml')
        self.assertEqual(run.returncode, 0, run.errors())
        result = self.result()
        self.assertEqual(result['total']['requests'], 24)
        self.assertEqual(result['total']['failures'], 0)
        self.assert_once(result, 1)
        self.assertIn('setup of the run', run.output())
        self.assertIn('setup: case.yml: login', (self.folder / 'result.xml').read_text())

    def test_two_workers(self):
        master = self.fleet(2, self.parts_case(), '-u', 4, '-d', '2s')
        self.assertEqual(master.wait(60), 0, master.errors())
        result = self.result()
        self.assertEqual(result['total']['failures'], 0)
        self.assert_once(result, 2)

    def test_a_stop_and_a_threshold_that_aborts_are_followed_by_the_teardown(self):
        master = self.fleet(2, self.parts_case(), '-u', 4, '-d', '50s')
        wait_for(lambda: self.target_stats()['requests'] > 400, 'load', 60)
        self.assertEqual(self.api('POST', '/stop')['code'], 0)
        self.assertEqual(master.wait(60), 0, master.errors())
        self.assert_once(self.result(), 2)
        http('GET', self.target + '/__reset')
        run = self.run_boom(self.parts_case(), '-u', 2, '-d', '50s', '--out', 'json=result.json',
                            '--threshold', 'wait:p50<1ms; abort_on_fail')
        self.assertEqual(run.returncode, 99, run.errors())
        self.assert_once(self.result(), 1)

    def test_a_signal_is_followed_by_the_teardown(self):
        run = self.spawn(self.parts_case(), '-u', 2, '-d', '50s', '--out', 'json=result.json')
        wait_for(lambda: self.target_stats()['requests'] > 400, 'load', 60)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(60), 105, run.errors())
        self.assert_once(self.result(), 1)

    def test_a_failing_setup_ends_the_run_before_the_load(self):
        broken = {'name': 'fill', 'request': {'method': 'GET', 'url': '/get'},
                  'validate': [{'eq': ['status_code', 201]}]}
        run = self.fleet(2, self.parts_case([broken, once('never')]), '-u', 4, '-d', '9s')
        self.assertEqual(run.wait(60), 102, run.errors())
        stats = self.target_stats()
        self.assertEqual(stats['requests'], 3)  # login, fill, teardown
        self.assertEqual(len(stats['once']['order']), 1)
        self.assertTrue(stats['once']['order'][0].startswith('down-'))
        self.assertNotEqual(stats['once']['order'][0], 'down-')  # with what there was of the setup
        result = self.result()
        self.assertEqual(result['run']['verdict'], 'invalid')
        self.assertEqual(result['total']['requests'], 0)
        self.assertEqual(result['run']['exit_code'], 102)
        failed = result['setup'][1]
        self.assertEqual((failed['name'], failed['status']), ('fill', 200))
        for part in ('status_code', '201', '200'):
            self.assertIn(part, failed['message'])
        self.assertTrue(any("step 'fill'" in note and '201' in note
                            for note in result['run']['notes']), result['run']['notes'])

    def test_a_failing_teardown_loses_nothing(self):
        broken = {'name': 'sweep', 'request': {'method': 'GET', 'url': '/status/500'}}
        run = self.run_boom(self.parts_case(teardown=[broken]), '-u', 2, '-i', 3,
                            '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        result = self.result()
        self.assertEqual(result['total']['requests'], 12)
        self.assertEqual([s['status'] for s in result['teardown']], [200, 500])
        self.assertTrue(any("step 'sweep'" in note for note in result['run']['notes']))

    def test_a_setup_that_waits_says_for_what_and_can_be_stopped(self):
        slow = {'name': 'first fill', 'request': {'method': 'GET', 'url': '/hang', 'timeout': 50}}
        master = self.fleet(1, self.parts_case([slow]), '-u', 1, '-d', '9s')
        wait_for(lambda: '/hang' in self.target_stats()['paths'], 'setup', 60)
        row = self.api('GET', '/master')['data']
        self.assertEqual(row['state_name'], 'setup')
        self.assertEqual(self.api('POST', '/start',
                                  '{"testcase-path": "case.yml"}')['message'], 'already started')
        wait_for(lambda: "step 'first fill' waits for its answer" in master.errors(), 'why', 30)
        self.assertRegex(master.errors(), r"'first fill' waits .* \(timeout 50 s\)")
        self.assertEqual(self.api('POST', '/stop', '{"force": true}')['code'], 0)
        self.assertEqual(master.wait(60), 96, master.errors())
        result = self.result()
        self.assertEqual(result['run']['state'], 'stopped')
        self.assertEqual(result['total']['requests'], 0)
        self.assertEqual([s['outcome'] for s in result['setup']], ['passed', 'interrupted'])
        self.assertEqual(len(self.target_stats()['once']['order']), 1)

    def test_each_of_several_cases_has_its_own(self):
        cases = [self.parts_case(name=name) for name in ('a.yml', 'b.yml')]
        run = self.run_boom(*cases, '-u', 4, '-i', 5, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        stats = self.target_stats()
        self.assertEqual(stats['paths']['/login'], 2)
        tokens = [t.removeprefix('down-') for t in stats['once']['order']]
        self.assertEqual(len(set(tokens)), 2)
        self.assertEqual({k for k in stats['user_agents'] if k.startswith('load ')},
                         {'load ' + t for t in tokens})

    def test_a_killed_master_sets_nothing_up_twice_and_ends_what_was_begun(self):
        port = free_port()
        case = self.parts_case()
        self.spawn('--worker', '--master-port', port)
        start = ('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                 '--master-bind-port', port, '--master-http-address', 'none', '--run-dir', 'runs',
                 '--out', 'json=result.json', '-u', 2, '-d', '5s')
        master = self.spawn(*start)
        wait_for(lambda: self.target_stats()['requests'] > 400, 'load', 60)
        master.kill()
        master.wait()
        again = self.spawn(*start)
        self.assertEqual(again.wait(60), 0, again.errors())
        self.assert_once(self.result(), 1)
        self.assertIn('is taken up again', again.errors())
        self.assertEqual(list((self.folder / 'runs').glob('*/journal')), [])

    def test_a_teardown_that_was_cut_off_with_its_master_is_not_begun_again(self):
        slow = {'name': 'slow', 'request': {'method': 'GET', 'url': '/hang', 'timeout': 50}}
        port = free_port()
        case = self.parts_case(teardown=[slow])
        self.spawn('--worker', '--master-port', port)
        start = ('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                 '--master-bind-port', port, '--master-http-address', 'none', '--run-dir', 'runs',
                 '--out', 'json=result.json', '-u', 2, '-d', '1s')
        master = self.spawn(*start)
        wait_for(lambda: '/hang' in self.target_stats()['paths'], 'teardown', 60)
        master.kill()
        master.wait()
        again = self.spawn(*start)
        self.assertEqual(again.wait(60), 0, again.errors())
        result = self.result()
        stats = self.target_stats()
        self.assertEqual(stats['paths']['/hang'], 1)
        self.assertEqual(len(stats['once']['order']), 1)
        self.assertEqual(stats['requests'], result['connections']['exchanges'] + 3)
        self.assertNotIn('teardown', result)
        self.assertTrue(any('it is not repeated' in note for note in result['run']['notes']))
        self.assertEqual(list((self.folder / 'runs').glob('*/journal')), [])

    def test_debug_shows_them_too(self):
        run = self.run_boom('--debug', self.parts_case())
        self.assertEqual(run.returncode, 0, run.errors())
        stats = self.target_stats()
        self.assertEqual((stats['paths']['/login'], len(stats['once']['order'])), (1, 1))
        self.assertIn('4 passed, 0 failed', run.output())
        self.assertEqual(stats['requests'], 4)


main()
