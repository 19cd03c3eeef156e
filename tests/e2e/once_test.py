"""Every unique row once: workers join and vanish, masters are killed; the target is the judge."""
import json
import re
import signal

from harness import BoomTest, free_port, main, wait_for


class Cluster:
    """A master and its workers on rows of their own, at the target of a test."""

    def __init__(self, test, name, rows, workers, *more):
        self.test, self.name, self.more = test, name, more
        self.rows = [f'{name}-{i}' for i in range(1, rows + 1)]
        test.write(f'{name}.csv', 'token\n' + '\n'.join(self.rows) + '\n')
        self.case = test.write(f'{name}.yml', json.dumps({
            'config': {'name': 'data', 'base_url': test.target,
                       'parameters': {'token': f'${{P({name}.csv)}}'},
                       'parameters_setting': {'pick_order': 'unique'}},
            'teststeps': [{'name': 'once', 'request': {'method': 'GET', 'url': '/once',
                                                       'params': {'token': '$token'}}}]}))
        self.port = free_port()
        self.workers = []
        for _ in range(workers):
            self.join()
        self.expected = workers
        self.begin()

    def begin(self):
        self.master = self.test.spawn(
            '--master', '--auto-start', self.case, '--master-bind-host', '127.0.0.1',
            '--master-bind-port', self.port, '--master-http-address', 'none', '--expect-workers',
            self.expected, '--out', f'json={self.name}.json', '-u', 12, '-d', '90s', *self.more)

    def join(self):
        self.workers.append(self.test.spawn('--worker', '--master-port', self.port,
                                            '--name', f'w{len(self.workers)}'))

    def used(self):
        order = self.test.target_stats()['once']['order']
        return [token for token in order if token.startswith(self.name + '-')]

    def finish(self):
        """Zero repeats; what was not used was with those that vanished. Returns their names."""
        self.test.assertEqual(self.master.wait(90), 0, self.master.errors())
        result = self.test.result(f'{self.name}.json')
        self.test.assertEqual(result['total']['failures'], 0, result['errors'])
        gone, in_use, names = set(), 0, set()
        for note in result['run']['notes']:
            found = re.search(r'unique rows ([\d, -]+) of case data were with worker (w\d).* up to '
                              r'(\d+) earlier ones in use', note)
            if found:
                names.add(found.group(2))
                in_use += int(found.group(3))
                for part in found.group(1).split(', '):
                    first, _, last = part.partition('-')
                    gone.update(range(int(first), int(last or first) + 1))
        used = self.used()
        self.test.assertEqual(len(used), len(set(used)))
        unused = {int(row.split('-')[1]) for row in set(self.rows) - set(used)}
        # A row of an iteration that was cut off before its request is not given to another.
        in_use += result['iterations']['interrupted']
        self.test.assertLessEqual(len(unused - gone), in_use, result['run']['notes'])
        return names, result


class Once(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()

    def repeats(self):
        return self.target_stats()['once']['repeats']

    def test_1_2_3_and_5_workers_with_a_join_and_a_kill(self):
        clusters = [Cluster(self, f'c{count}', 1500, count, '--max-rps', 150)
                    for count in (1, 2, 3, 5)]
        for one in clusters:
            wait_for(lambda: len(one.used()) > 150, 'load', 60)
            one.join()
        for one in clusters:
            wait_for(lambda: 'joined' in one.master.errors().split('run started')[1],
                     'the newcomer', 60)
        before = [len(one.used()) for one in clusters]
        for one, count in zip(clusters, before):
            wait_for(lambda: len(one.used()) > count + 200, 'all work', 60)
            one.workers[0].kill()
        for one in clusters:
            names, result = one.finish()
            self.assertEqual(names, {'w0'}, result['run']['notes'])
            self.assertTrue(all(w['requests'] > 0 for w in result['workers']), result['workers'])
        self.assertEqual(self.repeats(), 0)

    def test_a_master_that_is_killed_gives_no_row_twice(self):
        one = Cluster(self, 'killed', 3000, 2, '--max-rps', 300, '--run-dir', 'runs')
        for away in ('a moment', 'long'):
            before = len(one.used())
            wait_for(lambda: len(one.used()) > before + 300, 'load', 60)
            one.master.send_signal(signal.SIGKILL)
            one.master.wait()
            if away == 'long':
                for worker in one.workers:
                    wait_for(lambda: 'load stopped, results kept' in worker.errors(), 'D19', 30)
            one.begin()
            wait_for(lambda: 'is taken up again' in one.master.errors(), 'the same run', 60)
        wait_for(lambda: one.master.errors().count('had lost the master') >= 2, 'both back', 60)
        one.join()
        names, result = one.finish()
        # Nobody vanished: every row went out, exactly once.
        self.assertEqual((names, self.repeats()), (set(), 0))
        self.assertEqual(result['total']['requests'], len(one.used()))
        self.assertLessEqual(result['iterations']['interrupted'], 2 * 12, result['iterations'])
        self.assertGreater(sum(w['requests'] for w in result['workers'] if w['name'] == 'w2'), 0,
                           (result['workers'], result['events'], result['run']['notes']))


main()
