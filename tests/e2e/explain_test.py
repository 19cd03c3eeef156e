"""Every key of profiles and cases can be asked for, with its default."""
import json

from harness import ROOT, BoomTest, main


class Explain(BoomTest):
    def explain(self, *keys):
        run = self.run_boom('explain', *keys)
        self.assertEqual(run.returncode, 0, run.errors())
        return [line.split(None, 1) for line in run.output().splitlines()]

    def test_no_key_is_without_an_explanation(self):
        rows = self.explain()
        self.assertTrue(all(len(row) == 2 and len(row[1]) > 9 for row in rows), rows)
        paths = {row[0] for row in rows}
        self.assertEqual(len(paths), len(rows))
        schema = json.loads((ROOT / 'testcases/boom.schema.json').read_text())
        wanted = {*schema['properties'],
                  *(f'{name}.{key}' for name, one in schema['definitions'].items()
                    for key in one.get('properties', {}))}
        self.assertEqual(wanted - paths, set())
        self.assertTrue({'profile.spawn-count', 'profile.rate', 'profile.threshold'} <= paths)

    def test_one_key_by_name_or_place(self):
        self.assertEqual({row[0] for row in self.explain('timeout')},
                         {'profile.timeout', 'config.timeout', 'request.timeout',
                          'rendezvous.timeout', 'websocket.timeout'})
        (row,) = self.explain('--stop-timeout')
        self.assertIn('Default: 10s', row[1])
        (row,) = self.explain('config.weight')
        self.assertIn('Default: 1', row[1])

    def test_an_unknown_key_is_named(self):
        run = self.run_boom('explain', 'spwan-count')
        self.assertEqual(run.returncode, 104)
        self.assertIn("did you mean 'spawn-count'", run.errors())


main()
