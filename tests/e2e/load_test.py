"""The load models against the target's own counters: stages, rates, ceilings, changes."""
import json

from harness import BoomTest, http, main, wait_for


class Load(BoomTest):
    def load(self, *arguments, url='/get', code=0):
        run = self.run_boom(self.target + url, *arguments, '--out', 'json=result.json')
        self.assertEqual(run.returncode, code, run.errors() + run.output())
        result = self.result()
        iterations = result['iterations']
        self.assertEqual(iterations['started'], iterations['finished'] + iterations['failed']
                         + iterations['interrupted'])
        self.assertEqual(result['connections']['exchanges'], self.target_stats()['requests'])
        return result

    def test_a_rate_starts_exactly_as_many_iterations_as_it_says(self):
        self.start_target()
        result = self.load('--rate', 200, '-d', '3s', '--threads', 2)
        iterations = result['iterations']
        self.assertEqual(iterations['started'] + iterations['dropped'], 600)
        self.assertEqual(iterations['dropped'], 0)
        self.assertGreater(result['health']['lateness_us']['count'], 0)

    def test_a_thousand_users_start_without_a_word(self):
        self.start_target()
        result = self.load('-u', 1000, '-i', 1)
        self.assertEqual(result['total']['requests'], 1000)
        self.assertEqual(result['iterations']['finished'], 1000)
        self.assertEqual(result['connections']['opened'], 1000)
        self.assertEqual(self.notes(result), [])

    def test_a_ramp_of_ten_seconds_starts_a_hundred_users_one_by_one(self):
        self.start_target()
        http('GET', self.target + '/__reset')  # its clock begins here, before the run's
        result = self.load('-u', 100, '--ramp-up', '10s', '-i', 1)
        self.assertEqual(result['iterations']['finished'], 100)
        self.assertGreaterEqual(result['run']['duration_s'], 9.9)
        came = 0
        for second in self.target_stats()['seconds']:
            came += second['requests']
            self.assertLessEqual(came, 10 * (second['t'] + 1))  # nobody before its time
        self.assertEqual(came, 100)

    def test_a_rate_with_stages_starts_the_area_below_them(self):
        self.start_target()
        result = self.load('--rate', 100, '--stage', '2s:300', '--stage', '0s:50', '--stage',
                           '1s:50')
        iterations = result['iterations']
        self.assertEqual(iterations['started'] + iterations['dropped'], 450)

    def test_arrivals_without_a_free_user_are_dropped_and_named(self):
        self.start_target()
        result = self.load('--rate', 100, '-u', 5, '-d', '2s', url='/delay/500', code=97)
        iterations = result['iterations']
        self.assertEqual(iterations['started'] + iterations['dropped'], 200)
        self.assertGreater(iterations['dropped'], 100)
        self.assertEqual(result['health']['limited_by'], 'users')
        self.assertTrue(any('dropped' in note for note in result['run']['notes']))

    def test_stages_of_users_ramp_up_and_down(self):
        self.start_target()
        result = self.load('--stage', '1s:10', '--stage', '1s:10', '--stage', '1s:0',
                           url='/delay/20')
        self.assertEqual(result['workers'][0]['users_peak'], 10)
        self.assertEqual(result['run']['state'], 'finished')
        self.assertEqual(len(result['stages']), 3)
        self.assertEqual(sum(stage['total']['requests'] for stage in result['stages']),
                         result['total']['requests'])

    def test_the_warm_up_is_left_out(self):
        self.start_target()
        result = self.load('--rate', 100, '--warm-up', '1s', '-d', '2s')
        self.assertEqual(result['total']['requests'], 200)
        self.assertEqual(result['iterations']['started'], 200)
        self.assertEqual(self.target_stats()['requests'], 300)
        # A late end makes the rest of the run longer than it was to be.
        measured = result['run']['duration_s'] - 1
        self.assertAlmostEqual(result['total']['rps'], 200 / measured, places=3)

    def test_a_rising_ceiling_has_as_many_requests_as_its_steps_say(self):
        self.start_target()
        result = self.load('-u', 20, '-d', '3s', '--max-rps', 150,
                           '--request-increase-rate', '50/1s')
        self.assertLessEqual(result['total']['requests'], 50 + 100 + 150 + 1)
        self.assertGreater(result['total']['requests'], 250)

    def test_scenarios_have_their_own_load(self):
        self.start_target()
        for name in ('a', 'b'):
            self.write(f'{name}.yml', json.dumps(
                {'config': {'name': name, 'base_url': self.target},
                 'teststeps': [{'name': name, 'request': {'method': 'GET', 'url': f'/{name}'}}]}))
        self.write('boom.yml', json.dumps({
            'cases': ['a.yml', 'b.yml'],
            'scenarios': [{'case': 'a', 'rate': 40, 'run-time': '2s'},
                          {'case': 'b', 'rate': 10, 'start': '500ms',
                           'stages': [{'duration': '1s', 'target': 30}]}]}))
        run = self.run_boom('--out', 'json=result.json')
        self.assertEqual(run.returncode, 96, run.errors())  # the target knows no /a
        steps = {step['name']: step['requests'] for step in self.result()['steps']}
        self.assertEqual((steps['a'], steps['b']), (80, 20))

    def test_scenarios_one_after_another_do_not_overlap(self):
        self.start_target()
        for name in ('a', 'b'):
            self.write(f'{name}.yml', json.dumps(
                {'config': {'name': name, 'base_url': self.target},
                 'teststeps': [{'name': name, 'request': {'method': 'GET',
                                                          'url': f'/status/20{"ab".index(name)}'
                                                          }}]}))
        self.write('boom.yml', json.dumps({
            'cases': ['a.yml', 'b.yml'], 'scenario-order': 'serial', 'threads': 1,
            'scenarios': [{'case': 'a', 'rate': 30, 'run-time': '1s'},
                          {'case': 'b', 'rate': 50, 'start': '500ms', 'run-time': '1s'}]}))
        run = self.run_boom('--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        steps = {step['name']: step['requests'] for step in self.result()['steps']}
        self.assertEqual((steps['a'], steps['b']), (30, 50))
        first, second = (json.loads(http('GET', f'{self.target}/__arrivals?path=/status/20{i}')[1])
                         ['ns'] for i in (0, 1))
        self.assertEqual((len(first), len(second)), (30, 50))
        self.assertLess(max(first), min(second))

    def test_a_ceiling_is_fair_among_users(self):
        self.start_target()
        addresses = [f'127.0.0.{i}' for i in range(11, 19)]
        result = self.load('-u', 8, '-r', 1000, '--max-rps', 160, '-d', '2s', '--threads', 2,
                           '--source-ip', ','.join(addresses))
        seen = self.target_stats()['sources']
        # A user for each address; nobody has more than twice what another has.
        counts = [seen.get(address, 0) for address in addresses]
        self.assertGreater(min(counts) * 2 + 2, max(counts), counts)
        self.assertLessEqual(result['total']['requests'], 2 * 160 + 2)

    def test_a_long_ramp_of_short_users_says_why_so_few_are_there(self):
        self.start_target()
        result = self.load('-u', 3, '-r', 1, '-i', 1)
        # One, but for a machine that stands still for a second.
        peak = result['workers'][0]['users_peak']
        self.assertIn(peak, (1, 2))
        [note] = self.notes(result)
        self.assertIn(f'at most {peak} of 3 users', note)
        self.assertIn('3 s ramp', note)

    def test_contradictions_and_wrong_texts_are_refused(self):
        for arguments, word in ((('--rate', 'fast'), 'iterations per second'),
                                (('--stage', '10'), 'DURATION:TARGET'),
                                (('--rate', '5', '-i', '3'), 'loop-count'),
                                (('--request-increase-rate', '200/1'), '100/5s'),
                                (('--stage', '1s:2.5'), 'whole numbers')):
            run = self.run_boom('http://127.0.0.1:1/', *arguments)
            self.assertEqual(run.returncode, 104, run.errors())
            self.assertIn(word, run.errors())


class Change(BoomTest):
    def start_master(self, *arguments, workers=1):
        self.start_target()
        self.master = self.spawn('--master', '--master-bind-port', 0, '--master-http-address',
                                 '127.0.0.1:0', *arguments)
        words = wait_for(lambda: self.ports(), 'the master listens')
        self.api = f'http://127.0.0.1:{words[1]}'
        for _ in range(workers):
            self.spawn('--worker', '--master-port', words[0])
        wait_for(lambda: len(self.get('/workers')['data']) == workers, 'workers join')

    def ports(self):
        import re
        found = re.findall(r'port=(\d+)', self.master.errors())
        return found if len(found) >= 2 else None

    def get(self, path):
        return json.loads(http('GET', self.api + path)[1])

    def post(self, path, **body):
        answer = json.loads(http('POST', self.api + path, json.dumps(body))[1])
        self.assertEqual(answer['code'], 0, answer)

    def seen(self):
        return self.target_stats()['requests']

    def test_a_rate_changes_while_the_run_is_on(self):
        self.start_master(workers=2)
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        self.post('/start', **{'testcase-path': str(case), 'rate': 50, 'run-time': '5s',
                               'spawn-count': 50})
        wait_for(lambda: self.seen() > 20, 'the first arrivals')
        self.post('/rebalance', rate=0)
        still = wait_for(lambda: self.stands_still(), 'nothing arrives at a rate of 0')
        self.post('/rebalance', rate=100)
        wait_for(lambda: self.seen() > still + 20, 'arrivals at the new rate')
        worker = self.get('/workers')['data'][0]['id']
        self.post('/rebalance', rate=5, worker=worker)
        wait_for(lambda: self.get('/master')['data']['state'] == 5
                 if isinstance(self.get('/master').get('data'), dict)
                 else self.get('/master')['state'] == 5, 'the run is over')
        result = self.get('/stats')
        self.assertEqual(result['connections']['exchanges'], self.seen())
        self.assertEqual(result['iterations']['started'], result['total']['requests'])
        self.assertEqual(len([e for e in result['events'] if e['kind'] == 'adjust']), 3)

    def pace(self, skipped, counted):
        """Arrivals per second by the target's clock, of those that come from now on."""
        first = self.seen() + skipped
        wait_for(lambda: self.seen() > first + counted, 'arrivals')
        times = json.loads(http('GET', self.target + '/__arrivals?path=/get')[1])['ns']
        times = times[first:first + counted + 1]
        return counted / ((times[-1] - times[0]) / 1e9)

    def test_a_ceiling_changes_while_the_run_is_on_in_all_and_for_one_worker(self):
        self.start_master(workers=2)
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        self.post('/start', **{'testcase-path': str(case), 'spawn-count': 10, 'spawn-rate': 1000,
                               'max-rps': 40})
        # A ceiling holds at any load of this machine; from below only what tells them apart.
        self.assertLess(self.pace(5, 40), 44)
        self.post('/rebalance', **{'max-rps': 160})
        pace = self.pace(60, 160)
        self.assertGreater(pace, 48)
        self.assertLess(pace, 176)
        worker = self.get('/workers')['data'][0]['id']
        self.post('/rebalance', **{'max-rps': 10, 'worker': worker})
        pace = self.pace(60, 90)
        self.assertGreater(pace, 12)
        self.assertLess(pace, 99)
        self.get('/stop')
        wait_for(lambda: self.get('/stats')['run']['state'] == 'stopped', 'the run is over')
        result = self.get('/stats')
        self.assertEqual(result['connections']['exchanges'], self.seen())
        self.assertEqual(len([e for e in result['events'] if e['kind'] == 'adjust']), 2)

    def test_stages_can_be_given_while_the_run_is_on(self):
        self.start_master(workers=2)
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/delay/20'}}])
        self.post('/start', **{'testcase-path': str(case), 'spawn-count': 3})
        self.wait_for_users(3)
        refused = json.loads(http('POST', self.api + '/rebalance', json.dumps(
            {'stages': ['1s:ten']}))[1])
        self.assertEqual(refused['code'], 2, refused)
        self.post('/rebalance', stages=[{'duration': '1s', 'target': 10}, '0s:7'])
        self.wait_for_users(7)
        wait_for(lambda: any(row['target_users'] == 7 and row['users'] == 7
                             for row in self.get('/stats')['timeline']),
                 'the time line shows the change', 60)
        [row] = [row['health'] for row in self.get('/workers')['data']][:1]
        self.assertGreater(row['ports'], row['ports_in_use'])
        self.assertGreater(row['descriptor_limit'], row['descriptors'])
        self.assertGreaterEqual(len(row['cpu_percents']), 1)
        self.post('/stop')
        wait_for(lambda: self.get('/master')['data']['state_name'] == 'stopped', 'the end', 60)
        result = self.get('/stats')
        [event] = [row for row in result['events'] if row['kind'] == 'adjust']
        self.assertIn('stages 1s:10,0s:7', event['text'])
        self.assertEqual(result['connections']['exchanges'], self.seen())

    def wait_for_users(self, count):
        wait_for(lambda: self.get('/master')['data']['current_users'] == count,
                 f'{count} users', 60)

    def test_a_start_can_wait_for_its_time(self):
        self.start_master()
        case = str(self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}]))
        start = {'testcase-path': case, 'loop-count': 3}
        for when, word in (('noon', 'is no time'), ('2001-01-01T00:00:00Z', 'has passed')):
            answer = json.loads(http('POST', self.api + '/start',
                                     json.dumps({**start, 'start-at': when}))[1])
            self.assertEqual(answer['code'], 2)
            self.assertIn(word, answer['message'])
        self.post('/start', **start, **{'start-at': '+1h'})
        waits = wait_for(lambda: self.get('/master')['data']['starts_in_s'], 'the start waits')
        self.assertTrue(3000 < waits <= 3600, waits)
        again = json.loads(http('POST', self.api + '/start', json.dumps(start))[1])
        self.assertIn('/stop cancels it', again['message'])
        self.post('/stop')
        wait_for(lambda: self.get('/master')['data']['starts_in_s'] is None, 'it is cancelled')
        self.assertEqual(self.seen(), 0)
        self.post('/start', **start, **{'start-at': '+500ms'})
        wait_for(lambda: self.seen() == 3, 'the run comes by itself', 60)

    def stands_still(self):
        import time
        before = self.seen()
        time.sleep(0.7)
        return before if self.seen() == before else None


if __name__ == '__main__':
    main()
