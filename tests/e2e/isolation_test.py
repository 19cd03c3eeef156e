"""Sinks that hang, fail, are slow or full: nothing is lost, they are named, the run ends."""
import os
import time

from harness import BoomTest, http, main
from sink_servers import start_recorder, start_silent

REFUSES = 'http://127.0.0.1:1'


class Isolation(BoomTest):
    def load(self, *arguments, code=0):
        """300 requests within about a second, whatever becomes of the results."""
        self.start_target()
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        begun = time.monotonic()
        run = self.run_boom(case, '-u', 3, '-i', 100, '--max-rps', 100, '--out',
                            'json=result.json', *arguments)
        self.assertEqual(run.returncode, code, run.errors())
        self.took_s = time.monotonic() - begun
        result = self.result()
        self.assertEqual(result['total']['requests'], 300)
        self.assertEqual(result['total']['failures'], 0)
        self.assertEqual(self.target_stats()['requests'], 300)
        self.assert_counts_agree(result)
        self.result_notes = self.notes(result)
        return run

    def assert_named(self, *texts):
        for text in texts:
            self.assertEqual(sum(text in note for note in self.result_notes), 1,
                             (text, self.result_notes))
        self.assertEqual(len(self.result_notes), len(texts), self.result_notes)

    def test_no_arrival_waits_for_a_gateway(self):
        """An open model of 300/s for 2 s beside a gateway that hangs, refuses, fails or is slow.
        The rate to the percent is scripts/bench isolation's."""
        self.start_target()
        gateways = {'none': None, 'hangs': start_silent(self), 'refuses': REFUSES,
                    'fails': start_recorder(self, status=500)[1],
                    'is slow': start_recorder(self, delay_s=1.2)[1]}
        for name, gateway in gateways.items():
            http('GET', self.target + '/__reset')
            run = self.run_boom(self.target + '/get', '--rate', 300, '-d', '2s', '-u', 600, '--out',
                                'json=result.json', '--min-delivery', '1%',
                                *(['--prometheus-gateway', gateway] if gateway else []))
            self.assertEqual(run.returncode, 0, run.errors())
            result = self.result()
            self.assert_counts_agree(result)
            self.assertEqual(result['iterations']['started'] + result['iterations']['dropped'], 600)
            # There is a user for every arrival. One that waited for the gateway, whose answer
            # takes 1.2 s and more, would leave most of them undone at the end of the 2 s.
            self.assertGreater(result['total']['requests'], 400, name)
            self.assertEqual(result['total']['failures'], 0)
            notes = [note for note in result['run']['notes'] if 'prometheus-gateway' in note]
            self.assertEqual(len(notes), 0 if name in ('none', 'is slow') else 1, (name, notes))

    def test_servers_that_misbehave(self):
        # Hanging and refusing gateways: gateway_test.py.
        _, failing = start_recorder(self, status=500)
        self.load('--out', f'influx={start_silent(self)}', '--out', f'otlp={failing}',
                  '--prometheus-gateway', start_silent(self))
        self.assert_named('influx: ', 'otlp: it answered 500', 'prometheus-gateway: ')

    def test_servers_that_are_slow(self):
        gateway, gateway_url = start_recorder(self, delay_s=1.2)
        influx, influx_url = start_recorder(self, status=204, delay_s=1.2)
        self.load('--out', f'influx={influx_url}', '--prometheus-gateway', gateway_url)
        self.assertGreaterEqual(len(gateway.received), 2)
        self.assertGreaterEqual(len(influx.received), 2)

    def test_files_that_hang(self):
        outs = []
        for kind in 'csv', 'html', 'hdr', 'junit', 'samples':
            os.mkfifo(self.folder / kind)  # nobody reads them
            outs += ['--out', f'{kind}={kind}']
        self.load(*outs, code=1)
        self.assert_named('csv: did not take', 'html: did not take', 'hdr', 'junit: did not take',
                          'samples samples: it did not take them')

    def test_files_on_a_full_disk(self):
        kinds = 'csv', 'html', 'hdr', 'junit', 'samples'
        for kind in kinds:
            (self.folder / kind).symlink_to('/dev/full')
        run = self.load(*(w for kind in kinds for w in ('--out', f'{kind}={kind}')), code=1)
        self.assert_named('csv: No space', 'html: No space', 'hdr', 'junit: No space',
                          'No space left on device, 300 samples are missing')
        self.assertIn('passed', run.output())  # the terminal still has the result


main()
