"""Functions and hooks in debugtalk.py: found before the start, run without stopping others."""
import json

from harness import BoomTest, free_port, main, wait_for

SOURCE = '''
import json, os, time, urllib.request

def sum_two_int(a: int, b: int = 1) -> int:
    return a + b

def token():
    return {'value': 'tk-1'}

def wait_for_others(target, count):
    # Blocks its caller until the other user has sent so many requests: for ever, if it blocks him.
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with urllib.request.urlopen(target + '/__stats') as answer:
            if json.load(answer)['paths'].get('/headers', 0) >= count:
                return 'seen'
        time.sleep(0.01)
    raise RuntimeError('the other user does not move')

def sign(request):
    request['headers']['X-Signed'] = request['method'].lower()
    request['body']['added'] = 7

def mend(response):
    response['status_code'] = 200
    response['body'] = {'mended': True}

def die():
    os._exit(3)
'''


class Debugtalk(BoomTest):
    def setUp(self):
        super().setUp()
        self.write('debugtalk.py', SOURCE)

    def run_steps(self, steps, *more, config=None, code=0):
        path = self.write('case.yml', json.dumps(
            {'config': {'base_url': self.target, **(config or {})}, 'teststeps': steps}))
        run = self.run_boom(path, '--out', 'json=result.json', *more)
        self.assertEqual(run.returncode, code, run.errors() + run.output())
        return self.result() if code == 0 else run

    def test_functions_wherever_expressions_stand(self):
        self.start_target()
        step = {'name': 'get', 'variables': {'t': '${token()}'},
                'if': '${sum_two_int(1, 2)} == 3', 'loops': '${sum_two_int(1)}',
                'request': {'method': 'GET', 'url': '/get',
                            'params': {'n': '${SumTwoInt($one, 4)}', 't': '$t'}},
                'extract': {'n': 'body.args.n'},
                'validate': [{'eq': ['body.args.n', '${str(${sum_two_int(2, 3)})}']},
                             {'contains': ['body.args.t', 'tk-1']}]}
        after = {'name': 'after', 'request': {'method': 'GET', 'url': '/get',
                                              'params': {'a': '$n-$start'}},
                 'validate': [{'eq': ['body.args.a', '5-11']}]}
        result = self.run_steps([step, after], '-u', 3, '-i', 4, '--threads', 2,
                                config={'variables': {'one': 1, 'start': '${sum_two_int(10)}'}})
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        self.assertEqual([s['requests'] for s in result['steps'] if s['type'] == 'request'],
                         [24, 12])
        self.assert_counts_agree(result)

    def test_hooks_change_request_and_answer(self):
        self.start_target()
        step = {'name': 'post', 'request': {'method': 'POST', 'url': '/post', 'json': {'a': 1}},
                'setup_hooks': ['${sign($request)}'],
                'validate': [{'eq': ['body.json', {'a': 1, 'added': 7}]},
                             {'eq': ['body.headers."x-signed"', 'post']}]}
        broken = {'name': 'mended', 'request': {'method': 'GET', 'url': '/status/503'},
                  'teardown_hooks': ['${mend($response)}'],
                  'validate': [{'eq': ['body.mended', True]}, {'eq': ['status_code', 200]}]}
        result = self.run_steps([step, broken], '-u', 2, '-i', 3)
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        self.assert_counts_agree(result)

    def test_a_function_that_blocks_does_not_stop_other_users(self):
        self.start_target()
        self.write('quick.yml', json.dumps({
            'config': {'name': 'quick', 'base_url': self.target},
            'teststeps': [{'name': 'quick', 'request': {'method': 'GET', 'url': '/headers'}}]}))
        self.write('slow.yml', json.dumps({
            'config': {'name': 'slow', 'base_url': self.target},
            'teststeps': [{'name': 'slow', 'request': {
                'method': 'GET', 'url': '/get',
                'params': {'a': '${wait_for_others($base_url, 20)}'}}}]}))
        self.write('boom.yml', json.dumps({
            'cases': ['quick.yml', 'slow.yml'], 'loop-count': 20, 'threads': 1,
            'scenarios': [{'case': 'quick', 'users': 1}, {'case': 'slow', 'users': 1}]}))
        run = self.run_boom('--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors() + run.output())
        rows = {s['name']: (s['requests'], s['failures']) for s in self.result()['steps']
                if s['type'] == 'request'}
        self.assertEqual(rows, {'quick': (20, 0), 'slow': (20, 0)})
        self.assert_counts_agree(self.result())

    def test_a_host_that_dies_is_a_failure_and_starts_again(self):
        self.start_target()
        steps = [{'name': 'dies', 'request': {'method': 'GET', 'url': '/${die()}'}},
                 {'name': 'lives', 'request': {'method': 'GET', 'url': '/get',
                                               'params': {'n': '${sum_two_int(1)}'}}}]
        result = self.run_steps(steps, '-u', 1, '-i', 3, '--on-failure', 'continue')
        rows = {s['name']: s for s in result['steps'] if s['type'] == 'request'}
        self.assertEqual([rows['dies']['failures'], rows['lives']['failures']], [3, 0])
        self.assertIn('Python process ended', result['errors'][0]['message'])
        note = next(n for n in self.notes(result) if 'Python' in n)
        self.assertIn('worker local: the Python process of debugtalk.py ended 3 times', note)
        self.assertEqual([w['health']['host_deaths'] for w in result['workers']], [3])

    def test_hosts_that_die_on_workers_are_counted_for_each(self):
        self.start_target()
        case = self.write('case.yml', json.dumps({
            'config': {'base_url': self.target},
            'teststeps': [
                {'name': 'dies', 'request': {'method': 'GET', 'url': '/${die()}'}},
                {'name': 'lives', 'request': {'method': 'GET', 'url': '/get'}}]}))
        self.empty = self.folder / 'empty'
        self.empty.mkdir()
        master, _ = self.run_on_workers(case, 2, ('--token', 'correct-horse'),
                                        more=('--on-failure', 'continue'))
        self.assertEqual(master.wait(60), 0, master.errors())
        result = self.result()
        deaths = {w['name']: w['health']['host_deaths'] for w in result['workers']}
        # A process has the calls of its users at hand when it dies: one death fails up to two.
        failed = {s['name']: s['failures'] for s in result['steps']}['dies']
        self.assertEqual(failed, 12)
        for name, count in deaths.items():
            self.assertTrue(3 <= count <= 6, deaths)
            self.assertEqual(sum(f'worker {name}: the Python process' in note
                                 for note in self.notes(result)), 1)
        self.assertEqual(len(deaths), 2)

    def test_what_is_wrong_is_found_before_the_start(self):
        self.start_target()
        get = {'name': 'get', 'request': {'method': 'GET', 'url': '/${sum_two_itn(1)}'}}
        run = self.run_steps([get], code=104)
        self.assertIn("did you mean 'sum_two_int'", run.errors())
        get['request']['url'] = '/${sum_two_int(1, 2, 3)}'
        self.assertIn('takes 1 to 2 arguments, not 3', self.run_steps([get], code=104).errors())
        self.write('debugtalk.py', 'import no_such_module_of_boom\n')
        get['request']['url'] = '/get'
        self.assertIn('no_such_module_of_boom', self.run_steps([get], code=107).errors())
        self.assertEqual(self.target_stats()['requests'], 0)

    def run_on_workers(self, case, count, link, *of_worker, more=()):
        port = free_port()
        workers = [self.spawn('--worker', '--master-port', port, '--name', f'w{i}', *link,
                              *of_worker, folder=self.empty) for i in range(count)]
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none', *link,
                            '--expect-workers', count, '-u', 4, '-i', 3,
                            '--out', 'json=result.json', *more)
        return master, workers

    def workers_case(self):
        self.empty = self.folder / 'empty'
        self.empty.mkdir()
        return self.write('case.yml', json.dumps({
            'config': {'base_url': self.target},
            'teststeps': [{'name': 'get', 'request': {'method': 'GET', 'url': '/get',
                                                      'params': {'n': '${sum_two_int(4)}'}},
                           'validate': [{'eq': ['body.args.n', '5']}]}]}))

    def test_the_source_travels_to_workers(self):
        self.start_target()
        master, _ = self.run_on_workers(self.workers_case(), 2, [])
        self.assertEqual(master.wait(40), 0, master.errors())
        self.assertEqual(self.result()['total']['failures'], 0)
        self.assertEqual(self.result()['total']['requests'], 12)
        self.assertEqual(list(self.empty.iterdir()), [])

    def test_a_worker_runs_no_code_that_came_over_an_open_link(self):
        # By this address the master is not known to be on the same machine.
        elsewhere = ['--master-host', '0.0.0.0']
        self.write('debugtalk.py', 'open("ran", "w").close()\n' + SOURCE)
        self.start_target()
        case = self.workers_case()
        master, (worker,) = self.run_on_workers(case, 1, [], *elsewhere)
        wait_for(lambda: 'link with a token' in worker.errors(), 'the refusal')
        # It is the worker's refusal, not its end: it is still there for the next run.
        self.assertNotEqual(master.wait(60), 0)
        self.assertIn('debugtalk.py', master.errors() + master.output())
        self.assertNotIn(worker.poll(), (-6, -11))
        self.assertFalse((self.folder / 'result.json').exists() and
                         self.result()['total']['requests'])
        self.assertEqual(self.target_stats()['requests'], 0)
        self.assertEqual(list(self.empty.iterdir()), [])

        master, _ = self.run_on_workers(case, 1, ['--token', 'correct-horse'], *elsewhere)
        self.assertEqual(master.wait(40), 0, master.errors())
        self.assertEqual(self.result()['total']['requests'], 12)
        self.assertEqual([path.name for path in self.empty.iterdir()], ['ran'])


main()
