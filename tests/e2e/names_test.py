"""Names of steps: written ones are one row, names per value a row each, 200 at most."""
import csv
import io
import json
import re

from harness import BoomTest, free_port, main
from sink_servers import start_recorder


class Names(BoomTest):
    def items(self, count, **more):
        """A case that gets items 1 to `count` in turn."""
        self.start_target()
        return self.write('case.yml', json.dumps(
            {'config': {'name': 'case', 'base_url': self.target,
                        'parameters': {'id': list(range(1, count + 1))}},
             'teststeps': [{'name': 'item $id', 'request': {
                 'method': 'GET', 'url': '/anything/$id'}, **more}]}))

    def rows(self, result):
        return {s['name']: s['requests'] for s in result['steps'] if s['type'] == 'request'}

    def test_every_value_has_its_row_on_all_workers_together(self):
        case = self.items(3, name_per_value=True)
        gateway, url = start_recorder(self)
        port = free_port()
        for _ in range(2):
            self.spawn('--worker', '--master-port', port)
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none',
                            '--expect-workers', 2, '-u', 6, '-i', 10, '--prometheus-gateway', url,
                            '--threshold', 'item 2:requests==20', '--out', 'json=result.json',
                            '--out', 'csv=result.csv')
        self.assertEqual(master.wait(60), 0, master.errors())
        result = self.result()
        self.assert_counts_agree(result)
        self.assertEqual(self.rows(result), {'item 1': 20, 'item 2': 20, 'item 3': 20})
        self.assertEqual(result['thresholds'][0]['observed'], 20)
        table = csv.DictReader(io.StringIO((self.folder / 'result.csv').read_text()
                                           .split('\n\n')[0]))
        self.assertEqual({r['name']: int(r['requests']) for r in table if r['type'] == 'request'},
                         self.rows(result))
        last = [body for method, path, body in gateway.received
                if method == 'PUT' and path.endswith('/master')][-1]
        pushed = {name: float(value) for name, value in re.findall(
            r'boom_http_requests_total\{step="(item \d)",method="GET",outcome="passed"\} (\d+)',
            last)}
        self.assertEqual(pushed, self.rows(result))

    def test_the_written_name_is_one_row(self):
        run = self.run_boom(self.items(3), '-u', 2, '-i', 3, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        self.assertEqual(self.rows(self.result()), {'item $id': 6})

    def test_endless_names_end_in_one_row(self):
        run = self.run_boom(self.items(1000, name_per_value=True), '-u', 1, '-i', 1000, '--out',
                            'json=result.json', '--threads', 1)
        self.assertEqual(run.returncode, 0, run.errors())
        result = self.result()
        self.assert_counts_agree(result)
        rows = self.rows(result)
        other = rows.pop('__other__')
        self.assertTrue(150 <= len(rows) <= 200, len(rows))
        self.assertEqual(set(rows.values()), {1})
        self.assertEqual(other, 1000 - len(rows))

    def test_mistakes(self):
        for step, text in (({'name': '${gen_random_string(3)}'}, 'variables, no functions'),
                           ({}, 'needs a name')):
            self.write('case.yml', json.dumps({'config': {'name': 'c'}, 'teststeps': [
                {**step, 'name_per_value': True,
                 'request': {'method': 'GET', 'url': 'http://127.0.0.1:1/'}}]}))
            run = self.run_boom('validate', 'case.yml')
            self.assertEqual(run.returncode, 104)
            self.assertIn(text, run.errors())
        self.write('case.yml', json.dumps({'config': {'name': 'c'}, 'teststeps': [
            {'name': 'x', 'name_per_value': True, 'think_time': {'time': 1}}]}))
        self.assertIn('no effect', self.run_boom('validate', 'case.yml').errors())


main()
