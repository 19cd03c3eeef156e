"""Cases of our own for each row of HttpRunner's examples (tests/data/corpus): all of them at once,
here and on two workers, with the same requests in every step and none failed."""
import json
import re

from harness import ROOT, BoomTest, free_port, main

CORPUS = ROOT / 'tests/data/corpus'
# What other cases refer to is no case of its own here.
PARTS = {'called.yml', 'called too.yml'}
FILES = sorted(path for path in CORPUS.rglob('*')
               if path.suffix in ('.yml', '.yaml', '.json') and 'teststeps' in path.read_text()
               and path.name not in PARTS)
USERS, LOOPS = 4, 3


class Corpus(BoomTest):
    def names(self):
        for path in FILES:
            found = re.search(r'"?\bname"?: "?([^"\n]+)', path.read_text()).group(1)
            yield found.strip().replace('$USERNAME', 'corpus')

    def options(self):
        profile = self.write('profile.yml', json.dumps({'scenarios': [
            {'case': name, 'users': USERS, 'spawn-rate': 1000} for name in self.names()]}))
        return [*FILES, '--profile', profile, '-i', LOOPS, '--out', 'json=result.json',
                '--var', f'base_url={self.target}', '--var', f'server={self.target}']

    def check(self, run):
        self.assertEqual(run.returncode, 0, run.errors() + run.output())
        result = self.result()
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        self.assertEqual(result['iterations']['finished'], len(FILES) * USERS * LOOPS,
                         [result['events'], run.errors()])
        for step in result['steps']:
            self.assertGreater(step['requests'], 0, step['name'])
        return [(s['case'], s['name'], s['type'], s['requests']) for s in result['steps']]

    def test_every_case_here_and_on_two_workers(self):
        self.assertGreaterEqual(len(FILES), 13)
        self.start_target()
        here = self.check(self.run_boom(*self.options()))
        self.assertEqual(self.check(self.run_on_two_workers()), here)

    def run_on_two_workers(self):
        # A machine that stands still for 3 s loses its workers, whose users then begin again on
        # others: such a run is another one, and is repeated.
        for _ in range(3):
            port = free_port()
            for name in ('w1', 'w2'):
                self.spawn('--worker', '--master-port', port, '--name', name)
            master = self.spawn('--master', '--auto-start', *self.options(),
                                '--master-bind-host', '127.0.0.1', '--master-bind-port', port,
                                '--master-http-address', 'none', '--expect-workers', 2)
            master.wait(60)
            if not any(event['kind'] == 'lost' for event in self.result()['events']):
                break
        return master


main()
