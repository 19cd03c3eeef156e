"""Counters, shared variables, sleep, and functions that give rows: unique over any number of
workers, seen by all, without stopping anybody."""
import json
import signal

from harness import BoomTest, free_port, main, wait_for


class Functions(BoomTest):
    def case(self, *steps, name='case.yml', **config):
        return self.write(name, json.dumps(
            {'config': {'name': name, 'base_url': self.target, **config},
             'teststeps': list(steps)}))

    def once(self, token, **more):
        return {'name': 'once', 'request': {'method': 'GET', 'url': '/once',
                                            'params': {'token': token}}, **more}

    def on_workers(self, count, case, *more):
        port = free_port()
        for i in range(count):
            self.spawn('--worker', '--master-port', port, '--name', f'w{i}')
        return self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                          '--master-bind-port', port, '--master-http-address', 'none',
                          '--expect-workers', count, '--out', 'json=result.json', *more)

    def tokens(self):
        return self.target_stats()['once']['order']

    def test_a_fleet_counter_repeats_nothing_over_two_workers(self):
        self.start_target()
        case = self.case(self.once('${fleet_counter(orders)}'))
        master = self.on_workers(2, case, '-u', 6, '-i', 50)
        self.assertEqual(master.wait(60), 0, master.errors())
        once = self.target_stats()['once']
        self.assertEqual((once['tokens'], once['repeats']), (300, 0))
        self.assertEqual(sum(w['requests'] > 0 for w in self.result()['workers']), 2)
        numbers = sorted(map(int, once['order']))
        self.assertEqual(numbers[:150], list(range(1, 151)))
        self.assertEqual(numbers[150:], [10_000_000_000 + n for n in range(1, 151)])

    def test_a_counter_of_a_user_counts_its_own_calls(self):
        self.start_target()
        case = self.case(self.once('${user_id()}-${counter()}'),
                         self.once('${user_id()}-b${counter(b)}'))
        run = self.run_boom(case, '-u', 3, '-i', 4, '--threads', 2)
        self.assertEqual(run.returncode, 0, run.errors())
        self.assertEqual(sorted(self.tokens()), sorted(
            f'{user}-{name}{n}' for user in range(3) for name in ('', 'b') for n in range(1, 5)))

    def test_a_config_variable_is_made_once_for_each_user(self):
        self.start_target()
        case = self.case(self.once('$who-${counter()}'), variables={'who': '${uuid()}'})
        run = self.run_boom(case, '-u', 3, '-i', 4, '--threads', 2)
        self.assertEqual(run.returncode, 0, run.errors())
        calls = {}
        for token in self.tokens():
            who, _, number = token.rpartition('-')
            calls.setdefault(who, []).append(int(number))
        self.assertEqual(list(calls.values()), [[1, 2, 3, 4]] * 3)

    def test_what_one_user_shares_the_users_of_the_other_worker_see(self):
        self.start_target()
        setter = self.once('set-${set_shared(token, tk-1, fleet)}', **{
            'if': '${user_id()} == 0', 'skip': '${iteration()} > 0'})
        reader = self.once('${shared(token, none)}-${user_id()}-${counter()}')
        case = self.case(setter, reader, {'think_time': {'time': '20ms'}})
        master = self.on_workers(2, case, '-u', 2, '-d', '50s', '--stop-timeout', '1s')
        wait_for(lambda: all(any(token.startswith(f'tk-1-{user}-') for token in self.tokens())
                             for user in (0, 1)), 'the token at both workers', 45)
        master.send_signal(signal.SIGINT)
        self.assertEqual(master.wait(60), 105, master.errors())
        self.assertEqual(self.result()['total']['failures'], 0, self.result()['errors'])
        self.assertEqual({w['requests'] > 0 for w in self.result()['workers']}, {True})

    def test_a_variable_that_nobody_shared_fails_by_name(self):
        self.start_target()
        run = self.run_boom(self.case(self.once('${shared(nope)}')), '-u', 1, '-i', 1,
                            '--out', 'json=result.json')
        self.assertEqual(run.returncode, 96)
        self.assertIn("nobody has set 'nope'", self.result()['errors'][0]['message'])

    def test_a_user_that_sleeps_stops_nobody_else(self):
        self.start_target()
        self.case(self.once('q${counter()}'), name='quick.yml')
        self.case(self.once('s'), {'name': 'nap', 'variables': {'x': '${sleep(3600)}'},
                                   'request': {'url': '/get'}}, name='slow.yml')
        self.write('boom.yml', json.dumps({
            'cases': ['quick.yml', 'slow.yml'], 'loop-count': 20, 'threads': 1,
            'stop-timeout': '100ms',
            'scenarios': [{'case': 'slow.yml', 'users': 1}, {'case': 'quick.yml', 'users': 1}]}))
        run = self.spawn('--out', 'json=result.json')
        wait_for(lambda: len(self.tokens()) == 21, 'the other user', 45)
        run.send_signal(signal.SIGINT)
        run.wait(60)
        self.assertEqual(sorted(self.tokens()), sorted(['s'] + [f'q{n}' for n in range(1, 21)]))

    def test_sleep_ends(self):
        self.start_target()
        case = self.case({'name': 'get', 'request': {'url': '/get'},
                          'setup_hooks': ['${sleep(0.05)}'], 'teardown_hooks': ['${sleep(0.05)}']})
        run = self.run_boom(case, '-u', 2, '-i', 2, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        self.assertEqual(self.result()['total']['requests'], 4)

    def test_a_function_gives_the_rows_once_for_all_workers(self):
        self.start_target()
        self.write('debugtalk.py', '''
def rows(count):
    with open('calls', 'a') as file:
        file.write('x')
    return [{'token': f't{i}', 'other': i} for i in range(count)]

def broken():
    raise ValueError('no rows today')
''')
        case = self.case(self.once('$token'), variables={'count': 41},
                         parameters={'token': '${rows($count)}'},
                         parameters_setting={'pick_order': 'unique'})
        validated = self.run_boom('validate', case)
        self.assertEqual(validated.returncode, 0, validated.errors())
        self.assertFalse((self.folder / 'calls').exists())
        master = self.on_workers(2, case, '-u', 4)
        self.assertEqual(master.wait(60), 0, master.errors())
        once = self.target_stats()['once']
        self.assertEqual((once['tokens'], once['repeats']), (41, 0))
        self.assertEqual((self.folder / 'calls').read_text(), 'x')
        case = self.case(self.once('$token'), parameters={'token': '${broken()}'})
        run = self.run_boom(case, '-u', 1)
        self.assertEqual(run.returncode, 104)
        self.assertIn('no rows today', run.errors())

    def test_functions_that_cost_much_are_named(self):
        self.start_target()
        self.write('debugtalk.py', '''
def burn():
    return sum(range(3_000_000))
''')
        case = self.case({'name': 'get', 'request': {'url': '/get', 'params': {'n': '${burn()}'}}})
        run = self.run_boom(case, '-u', 2, '-d', '3s', '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        notes = [n for n in self.result()['run']['notes'] if 'functions of the case' in n]
        self.assertEqual(len(notes), 1, self.result()['run']['notes'])
        health = self.result()['workers'][0]['health']
        self.assertGreater(health['function_cpu_us'] * 5, health['cpu_us'])

    def test_a_form_of_functions_is_sent_as_one(self):
        self.start_target()
        self.write('up.txt', 'content')
        step = {'name': 'up', 'variables': {'form': '${multipart_encoder($fields)}'},
                'request': {'method': 'POST', 'url': '/post', 'body': '$form', 'headers': {
                    'Content-Type': '${multipart_content_type($form)}'}},
                'validate': [{'eq': ['body.form.a', 'b']},
                             {'ends_with': ['body.files."up.txt"', 'base64,Y29udGVudA==']}]}
        case = self.case(step, variables={'fields': {'a': 'b', 'file': '@up.txt'}})
        run = self.run_boom(case, '-u', 1, '-i', 2, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors() + run.output())
        self.assertEqual(self.result()['total']['failures'], 0, self.result()['errors'])


main()
