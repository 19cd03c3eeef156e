"""Every example of testcases/ runs without a failure, alike here and on workers; the schema for
editors knows the keys that the compiler knows."""
import json
import re

from harness import ROOT, BoomTest, free_port, main

EXAMPLES = sorted(path for path in (ROOT / 'testcases').rglob('*.yml')
                  if 'teststeps:' in path.read_text())


class Examples(BoomTest):
    def requests_of(self, result):
        return {(s['case'], s['name'], s['type']): s['requests'] for s in result['steps']}

    def test_each_runs_here_and_on_two_workers_alike(self):
        self.assertGreaterEqual(len(EXAMPLES), 6)
        self.start_target()
        for path in EXAMPLES:
            with self.subTest(path.name):
                load = ['-u', 4, '-i', 3, '--var', f'base_url={self.target}',
                        '--out', 'json=result.json']
                run = self.run_boom(path, *load)
                self.assertEqual(run.returncode, 0, run.errors() + run.output())
                here = self.result()
                self.assertEqual(here['total']['failures'], 0, here['errors'])
                port = free_port()
                for name in ('w1', 'w2'):
                    self.spawn('--worker', '--master-port', port, '--name', name)
                master = self.spawn('--master', '--auto-start', path, '--master-bind-host',
                                    '127.0.0.1', '--master-bind-port', port,
                                    '--master-http-address', 'none', '--expect-workers', 2, *load)
                self.assertEqual(master.wait(40), 0, master.errors())
                there = self.result()
                self.assertEqual(there['total']['failures'], 0, there['errors'])
                self.assertEqual(self.requests_of(there), self.requests_of(here))

    def test_the_folder_is_one_run(self):
        run = self.run_boom('validate', ROOT / 'testcases')
        self.assertEqual(run.returncode, 0, run.errors())

    def test_the_schema_has_no_key_that_the_compiler_does_not_know(self):
        schema = json.loads((ROOT / 'testcases/boom.schema.json').read_text())
        definitions = schema['definitions']
        places = {
            'the test case': (schema['properties'], lambda key: {key: 0}),
            'config': (definitions['config']['properties'], lambda key: {'config': {key: 0}}),
            'the step': (definitions['step']['properties'],
                         lambda key: {'teststeps': [{'name': 'x', key: 0}]}),
            'request': (definitions['request']['properties'],
                        lambda key: {'teststeps': [{'request': {key: 0}}]}),
            'rendezvous': (definitions['rendezvous']['properties'],
                           lambda key: {'teststeps': [{'rendezvous': {key: 0}}]}),
            'websocket': (definitions['websocket']['properties'],
                          lambda key: {'teststeps': [{'websocket': {key: 0}}]}),
        }
        for place, (keys, make) in places.items():
            for key in [*keys, 'no_such_key']:
                path = self.write('case.yml', json.dumps(make(key)))
                errors = self.run_boom('validate', path).errors()
                is_unknown = f"unknown key '{key}' in {place}" in errors
                self.assertEqual(is_unknown, key == 'no_such_key', errors)
                self.assertNotIn(f"'{key}' is not supported yet", errors)

    def test_the_schema_has_every_key_that_the_compiler_takes(self):
        sources = '\n'.join(path.read_text() for path in (ROOT / 'lib/plan').glob('*.cpp'))
        schema = json.loads((ROOT / 'testcases/boom.schema.json').read_text())
        without_effect = {'path', 'plugin', 'case_timeout'}  # each named by a warning
        for place in ('case', 'config', 'step', 'request', 'transaction', 'rendezvous', 'api'):
            table = re.search(rf'> k{place.capitalize()}Keys = {{([^}}]+)}}', sources).group(1)
            where = schema if place == 'case' else schema['definitions'][place]
            self.assertEqual(set(re.findall(r'"(\w+)"', table)) - without_effect,
                             set(where['properties']), place)

    def test_the_schema_has_every_comparator(self):
        schema = json.loads((ROOT / 'testcases/boom.schema.json').read_text())
        names = schema['definitions']['long_check']['properties']['assert']['enum']
        self.assertEqual(set(names), set(schema['definitions']['short_check']['properties']))
        checks = [{name: ['body', '1' if 'len' not in name and 'count' not in name else 1]}
                  for name in names]
        path = self.write('case.yml', json.dumps(
            {'teststeps': [{'request': {'url': 'http://h/'}, 'validate': checks}]}))
        run = self.run_boom('validate', path)
        self.assertEqual(run.returncode, 0, run.errors())


main()
