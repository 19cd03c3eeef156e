"""Wrong input: a clear message with its place, the documented exit code, no load."""
import socket

from harness import DEADLINE_S, BoomTest, free_port, main, wait_for


class Input(BoomTest):
    def refused(self, code, words, *arguments):
        run = self.run_boom(*arguments)
        self.assertEqual(run.returncode, code, run.errors())
        for word in words:
            self.assertIn(word, run.errors())

    def test_command_line(self):
        self.refused(104, ['--spwan-count', '--spawn-count'], 'x.yml', '--spwan-count', '3')
        self.refused(104, ['--wach', 'unknown option'], 'x.yml', '--wach')
        self.refused(104, ['spawn-count', 'abc'], 'x.yml', '--spawn-count', 'abc')
        self.refused(104, ['not both'], '--master', '--worker')
        self.refused(104, ['boom.yml', 'testcases/boom.yml'], '--master', '--auto-start')
        self.refused(104, ['no-such.yml'], 'no-such.yml')
        self.refused(104, ['no-such.json', 'cannot be read'], 'compare', 'no-such.json', 'b')

    def test_cases(self):
        self.write('syntax.yml', 'config: {name: x\nteststeps: [')
        self.refused(104, ['syntax.yml:'], 'syntax.yml')
        self.write('many.yml', 'config:\n  name: x\n  base_url: http://h\nteststeps:\n'
                               '  - requst: {url: /}\n  - request: {url: /$nobody}\n')
        run = self.run_boom('validate', 'many.yml')
        self.assertEqual(run.returncode, 104)
        for word in ['many.yml:5:', "did you mean 'request'", 'many.yml:6:', 'nobody']:
            self.assertIn(word, run.errors())
        self.write('later.yml', 'config: {name: x, base_url: "http://h", ios: 3}\n'
                                'teststeps:\n  - request: {url: /}\n')
        self.refused(104, ['ios', 'not supported yet'], 'later.yml')

    def test_profiles(self):
        self.write('boom.yml', 'spawn_count: 1\nspwan-count: 2\nstart-at: "14:30"\n')
        self.refused(104, ['boom.yml:1:1:', 'boom.yml:2:1:', "did you mean 'spawn-count'",
                           "boom.yml:3:1: 'start-at' belongs to one start", '--start-at 14:30'],
                     '--profile', 'boom.yml', 'http://127.0.0.1:1/')

    def test_busy_ports(self):
        with socket.socket() as busy:
            busy.bind(('127.0.0.1', 0))
            busy.listen()
            port = busy.getsockname()[1]
            self.refused(101, [str(port)], '--master', '--master-bind-host', '127.0.0.1',
                         '--master-bind-port', str(port), '--master-http-address', 'none')
            self.refused(101, [str(port)], '--master', '--master-bind-port', str(free_port()),
                         '--master-http-address', f'127.0.0.1:{port}')
            self.refused(101, [str(port)], 'target', '--listen', f'127.0.0.1:{port}')

    def test_an_unreachable_master_is_named_and_tried_on(self):
        port = free_port()
        worker = self.spawn('--worker', '--master-host', '127.0.0.1', '--master-port', port)
        wait_for(lambda: 'no master answers; trying on' in worker.errors(), 'the complaint')
        self.assertIn(str(port), worker.errors())
        self.start_target()
        case = self.case([{'request': {'method': 'GET', 'url': '/get'}}])
        master = self.run_boom('--master', '--auto-start', case, '--loop-count', 3,
                               '--master-bind-host', '127.0.0.1', '--master-bind-port', port,
                               '--master-http-address', 'none')
        self.assertEqual(master.returncode, 0, master.errors())
        self.assertEqual(worker.wait(DEADLINE_S), 0, worker.errors())
        self.assertEqual(self.target_stats()['paths'], {'/get': 3})

    def test_mistakes_send_no_load(self):
        self.start_target()
        good = {'request': {'method': 'GET', 'url': '/get'}}
        self.refused(104, ['nobody'],
                     self.case([good, {'request': {'method': 'GET', 'url': '/$nobody'}}]))
        self.refused(104, ['no-such.yml'], self.case([good]), 'no-such.yml')
        self.assertEqual(self.target_stats()['paths'], {})

    def test_output_that_cannot_be_written(self):
        self.refused(101, ['nowhere/result.json'], 'http://127.0.0.1:1/', '-i', '1',
                     '--out', 'json=nowhere/result.json')


main()
