"""Kinds of steps: loops, conditions, setup, references, rendezvous, settings of a request; each
here and on two workers."""
import json
import re

from harness import BoomTest, free_port, main, wait_for


def get(path, **more):
    return {'name': path, 'request': {'method': 'GET', 'url': path}, **more}


class Steps(BoomTest):
    def run_case(self, case, *more, code=0):
        path = self.write('case.yml', json.dumps(
            {**case, 'config': {'base_url': self.target, **case.get('config', {})}}))
        run = self.start(path, *more, '--out', 'json=result.json')
        run.wait(60)
        self.assertEqual(run.returncode, code, run.errors() + run.output())
        return self.result()

    def start(self, *arguments):
        return self.spawn(*arguments, '--threads', 2, '--spawn-rate', 1000)

    def requests_of(self, result):
        return {s['name']: s['requests'] for s in result['steps'] if s['type'] == 'request'}

    def test_loops_and_conditions(self):
        self.start_target()
        result = self.run_case({
            'config': {'variables': {'n': 3, 'none': ''}},
            'teststeps': [get('/get', loops='$n'), get('/status/200', skip=True),
                          get('/status/201', **{'if': '$n == 4'}),
                          get('/status/202', **{'if': '$n >= 3'}), get('/echo', enabled=False),
                          get('/status/203', skip='$none')]}, '-u', 2, '-i', 5)
        self.assertEqual(self.requests_of(result),
                         {'/get': 30, '/status/200': 0, '/status/201': 0, '/status/202': 10,
                          '/echo': 0, '/status/203': 10})
        self.assert_counts_agree(result)

    def test_setup_and_teardown_run_once_per_user(self):
        self.start_target()
        login = {'name': 'login', 'request': {'method': 'POST', 'url': '/login'},
                 'extract': {'token': 'body.token'}}
        me = {'name': 'me', 'request': {'method': 'GET', 'url': '/me',
                                        'headers': {'Authorization': 'Bearer $token'}}}
        result = self.run_case({'setup': [login], 'teststeps': [me],
                                'teardown': [get('/status/204')]}, '-u', 3, '-i', 7)
        self.assertEqual(self.requests_of(result), {'login': 3, 'me': 21, '/status/204': 3})
        self.assertEqual(result['total']['failures'], 0)
        self.assertEqual(result['iterations']['finished'], 21)
        self.assert_counts_agree(result)

    def test_teardown_runs_after_a_stop_and_a_failed_setup_sends_nothing_more(self):
        self.start_target()
        result = self.run_case({'teststeps': [get('/get'), {'think_time': {'time': 0.01}}],
                                'teardown': [get('/status/204')]}, '-u', 4, '-d', '1s')
        self.assertEqual(self.requests_of(result)['/status/204'], 4)
        result = self.run_case({'setup': [get('/status/503')], 'teststeps': [get('/get')]},
                               '-u', 2, '-i', 3, code=96)
        self.assertEqual(self.requests_of(result), {'/status/503': 2, '/get': 0})

    def test_references_share_variables(self):
        self.start_target()
        self.write('login.yml', json.dumps({
            'name': 'api name', 'request': {'method': 'POST', 'url': '/login'},
            'extract': {'token': 'body.token'}, 'validate': [{'eq': ['status_code', 200]}]}))
        self.write('inner.yml', json.dumps({
            'config': {'name': 'inner', 'base_url': 'http://127.0.0.1:1',
                       'variables': {'who': 'inner', 'own': 'x$who'}, 'export': ['token']},
            'teststeps': [{'name': 'login', 'api': 'login.yml'},
                          {'name': 'inner get', 'request': {
                              'method': 'GET', 'url': '/get', 'params': {'who': '$who',
                                                                         'own': '$own'}},
                           'validate': [{'eq': ['body.args.who', 'outer']},
                                        {'eq': ['body.args.own', 'xouter']}]}]}))
        result = self.run_case({
            'config': {'variables': {'who': 'outer'}},
            'teststeps': [{'name': 'sign in', 'testcase': 'inner.yml'},
                          {'name': 'me', 'request': {
                              'method': 'GET', 'url': '/me',
                              'headers': {'Authorization': 'Bearer $token'}}}]},
            '-u', 2, '-i', 3)
        self.assertEqual(self.requests_of(result), {'login': 6, 'inner get': 6, 'me': 6})
        rows = {s['name']: s for s in result['steps']}
        self.assertEqual(rows['sign in']['type'], 'testcase')
        self.assertEqual(rows['sign in']['response_time_us']['count'], 6)
        self.assertEqual(result['total']['failures'], 0)
        self.assert_counts_agree(result)

    def test_a_rendezvous_gathers_over_threads(self):
        self.start_target()
        case = {'teststeps': [{'rendezvous': {'name': 'all', 'timeout': 20000}}, get('/get'),
                              {'rendezvous': {'name': 'some', 'number': 3, 'timeout': 100}},
                              get('/status/200')]}
        result = self.run_case(case, '-u', 6, '-i', 5)
        self.assertEqual(result['iterations']['finished'], 30)
        self.assert_counts_agree(result)

    def test_settings_of_a_request(self):
        self.start_target()
        host = {'name': 'host', 'request': {'method': 'GET', 'url': '/headers',
                                            'headers': {'Host': 'example.test:81'}},
                'validate': [{'eq': ['body.headers.host', 'example.test:81']}]}
        stay = {'name': 'stay', 'request': {'method': 'GET', 'url': '/redirect/2',
                                            'allow_redirects': False},
                'validate': [{'eq': ['status_code', 302]},
                             {'eq': ['headers.Location', '/redirect/1']}]}
        slow = {'name': 'slow', 'request': {'method': 'GET', 'url': '/delay/3000',
                                            'timeout': 0.2}}
        result = self.run_case({'teststeps': [host, stay, slow]}, '-u', 1, '-i', 1)
        rows = {s['name']: s for s in result['steps']}
        self.assertEqual([rows[n]['failures'] for n in ('host', 'stay', 'slow')], [0, 0, 1])
        self.assertEqual(result['errors'][0]['class'], 'response timeout')
        self.assertEqual(result['connections']['exchanges'], 3)

    def test_what_may_not_stand_in_a_url_is_encoded_once(self):
        self.start_target()

        def step(name, url, path, args, **more):
            return {'name': name, 'request': {'method': 'GET', 'url': url}, **more,
                    'validate': [{'eq': ['body.path', path]}, {'eq': ['body.args', args]}]}
        steps = [
            step('constant', '/echo/straße?q=ü "&p=%C3%BC+%2B', '/echo/straße',
                 {'q': 'ü "', 'p': 'ü +'}),
            step('variable', '/echo/$where?q=$what&n=$next', '/echo/Köln am Rhein',
                 {'q': 'a|{ß}', 'n': '\r\nX: 1'}),
            step('whole', '${base}/echo/$where', '/echo/é', {},
                 variables={'base': self.target, 'where': 'é'}),
            {'name': 'redirect', 'request': {'method': 'GET', 'url': '/redirect-to',
                                             'params': {'url': '/echo/ö?q=ä b'}},
             'validate': [{'eq': ['body.path', '/echo/ö']}, {'eq': ['body.args.q', 'ä b']}]}]
        config = {'parameters': {'where-what-next': [['Köln am Rhein', 'a|{ß}', '\r\nX: 1']]}}
        for engine in ('http1', 'curl'):
            result = self.run_case({'config': config, 'teststeps': steps}, '-i', 3, '--engine',
                                   engine)
            self.assertEqual(result['total']['requests'], 12)
            self.assertEqual(result['total']['failures'], 0, result['errors'])

    def test_a_proxy_makes_the_engine_curl(self):
        proxy = self.start_target()  # knows paths, whoever's they are
        step = {'name': 'get', 'request': {'method': 'GET', 'url': 'http://nowhere.invalid/get'}}
        result = self.run_case({'teststeps': [step]}, '-u', 2, '-i', 5, '--proxy', proxy)
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        self.assertEqual(self.target_stats()['requests'], 10)
        refused = self.run_boom('case.yml', '--proxy', proxy, '--engine', 'http1')
        self.assertEqual(refused.returncode, 104)
        self.assertIn('proxy', refused.errors())

    def test_uploads_are_multipart_forms(self):
        self.start_target()
        self.write('notes.txt', 'line\n')
        self.write('data.bin', '\u0001')
        post = {'name': 'upload', 'variables': {'file': 'notes.txt', 'who': 'me'},
                'request': {'method': 'POST', 'url': '/echo', 'upload': {
                    'a': '@notes.txt', 'b': '@"data.bin";type=image/png;filename=x.png',
                    'c': '"$who"', 'd': ';filename=empty', 'e': ''}},
                'validate': [
                    {'startswith': ['body.headers."content-type"', 'multipart/form-data; b']},
                    {'contains': ['body.body', 'name="a"; filename="notes.txt"\r\n'
                                  'Content-Type: text/plain; charset=utf-8\r\n\r\nline\n']},
                    {'contains': ['body.body', 'name="b"; filename="x.png"\r\n'
                                  'Content-Type: image/png\r\n\r\n\u0001\r\n']},
                    {'contains': ['body.body', 'name="c"\r\n\r\nme\r\n']},
                    {'contains': ['body.body', 'name="d"; filename="empty"\r\n\r\n\r\n']},
                    {'contains': ['body.body', 'name="e"\r\n\r\n\r\n--boom-']}]}
        result = self.run_case({'teststeps': [post]}, '-u', 1, '-i', 2)
        self.assertEqual(result['total']['failures'], 0, result['errors'])

    def test_every_user_has_its_own_cookies(self):
        self.start_target()
        own = {'eq': ['body.cookies', {'mine': '${str(${user_id()})}'}]}
        result = self.run_case(
            {'setup': [get('/cookies/set?mine=${user_id()}', validate=[own])],
             'teststeps': [get('/cookies', validate=[own])]}, '-u', 6, '-i', 4)
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        self.assertEqual(self.requests_of(result)['/cookies'], 24)

    def test_cookies_can_begin_anew_with_each_iteration(self):
        self.start_target()
        none = {'eq': ['body.cookies', {}]}
        own = {'eq': ['body.cookies', {'mine': '${str(${iteration()})}'}]}
        result = self.run_case(
            {'config': {'clear_cookies': True},
             'teststeps': [get('/cookies', validate=[none]),
                           get('/cookies/set?mine=${iteration()}', validate=[own])]},
            '-u', 3, '-i', 4)
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        self.assertEqual(self.requests_of(result)['/cookies'], 12)

    def test_a_disabled_case_sends_nothing_and_is_named(self):
        self.start_target()
        off = self.write('off.yml', json.dumps(
            {'config': {'name': 'off', 'base_url': self.target, 'enabled': False},
             'teststeps': [get('/echo')]}))
        result = self.run_case({'teststeps': [get('/get')]}, off, '-u', 2, '-i', 3)
        self.assertEqual(self.requests_of(result), {'/get': 6})
        self.assertTrue(any('off.yml' in note and 'is not run' in note
                            for note in result['run']['notes']), result['run']['notes'])
        self.assertNotIn('/echo', self.target_stats()['paths'])
        run = self.run_boom('validate', off)
        self.assertEqual(run.returncode, 104)
        self.assertIn('no case is left to run', run.errors())

    def test_headers_of_a_step_win_over_those_of_the_case_and_have_variables(self):
        self.start_target()
        sees = {'eq': ['[body.headers."x-a", body.headers."x-b", body.headers."x-c"]',
                       ['step-7', 'case-7', 'line']]}
        step = {'name': 'get', 'request': {'url': '/headers', 'headers': {'x-a': 'step-$n'}},
                'validate': [sees]}
        result = self.run_case({'config': {'variables': {'n': 7}, 'headers': {
            'X-A': 'case', 'X-B': 'case-$n', 'X-C': 'case'}}, 'teststeps': [step]},
            '-u', 2, '-i', 2, '--header', 'X-C: line')
        self.assertEqual(result['total']['failures'], 0, result['errors'])

    def test_a_transaction_is_the_sum_of_its_steps_with_their_pauses(self):
        self.start_target()
        result = self.run_case(
            {'teststeps': [{'transaction': {'name': 'two', 'type': 'start'}}, get('/delay/20'),
                           {'think_time': {'time': 0.03}}, get('/delay/40'),
                           {'transaction': {'name': 'two', 'type': 'end'}},
                           get('/get')]}, '-u', 2, '-i', 4)
        rows = {s['name']: s for s in result['steps']}
        self.assertEqual(rows['two']['type'], 'transaction')
        times = {name: row['response_time_us'] for name, row in rows.items()}
        self.assertEqual(times['two']['count'], 8)
        steps = times['/delay/20']['mean'] + times['/delay/40']['mean']
        self.assertGreaterEqual(times['two']['mean'], steps + 30_000)
        self.assertGreaterEqual(times['Action']['mean'], times['two']['mean'])
        self.assertEqual(result['transactions'], {'passed': 16, 'failed': 0})

    def test_think_times_of_every_strategy(self):
        self.start_target()
        hour = {'think_time': {'time': 3600}}
        for setting, think in (({'strategy': 'ignore'}, hour),
                               ({'strategy': 'multiply', 'setting': 1e-6}, hour),
                               ({'limit': 0.01}, hour),
                               ({'strategy': 'random_percentage', 'limit': 0.05, 'setting': {
                                   'min_percentage': 1, 'max_percentage': 2}}, hour),
                               ({}, {'think_time': {'time': 0.05}})):
            result = self.run_case({'config': {'think_time': setting},
                                    'teststeps': [think, get('/get')]}, '-u', 2, '-i', 3)
            self.assertEqual(self.requests_of(result), {'/get': 6}, setting)
        action = next(s for s in result['steps'] if s['name'] == 'Action')
        self.assertGreaterEqual(action['response_time_us']['min'], 50_000)

    def test_cases_are_chosen_by_their_weight(self):
        self.start_target()
        light = self.write('light.yml', json.dumps(
            {'config': {'name': 'light', 'base_url': self.target}, 'teststeps': [get('/get')]}))
        result = self.run_case({'config': {'name': 'heavy', 'weight': 3},
                                'teststeps': [get('/echo')]}, light, '-u', 4, '-i', 100)
        counts = self.requests_of(result)
        self.assertEqual(sum(counts.values()), 400)
        # Six standard deviations of 400 draws.
        self.assertLess(abs(counts['/echo'] - 300), 6 * (400 * 0.75 * 0.25) ** 0.5)

    def test_a_step_verifies_its_server_unless_it_says_otherwise(self):
        target = self.spawn('target', '--listen', '127.0.0.1:0', '--tls')
        port = wait_for(lambda: re.search(r'listening on \S+:(\d+)', target.output()),
                        'the target listens').group(1)
        self.target = f'https://127.0.0.1:{port}'
        lax = {'name': 'lax', 'request': {'url': '/get', 'verify': False}}
        result = self.run_case({'teststeps': [lax, get('/get')]}, '-u', 2, '-i', 2)
        rows = {s['name']: (s['requests'], s['failures']) for s in result['steps']}
        self.assertEqual((rows['lax'], rows['/get']), ((4, 0), (4, 4)))
        self.assertEqual([e['class'] for e in result['errors']], ['tls'])
        result = self.run_case({'config': {'verify': False}, 'teststeps': [get('/get')]},
                               '-i', 1)
        self.assertEqual(result['total']['failures'], 0)


class StepsOnTwoWorkers(Steps):
    def start(self, *arguments):
        port = free_port()
        for name in ('w1', 'w2'):
            self.spawn('--worker', '--master-port', port, '--name', name)
        return self.spawn('--master', '--auto-start', *arguments, '--spawn-rate', 1000,
                          '--threads', 2, '--master-bind-host', '127.0.0.1',
                          '--master-bind-port', port, '--master-http-address', 'none',
                          '--expect-workers', 2)


main()
