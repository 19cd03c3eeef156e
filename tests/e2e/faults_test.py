"""Loss and return for real: signals, and networks cut in both directions or in one. Every scene has
a target, a master and two workers of its own, all scenes play at the same time; each report is
compared with its target's counters."""
import os
import re
import signal
import subprocess
import threading
import time
import traceback
import unittest

from harness import BOOM, BoomTest, free_port, main, wait_for
from networks import HERE, LongWay, Networks, networks_can_be_cut

TOKEN = 'faults-test-token'
USERS = 6


class Scene(BoomTest):
    """A run of 12 s with two workers of 3 users each, and something happening to it."""
    run_time = 12
    networks = None
    host = '127.0.0.1'

    def runTest(self):
        pass

    def spawn_far(self, *arguments):
        """In the other namespace: `ip netns exec` becomes the program itself."""
        name = f'far{len(self.processes)}'
        with open(self.folder / name, 'wb') as log:
            process = subprocess.Popen(
                ['ip', 'netns', 'exec', self.networks.far, BOOM, *map(str, arguments)],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        process.errors = lambda: (self.folder / name).read_text()
        self.processes.append(process)
        return process

    def start(self, *options):
        self.start_target_at(self.host)
        case = self.case([{'name': 'get', 'request': {'method': 'GET', 'url': '/delay/20'}}])
        self.port = free_port()
        near = ('--worker', '--master-host', self.host, '--master-port', self.port,
                '--token', TOKEN, '--name')
        self.workers = [self.spawn_far(*near, 'w0') if self.networks else
                        self.spawn(*near, 'w0'), self.spawn(*near, 'w1')]
        length = ('-d', f'{self.run_time}s') if self.run_time else ()
        self.master = self.spawn(
            '--master', '--auto-start', case, '--master-bind-host', self.host,
            '--master-bind-port', self.port, '--master-http-address', 'none', '--token', TOKEN,
            '--out', 'json=result.json', '--expect-workers', 2, '-u', USERS, *length, *options)
        wait_for(lambda: self.target_stats()['requests'] > 300, 'load', 60)

    def start_target_at(self, host):
        process = self.spawn('target', '--listen', f'{host}:0')
        port = wait_for(lambda: re.search(r'listening on \S+:(\d+)', process.output()),
                        'the target listens').group(1)
        self.target = f'http://{host}:{port}'

    def says(self, process, text):
        wait_for(lambda: text in process.errors(), text, 60)

    def finish(self, code=0):
        self.assertEqual(self.master.wait(60), code, self.master.errors())
        return self.result()

    def kinds(self, result):
        return [event['kind'] for event in result['events']]

    def assert_lost_and_returned(self, result):
        """Everything was counted once, its share moved, it came back and the load is as asked."""
        self.assert_counts_agree(result)
        self.assertTrue(result['run']['degraded'])
        kinds = self.kinds(result)
        for kind in ('lost', 'returned', 'joined'):
            self.assertIn(kind, kinds)
        self.assertLess(kinds.index('lost'), kinds.index('joined'))
        self.assertEqual(result['run']['state'], 'finished')
        self.assert_load(result)

    def assert_load(self, result):
        users = [row['users'] for row in result['timeline']][:self.run_time]
        self.assertIn(USERS, users[-3:], users)  # as asked at the end
        # Who came back is heard with its last users once, while others carry its share; more than
        # a moment of that would be a doubled load.
        self.assertLess(max(users), 2 * USERS, users)
        self.assertLessEqual(sum(count > USERS for count in users), 2, users)
        self.assertLess(result['run']['duration_s'], self.run_time + 2 + 10)


class CutBoth(Scene):
    directions = ('to master', 'from master')

    def play(self, healed):
        self.host = HERE
        self.start()
        self.networks.cut(self.port, *self.directions)
        self.says(self.workers[0], 'load stopped, results kept')
        self.says(self.master, 'nothing heard for 3 s')
        healed()
        self.assert_lost_and_returned(self.finish())


class CutToMaster(CutBoth):
    directions = ('to master',)


class CutFromMaster(CutBoth):
    directions = ('from master',)

    def play(self, healed):
        self.host = HERE
        self.start()
        self.networks.cut(self.port, *self.directions)
        self.says(self.workers[0], 'load stopped, results kept')
        self.says(self.master, 'w0')
        healed()
        self.assert_lost_and_returned(self.finish())


class Frozen(Scene):
    """SIGSTOP and SIGCONT of one worker."""

    def play(self, _):
        self.start()
        self.workers[0].send_signal(signal.SIGSTOP)
        self.says(self.master, 'nothing heard for 3 s')
        self.workers[0].send_signal(signal.SIGCONT)
        self.assert_lost_and_returned(self.finish())


class FrozenInLoops(Scene):
    """A number of iterations was asked for, and a worker is lost for a while: the report says how
    many were done instead."""
    run_time = 0

    def play(self, _):
        self.start('-i', 400)
        self.workers[0].send_signal(signal.SIGSTOP)
        self.says(self.master, 'nothing heard for 3 s')
        self.workers[0].send_signal(signal.SIGCONT)
        result = self.finish()
        self.assert_counts_agree(result)
        self.assertTrue(result['run']['degraded'])
        iterations = result['iterations']
        done = iterations['finished'] + iterations['failed']
        self.assertNotEqual(done, USERS * 400)
        self.assertTrue(any(f'{USERS * 400} iterations were asked for' in note
                            and f'{done} were done' in note for note in result['run']['notes']),
                        result['run']['notes'])


class AllFrozen(Scene):
    def play(self, _):
        self.start()
        for worker in self.workers:
            worker.send_signal(signal.SIGSTOP)
        wait_for(lambda: self.master.errors().count('nothing heard for 3 s') == 2, 'both', 60)
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
        self.assert_lost_and_returned(self.finish())


class MasterFrozen(Scene):
    def play(self, _):
        self.start()
        self.master.send_signal(signal.SIGSTOP)
        for worker in self.workers:
            self.says(worker, 'load stopped, results kept')
        self.master.send_signal(signal.SIGCONT)
        result = self.finish()
        self.assert_counts_agree(result)
        self.assertTrue(result['run']['degraded'])
        self.assertIn('joined', self.kinds(result))
        self.assert_load(result)


class Slow(Scene):
    """A worker that gets a fifth of the time is late, and not lost."""
    run_time = 8

    def play(self, _):
        self.start()
        for _ in range(5):
            self.workers[0].send_signal(signal.SIGSTOP)
            time.sleep(0.8)
            self.workers[0].send_signal(signal.SIGCONT)
            time.sleep(0.2)
        result = self.finish()
        self.assert_counts_agree(result)
        self.assertNotIn('lost', self.kinds(result))
        self.assertFalse(result['run']['degraded'])


class Killed(Scene):
    """SIGKILL: at most the tail that was not acknowledged is missing, and it is named."""
    run_time = 8

    def play(self, _):
        self.start()
        self.workers[0].kill()
        result = self.finish()
        self.assertIn('lost', self.kinds(result))
        lost = [worker for worker in result['workers'] if worker['lost']]
        self.assertEqual([worker['name'] for worker in lost], ['w0'])
        self.assertTrue(any('w0' in note and 'degraded' in note
                            for note in result['run']['notes']))
        stats = self.target_stats()
        missing = stats['requests'] - result['connections']['exchanges']
        # Two seconds of three users of 20 ms each, and what was in flight.
        self.assertGreaterEqual(missing, 0)
        self.assertLessEqual(missing, 2 * 3 * 50 + 3)
        self.assert_load(result)


class AllKilled(Scene):
    """A run without an end ends when nobody is left and nobody comes."""
    run_time = 0

    def play(self, _):
        self.start()
        for worker in self.workers:
            worker.kill()
        result = self.finish(98)
        self.assertIn('no worker is left', result['run']['notes'])
        self.assertEqual(result['run']['state'], 'aborted')


class StoppedForGood(Scene):
    """A worker that never answers again cannot hold the end up."""
    run_time = 4

    def play(self, _):
        self.start('--stop-timeout', '1s')
        self.workers[0].send_signal(signal.SIGSTOP)
        result = self.finish()
        self.assertTrue(result['run']['degraded'])
        self.assertLess(result['run']['duration_s'], self.run_time + 1 + 10 + 2)


class FarAway(Scene):
    """One worker beside the target, one 20 ms away: named with figures, both are counted."""
    run_time = 4

    def play(self, _):
        self.host = LongWay.HERE
        self.start()
        result = self.finish()
        self.assert_counts_agree(result)
        self.assertFalse(result['run']['degraded'])
        notes = [note for note in result['run']['notes'] if 'unlike far' in note]
        self.assertEqual(len(notes), 1, result['run']['notes'])
        far = float(re.search(r'w0 (\S+) ms at least', notes[0]).group(1))
        near = float(re.search(r'w1 (\S+) ms where it is nearest', notes[0]).group(1))
        self.assertGreaterEqual(far, 40)  # there and back
        self.assertLess(near, far / 3)


def load_tests(loader, _, __):
    """Scenes are played by Faults, and are no tests of their own."""
    return loader.loadTestsFromTestCase(Faults)


class Faults(unittest.TestCase):
    def play(self, scenes, networks=None):
        failures = []
        # Those that cut wait for each other: a cut is healed for all.
        barrier = threading.Barrier(max(len(scenes), 1), action=networks.heal if networks else None)

        def run(kind):
            scene = kind()
            scene.networks = networks
            scene.setUp()
            try:
                if networks:
                    networks.enter()
                scene.play(lambda: barrier.wait(120))
            except BaseException:  # reported below, with the scene's name
                barrier.abort()
                failures.append(f'{kind.__name__}: {traceback.format_exc()}')
            finally:
                scene.tearDown()

        threads = [threading.Thread(target=run, args=(kind,)) for kind in scenes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [], '\n'.join(failures))

    def test_signals(self):
        self.play([Frozen, FrozenInLoops, AllFrozen, MasterFrozen, Slow, Killed, AllKilled,
                   StoppedForGood])

    def test_networks(self):
        if not networks_can_be_cut():
            self.skipTest('needs root, ip and nft (scripts/install-packages --with-tests)')
        networks = Networks()
        try:
            self.play([CutBoth, CutToMaster, CutFromMaster], networks)
        finally:
            networks.close()

    def test_a_long_way(self):
        if not networks_can_be_cut() or not os.path.exists('/dev/net/tun'):
            self.skipTest('needs root, ip, nft and /dev/net/tun')
        networks = Networks()
        way = None
        try:
            way = LongWay(networks, 0.02)
            self.play([FarAway], networks)
        finally:
            if way:
                way.close()
            networks.close()


main()
