"""Rows of parameters: files, orders, and unique rows over any number of workers."""
import json
import os
import pathlib
import re
import signal

from harness import BOOM, DEADLINE_S, BoomTest, free_port, main, wait_for

ONCE = {'name': 'once', 'request': {'method': 'GET', 'url': '/once', 'params': {'token': '$token'}},
        'validate': [{'eq': ['status_code', 200]}]}


class Data(BoomTest):
    def data_case(self, config, steps=None, name='case.yml'):
        return self.write(name, json.dumps(
            {'config': {'name': 'data', 'base_url': self.target, **config},
             'teststeps': steps or [ONCE]}))

    def run_on_workers(self, count, case, *more):
        port = free_port()
        for i in range(count):
            self.spawn('--worker', '--master-port', port, '--name', f'w{i}')
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none',
                            '--expect-workers', count, '--out', 'json=result.json', *more)
        self.assertEqual(master.wait(40), 0, master.errors())
        return self.result()

    def test_unique_rows_of_a_csv_are_used_exactly_once(self):
        self.start_target()
        rows = [f't{i}' for i in range(103)]
        self.write('rows.csv', 'token\r\n' + '\r\n'.join(rows) + '\r\n')
        case = self.data_case({'parameters': {'token': '${P(rows.csv)}'},
                               'parameters_setting': {'pick_order': 'unique'}})
        for workers in (1, 2, 3, 5):
            result = self.run_on_workers(workers, case, '-u', 10)
            once = self.target_stats()['once']
            self.assertEqual((once['tokens'], once['repeats']), (103, 0))
            self.assertEqual(sorted(once['order']), sorted(rows))
            self.assertEqual(result['iterations']['finished'], 103)
            self.assertEqual(result['total']['failures'], 0)
            self.assertEqual(len(result['workers']), workers)
            self.http_reset()

    def http_reset(self):
        from harness import http
        http('POST', self.target + '/__reset')

    def test_rows_go_out_in_the_order_of_the_file(self):
        self.start_target()
        self.write('rows.csv', '\ufeffname;token\n' +
                   ''.join(f'"a;{i}";t{i}\n' for i in range(40)))
        case = self.data_case({'parameters': {'name-token': {'file': 'rows.csv',
                                                             'delimiter': ';'}},
                               'parameters_setting': {'at_end': 'stop'}})
        run = self.run_boom(case, '-u', 1, '--threads', 1, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        self.assertEqual(self.target_stats()['once']['order'], [f't{i}' for i in range(40)])

    def test_files_are_looked_up_in_the_working_directory_last(self):
        self.start_target()
        (self.folder / 'project').mkdir()
        self.write('project/proj.json', '{}')
        self.write('rows.csv', 'token\nhere\n')
        case = self.data_case({'parameters': {'token': '${P(rows.csv)}'}},
                              name='project/case.yml')
        run = self.run_boom(case, '-u', 1, '-i', 1)
        self.assertEqual(run.returncode, 0, run.errors())
        self.write('project/rows.csv', 'token\nroot\n')
        self.assertEqual(self.run_boom(case, '-u', 1, '-i', 1).returncode, 0)
        self.assertEqual(self.target_stats()['once']['order'], ['here', 'root'])

    def test_what_a_case_names_travels_to_a_worker_elsewhere(self):
        self.start_target()
        for folder in ('project', 'project/cases', 'data', 'elsewhere'):
            (self.folder / folder).mkdir()
        self.write('project/.env', 'WHO=someone\n')
        self.write('data/users.csv', 'token\nfrom-above\n')
        self.write('data/note.txt', 'a note')
        self.write('project/inner.yml', json.dumps({
            'teststeps': [{**ONCE, 'variables': {'token': '$token-${ENV(WHO)}'}}]}))
        self.data_case({'parameters': {'token': '${P(../../data/users.csv)}'}}, [
            {'name': 'in', 'testcase': 'inner.yml'},
            {'name': 'up', 'request': {'method': 'POST', 'url': '/echo',
                                       'upload': {'file': '@../../data/note.txt'}},
             'validate': [{'contains': ['body.body', 'a note']}]}], 'project/cases/case.yml')
        port = free_port()
        worker = self.spawn('--worker', '--master-port', port, folder=self.folder / 'elsewhere')
        master = self.spawn('--master', '--auto-start', 'project/cases/case.yml', '-i', 1,
                            '--master-bind-host', '127.0.0.1', '--master-bind-port', port,
                            '--master-http-address', 'none', '--out', 'json=result.json')
        self.assertEqual(master.wait(60), 0, master.errors())
        self.assertEqual(worker.wait(60), 0, worker.errors())
        self.assertEqual(self.result()['total']['failures'], 0, self.result()['errors'])
        self.assertEqual(self.target_stats()['once']['order'], ['from-above-someone'])
        self.assertEqual(list((self.folder / 'elsewhere').iterdir()), [])

    def large_case(self, rows, settings):
        """Its size, and a case whose every row is checked: quotes and a line break in each."""
        with open(self.folder / 'large.csv', 'w', newline='') as file:
            file.write('name,token\r\n')
            file.writelines(f'"{"n" * 200},\n""{i}""",t{i}\r\n' for i in range(rows))
        step = {'name': 'post', 'request': {'method': 'POST', 'url': '/post',
                                            'json': {'name': '$name'}},
                'validate': [{'regex_match': ['body.json.name', '^n{200},\n"[0-9]+"$']}]}
        return (self.folder / 'large.csv').stat().st_size, self.data_case(
            {'parameters': {'name-token': '${P(large.csv)}'},
             'parameters_setting': settings}, [ONCE, step] if 'unique' in settings.values()
            else [step])

    def test_a_large_file_is_no_memory_and_may_be_cut_off_during_the_run(self):
        self.start_target()
        size, case = self.large_case(200_000, {'pick_order': 'random'})
        run = self.spawn(case, '-u', 2, '-d', '120s', '--out', 'json=result.json')

        def requests():
            return self.target_stats()['requests']
        wait_for(lambda: requests() > 100, 'a load', DEADLINE_S)
        status = (pathlib.Path('/proc') / str(run.pid) / 'status').read_text()
        anonymous = int(re.search(r'RssAnon:\s+(\d+) kB', status).group(1)) << 10
        # Master and worker are one process here. A text each would be twice the file. Sanitizers
        # have memory of their own.
        if re.search(b'__[at]san_init', pathlib.Path(BOOM).read_bytes()) is None:
            self.assertLess(anonymous, size, status)
        os.truncate(self.folder / 'large.csv', 100)
        before = requests()
        wait_for(lambda: requests() > before + 1000, 'more rows', DEADLINE_S)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(DEADLINE_S), 105, run.errors())  # it was stopped
        self.assertEqual(self.result()['total']['failures'], 0, self.result()['errors'])

    def test_a_large_file_is_split_over_workers_in_blocks(self):
        self.start_target()
        rows = 90_000
        size, case = self.large_case(rows, {'pick_order': 'unique'})
        self.assertGreater(size, 16 << 20)  # above it a file is mapped (base/content.hpp)
        result = self.run_on_workers(2, case, '-u', 2, '-i', 5)
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        once = self.target_stats()['once']['order']
        self.assertEqual(sorted(int(token[1:]) for token in once),
                         [first + i for first in (0, rows // 2) for i in range(5)],
                         result['events'])
        self.http_reset()
        self.assertEqual(self.run_boom(case, '-u', 1, '-i', 5).returncode, 0)
        self.assertEqual(self.target_stats()['once']['order'], [f't{i}' for i in range(5)])

    def test_a_large_file_without_room_is_refused_where_there_is_none(self):
        self.start_target()
        _, case = self.large_case(90_000, {'pick_order': 'unique'})
        nowhere = {**os.environ, 'TMPDIR': str(self.folder / 'none')}
        run = self.run_boom(case, environment=nowhere)
        self.assertEqual(run.returncode, 104)
        self.assertRegex(run.errors(), 'case.yml:.*large.csv.* do not fit into .*/none '
                         r'\(No such file or directory;')
        port = free_port()
        self.spawn('--worker', '--master-port', port, environment=nowhere)
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none')
        self.assertNotEqual(master.wait(DEADLINE_S), 0)
        self.assertRegex(master.errors(), 'refused the run: .*large.csv: cannot keep more than '
                         '16.0 MiB in memory, nor make a file in .*/none: ')
        self.assertEqual(self.target_stats()['requests'], 0)

    def test_rows_can_be_each_users_own(self):
        self.start_target()
        case = self.data_case({'parameters': {'token': ['a', 'b', 'c']},
                               'parameters_setting': {'share': 'user', 'at_end': 'stop'}},
                              [{'name': 'get', 'request': {'method': 'GET', 'url': '/once',
                                                           'params': {'token': '$token'},
                                                           'fail_on_status': False}}])
        for count in (1, 2):
            result = self.run_on_workers(count, case, '-u', 4)
            once = self.target_stats()['once']
            self.assertEqual((once['tokens'], once['repeats']), (3, 9))  # three rows, four users
            self.assertEqual(result['iterations']['finished'], 12)
            self.http_reset()
        case = self.data_case({'parameters': {'token': ['a']},
                               'parameters_setting': {'share': 'users', 'pick_order': 'unique'}})
        run = self.run_boom('validate', case)
        self.assertEqual(run.returncode, 104)
        self.assertIn("'share' must be one of case, user, all, not 'users' (did you mean 'user'?)",
                      run.errors())

    def test_three_workers_and_two_rows(self):
        self.start_target()
        case = self.data_case({'parameters': {'token': ['x', 'y']},
                               'parameters_setting': {'pick_order': 'unique'}})
        result = self.run_on_workers(3, case, '-u', 6)
        self.assertEqual(sorted(w['requests'] for w in result['workers']), [0, 1, 1])
        self.assertEqual(self.target_stats()['once']['repeats'], 0)

    def test_the_end_can_be_an_error(self):
        self.start_target()
        case = self.data_case({'parameters': {'token': ['x', 'y']},
                               'parameters_setting': {'pick_order': 'unique', 'at_end': 'error'}})
        self.run_boom(case, '-u', 1, '-i', 5, '--out', 'json=result.json')
        result = self.result()
        self.assertEqual(result['iterations']['finished'], 2)
        self.assertEqual(result['iterations']['failed'], 1)
        self.assertIn('used up', result['errors'][0]['message'])

    def test_a_missing_file_is_named_before_any_load(self):
        self.start_target()
        case = self.data_case({'parameters': {'token': '${P(data/no.csv)}'}})
        run = self.run_boom(case, '-u', 1)
        self.assertEqual(run.returncode, 104)
        self.assertIn('data/no.csv', run.errors())
        self.assertIn('case.yml:', run.errors())
        self.assertEqual(self.target_stats()['requests'], 0)

    def test_files_are_looked_up_beside_the_case_then_in_the_root(self):
        self.start_target()
        (self.folder / 'cases').mkdir()
        self.write('proj.json', '{}')
        self.write('shared.csv', 'token\nroot\n')
        self.write('cases/own.csv', 'own\nbeside\n')
        self.write('own.csv', 'own\nwrong\n')
        step = {'name': 'get', 'request': {'method': 'GET', 'url': '/get',
                                           'params': {'a': '$token', 'b': '$own'}},
                'validate': [{'eq': ['body.args.a', 'root']}, {'eq': ['body.args.b', 'beside']}]}
        self.data_case({'parameters': {'token': '${P(shared.csv)}', 'own': '${P(own.csv)}'}},
                       [step], 'cases/case.yml')
        run = self.run_boom('cases/case.yml', '-u', 1, '-i', 2)
        self.assertEqual(run.returncode, 0, run.errors())


main()
