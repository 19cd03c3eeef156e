"""A master that is killed in the middle of a run and started again."""
import json
import os
import resource
import time

from harness import BoomTest, free_port, http, main, wait_for


class Journal(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()
        self.url = self.case([{'name': 'slow', 'request': {'method': 'GET', 'url': '/delay/10'}}])
        self.port = free_port()

    def workers(self, count, *more):
        return [self.spawn('--worker', '--master-port', self.port, '--name', f'w{i}', *more)
                for i in range(count)]

    def master(self, *more):
        return self.spawn('--master', '--auto-start', self.url, '--master-bind-host', '127.0.0.1',
                          '--master-bind-port', self.port, '--master-http-address', 'none',
                          '--out', 'json=result.json', '--run-dir', 'runs', *more)

    def journals(self):
        return list((self.folder / 'runs').glob('*/journal'))

    def load(self, requests):
        wait_for(lambda: self.target_stats()['requests'] > requests, 'load', 60)

    def assert_exact(self, result):
        self.assert_counts_agree(result)
        self.assertEqual(self.journals(), [])

    def test_killed_for_a_moment_the_load_goes_on(self):
        self.workers(2)
        options = ('--expect-workers', 2, '-u', 6, '-d', '6s')
        master = self.master(*options)
        self.load(500)
        journal = wait_for(self.journals, 'a journal')[0]
        self.assertEqual(os.stat(journal).st_mode & 0o077, 0)
        master.kill()
        master.wait()
        again = self.master(*options)
        self.assertEqual(again.wait(60), 0, again.errors())
        self.assertIn('is taken up again', again.errors())
        result = self.result()
        self.assert_exact(result)
        self.assertTrue(result['run']['degraded'])
        self.assertEqual(result['run']['state'], 'finished')
        self.assertEqual(result['run']['id'], journal.parent.name)
        gaps = [e for e in result['events'] if e['kind'] == 'gap']
        self.assertIn('no master from', gaps[0]['text'])
        self.assertTrue(any('no master from' in note for note in result['run']['notes']))
        self.assertGreaterEqual(result['run']['duration_s'], 5.9)
        # The next run with the same command is a new one.
        fresh = self.master('--expect-workers', 1, '-u', 1, '-i', 3)
        self.workers(1)
        self.assertEqual(fresh.wait(60), 0, fresh.errors())
        self.assertNotIn('taken up', fresh.errors())
        self.assertEqual(self.result()['iterations']['finished'], 3)

    def test_away_for_long_the_workers_stop_deliver_and_join_again(self):
        workers = self.workers(2)
        options = ('--expect-workers', 2, '-u', 6, '-d', '10s')
        master = self.master(*options)
        self.load(300)
        master.kill()
        master.wait()
        for worker in workers:
            wait_for(lambda: 'load stopped, results kept' in worker.errors(), 'D19', 30)
        wait_for(lambda: self.is_quiet(), 'no load without a master', 30)
        again = self.master(*options)
        self.assertEqual(again.wait(60), 0, again.errors())
        result = self.result()
        self.assert_exact(result)
        self.assertEqual(len(result['workers']), 4)  # two parts each
        self.assertTrue(any(e['kind'] == 'joined' for e in result['events']))

    def is_quiet(self):
        before = self.target_stats()['requests']
        time.sleep(0.3)
        return self.target_stats()['requests'] <= before + 1  # the question itself

    def test_killed_twice_by_api(self):
        """A run of POST /start is in the journal with its case; a stop is remembered."""
        http_port = free_port()
        self.workers(2)

        def start():
            return self.spawn('--master', '--master-bind-host', '127.0.0.1',
                              '--master-bind-port', self.port, '--run-dir', 'runs',
                              '--master-http-address', f'127.0.0.1:{http_port}')

        def ask(method, path, body=None):
            return json.loads(http(method, f'http://127.0.0.1:{http_port}{path}', body)[1])

        def answers():
            try:
                return ask('GET', '/master')['data']
            except OSError:
                return None
        master = start()
        wait_for(answers, 'the API')
        wait_for(lambda: len(ask('GET', '/workers')['data']) == 2, 'two workers')
        answer = ask('POST', '/start', json.dumps(
            {'testcase-path': 'case.yml', 'spawn-count': 4}))
        self.assertEqual(answer['code'], 0, answer)
        for _ in range(2):
            self.load(self.target_stats()['requests'] + 200)
            master.kill()
            master.wait()
            master = start()
            wait_for(answers, 'the API')
            self.assertIn('is taken up again', master.errors())
        self.load(self.target_stats()['requests'] + 200)
        self.assertEqual(ask('GET', '/stop')['code'], 0)
        wait_for(lambda: ask('GET', '/stats')['run']['state'] == 'stopped', 'the end', 40)
        self.assert_exact(ask('GET', '/stats'))
        self.assertEqual(len(ask('GET', '/runs')['data']), 1)
        self.assertEqual(ask('GET', '/quit')['code'], 0)
        self.assertEqual(master.wait(20), 0)

    def test_another_command_a_living_master_and_rubbish_do_not_confuse(self):
        self.workers(1)
        master = self.master('-u', 2, '-d', '60s')
        self.load(50)
        journal = wait_for(self.journals, 'a journal')[0]
        # Another master beside the living one, in the same folder.
        other_port = free_port()
        self.spawn('--worker', '--master-port', other_port)
        beside = self.spawn('--master', '--auto-start', self.url, '--master-bind-port', other_port,
                            '--master-http-address', 'none', '--run-dir', 'runs', '-u', 1, '-i', 2)
        self.assertEqual(beside.wait(60), 0, beside.errors())
        self.assertNotIn('taken up', beside.errors())
        master.kill()
        master.wait()
        # The end is torn, and there are foreign files.
        with open(journal, 'ab') as file:
            file.write(b'\x10\x00\x00\x00half a record')
        for name, content in (('a', b''), ('b', b'boom journal 1\n\xff\xff\xff\xff'), ('c', b'x')):
            (self.folder / 'runs' / name).mkdir()
            (self.folder / 'runs' / name / 'journal').write_bytes(content)
        another = self.master('-u', 3, '-i', 2)
        self.assertEqual(another.wait(60), 0, another.errors())
        self.assertIn('its case or profile is another one', another.errors())
        self.assertEqual(self.result()['iterations']['finished'], 6)
        self.assertTrue(journal.exists())

    def test_a_full_disk_is_named_and_the_run_goes_on(self):
        self.workers(1)
        master = self.master('-u', 2, '-d', '4s')
        self.load(20)
        journal = wait_for(self.journals, 'a journal')[0]
        size = journal.stat().st_size
        # As on a full disk: no file can grow any more (EFBIG), the log neither.
        resource.prlimit(master.pid, resource.RLIMIT_FSIZE, (size + 1, resource.RLIM_INFINITY))
        wait_for(lambda: not journal.exists(), 'one with a hole is of no use', 30)
        resource.prlimit(master.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertEqual(master.wait(60), 0, master.errors())
        result = self.result()
        self.assert_exact(result)
        self.assertFalse(result['run']['degraded'])
        self.assertEqual(sum('cannot be taken up again' in note
                             for note in result['run']['notes']), 1)


main()
