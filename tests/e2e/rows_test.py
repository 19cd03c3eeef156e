"""Unique rows under chaos: workers join, are killed and drain; no row is ever used twice."""
import json
import re
import signal

from harness import BoomTest, free_port, http, main, wait_for

ROWS = 6000


class Rows(BoomTest):
    def start_chaos(self):
        self.start_target()
        rows = [f't{i}' for i in range(1, ROWS + 1)]
        self.write('rows.csv', 'token\n' + '\n'.join(rows) + '\n')
        case = self.write('case.yml', json.dumps({
            'config': {'name': 'data', 'base_url': self.target,
                       'parameters': {'token': '${P(rows.csv)}'},
                       'parameters_setting': {'pick_order': 'unique'}},
            'teststeps': [{'name': 'once', 'request': {'method': 'GET', 'url': '/once',
                                                       'params': {'token': '$token'}},
                           'validate': [{'eq': ['status_code', 200]}]}]}))
        self.port, api = free_port(), free_port()
        self.api = f'http://127.0.0.1:{api}'
        self.workers = [self.worker('w0'), self.worker('w1')]
        self.master = self.spawn('--master', '--auto-start', case, '--master-bind-host',
                                 '127.0.0.1', '--master-bind-port', self.port,
                                 '--master-http-address', f'127.0.0.1:{api}', '--expect-workers',
                                 2, '--out', 'json=result.json', '-u', 12, '--max-rps', 400,
                                 '-d', '60s')
        return rows

    def worker(self, name):
        return self.spawn('--worker', '--master-port', self.port, '--name', name)

    def used(self):
        return self.target_stats()['once']['tokens']

    def users_of(self, name):
        self.assertIsNone(self.master.poll(), self.master.errors())
        rows = json.loads(http('GET', self.api + '/workers')[1])['data']
        return sum(w['user_count'] for w in rows if w['name'] == name)

    def test_join_kill_and_drain_use_no_row_twice(self):
        rows = self.start_chaos()
        wait_for(lambda: self.used() > 300, 'load', 60)
        self.workers.append(self.worker('w2'))
        wait_for(lambda: self.users_of('w2') == 4, 'the newcomer has its share', 60)
        before = self.used()
        wait_for(lambda: self.used() > before + 300, 'all three work', 60)
        self.workers[0].kill()
        wait_for(lambda: self.users_of('w2') == 6, 'its users moved', 60)
        before = self.used()
        wait_for(lambda: self.used() > before + 200, 'two work', 60)
        self.workers[1].send_signal(signal.SIGTERM)
        self.assertEqual(self.workers[1].wait(60), 0, self.workers[1].errors())
        self.assertEqual(self.master.wait(90), 0, self.master.errors())

        result = self.result()
        once = self.target_stats()['once']
        self.assertEqual(once['repeats'], 0)
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        notes = [re.search(r'unique rows ([\d, -]+) of case data were with worker (w\d).* up to '
                           r'(\d+) earlier ones in use', note)
                 for note in result['run']['notes']]
        vanished = set()
        in_use = 0
        for note in filter(None, notes):
            self.assertEqual(note.group(2), 'w0')
            in_use += int(note.group(3))
            for part in note.group(1).split(', '):
                first, _, last = part.partition('-')
                vanished.update(range(int(first), int(last or first) + 1))
        self.assertTrue(vanished)
        unused = {int(row[1:]) for row in set(rows) - set(once['order'])}
        # Every row is used, was with the one that vanished, or its iteration was cut off before the
        # request (a worker that hears nothing from its master stops); the others' are used up.
        self.assertLessEqual(len(unused - vanished),
                             in_use + result['iterations']['interrupted'], result['run']['notes'])
        by_name = {w['name']: w['requests'] for w in result['workers']}
        self.assertGreater(by_name['w2'], 0)
        self.assertEqual([e['worker'].split('_')[0] for e in result['events']
                          if e['kind'] == 'lost'], ['w0'])


main()
