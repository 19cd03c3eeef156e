"""The log of single requests: complete, as JMeter's tools read it, and harmless to the load."""
import csv
import os
import threading

from harness import BoomTest, free_port, main

JTL = ['timeStamp', 'elapsed', 'label', 'responseCode', 'responseMessage', 'threadName', 'success',
       'failureMessage', 'bytes', 'sentBytes', 'grpThreads', 'allThreads', 'URL', 'Latency',
       'Connect']


class Samples(BoomTest):
    def make_case(self):
        self.start_target()
        return self.case([
            {'name': 'get, "it"', 'request': {'method': 'GET', 'url': '/delay/3'}},
            {'name': 'bad', 'request': {'method': 'GET', 'url': '/status/500'}}])

    def rows(self, name='samples.csv'):
        with open(self.folder / name, newline='') as file:
            return list(csv.DictReader(file))

    def load(self, case, *more, path='samples.csv', code=0):
        run = self.run_boom(case, '-u', 4, '-i', 50, '--threads', 2, '--on-failure', 'continue',
                            '--out', f'samples={path}', '--out', 'json=result.json', *more)
        self.assertEqual(run.returncode, code, run.errors())
        return self.result()

    def check_rows(self, rows, result):
        for step in result['steps']:
            if step['type'] != 'request':
                continue
            mine = [r for r in rows if r['label'] == step['name']]
            self.assertEqual(len(mine), step['requests'])
            self.assertEqual(sum(r['success'] == 'false' for r in mine), step['failures'])
            for key, column in ('bytes_sent', 'sentBytes'), ('bytes_received', 'bytes'):
                self.assertEqual(sum(int(r[column]) for r in mine), step[key])
            for key in 'response', 'service':
                times = [int(r[key + 'TimeUs']) for r in mine]
                whole = step[key + '_time_us']
                self.assertEqual([min(times), max(times)], [whole['min'], whole['max']])
                self.assertAlmostEqual(sum(times) / len(times), whole['mean'], delta=1)

    def test_every_request_is_there(self):
        result = self.load(self.make_case())
        rows = self.rows()
        self.assertEqual(list(rows[0])[:len(JTL)], JTL)
        self.check_rows(rows, result)
        self.assertEqual({r['threadName'] for r in rows},
                         {f'local user {n}' for n in range(1, 5)})
        bad = [r for r in rows if r['label'] == 'bad']
        self.assertEqual({(r['responseCode'], r['responseMessage']) for r in bad},
                         {('500', 'status')})
        self.assertTrue(all(r['failureMessage'] for r in bad))
        for row in rows:
            self.assertLessEqual(int(row['Latency']), int(row['elapsed']) + 1)
            self.assertTrue(1 <= int(row['allThreads']) <= 4 or row['allThreads'] == '0')
        self.assertEqual(self.notes(result), [])

    def test_fewer(self):
        case = self.make_case()
        self.load(case, '--samples', 'errors')
        self.assertEqual([r['label'] for r in self.rows()], ['bad'] * 200)
        self.load(case, '--samples', '1-in-10')
        self.assertEqual(len(self.rows()), 40)
        self.assertEqual(self.run_boom(case, '--samples', 'some').returncode, 104)

    def test_on_each_worker_in_a_distributed_run(self):
        case = self.make_case()
        port = free_port()
        workers = [self.spawn('--worker', '--master-port', port, '--name', f'w{n}', '--out',
                              f'samples=w{n}.csv') for n in range(2)]
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none',
                            '--expect-workers', 2, '-u', 4, '-i', 25, '--on-failure', 'continue',
                            '--out', 'json=result.json')
        self.assertEqual(master.wait(60), 0, master.errors())
        for worker in workers:
            self.assertEqual(worker.wait(60), 0, worker.errors())
        self.check_rows(self.rows('w0.csv') + self.rows('w1.csv'), self.result())
        self.assertEqual(len(self.rows('w0.csv')), 100)
        self.assertTrue(self.rows('w1.csv')[0]['threadName'].startswith('w1 user '))
        run = self.run_boom('--master', '--auto-start', case, '--out', 'samples=x.csv')
        self.assertEqual(run.returncode, 104)

    def test_a_disk_that_is_full_or_hangs(self):
        case = self.make_case()
        result = self.load(case, path='/dev/full')
        self.assertEqual(result['total']['requests'], 400)
        [note] = self.notes(result)
        self.assertIn('samples /dev/full: No space left on device, 400 samples are missing', note)
        os.mkfifo(self.folder / 'fifo')
        result = self.load(case, path='fifo')  # nobody reads it
        self.assertEqual(result['total']['requests'], 400)
        self.assertIn('samples fifo: it did not take them in time', self.notes(result)[0])
        self.assert_counts_agree_with(800, result)

    def assert_counts_agree_with(self, requests, result):
        self.assertEqual(self.target_stats()['requests'], requests)
        self.assertEqual(result['connections']['exchanges'], 400)

    def test_a_pipe_that_is_read(self):
        case = self.make_case()
        os.mkfifo(self.folder / 'fifo')
        read = []
        reader = threading.Thread(
            target=lambda: read.append((self.folder / 'fifo').read_text()))
        reader.start()
        self.load(case, path='fifo')
        reader.join(30)
        self.assertEqual(len(read[0].splitlines()), 401)


main()
