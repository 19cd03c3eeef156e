"""What people see: on a terminal, in a pipe, on a window that changes."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from harness import BOOM, BoomTest, main, wait_for


class Terminal(BoomTest):
    def on_terminal(self, arguments, environment, sizes):
        """Runs boom with stderr and stdout on a terminal; all that it wrote."""
        ours, theirs = pty.openpty()

        def resize(columns, rows):
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
        resize(*sizes[0])
        plain = {k: v for k, v in os.environ.items()
                 if k not in ('NO_COLOR', 'LC_ALL', 'LC_CTYPE', 'LANG')}
        process = subprocess.Popen([BOOM, *map(str, arguments)], stdin=subprocess.DEVNULL,
                                   stdout=theirs, stderr=theirs, cwd=self.folder,
                                   env=plain | environment)
        self.processes.append(process)
        text, draws, end = b'', 0, time.monotonic() + 40
        while time.monotonic() < end:
            if select.select([ours], [], [], 0.1)[0]:
                text += os.read(ours, 65536)
            elif process.poll() is not None:
                break
            if text.count(b'running ') > draws:
                draws = text.count(b'running ')
                resize(*sizes[min(draws, len(sizes) - 1)])
        os.close(ours)
        os.close(theirs)
        self.assertEqual(process.wait(5), 0)
        return text.decode()

    def run_it(self, environment, sizes=((100, 30),), more=()):
        self.start_target()
        return self.on_terminal([self.target + '/get', '-u', 3, '-d', '4s', '--max-rps', 50, *more],
                                environment, sizes)

    def test_live_view_is_redrawn_in_place(self):
        text = self.run_it({'TERM': 'xterm', 'LANG': 'C.UTF-8'}, ((120, 30), (60, 30), (90, 10)))
        self.assertRegex(text, '\x1b\\[\\d+A\r\x1b\\[J')
        self.assertIn('\u2588', text)
        self.assertRegex(text, r'\d %')
        self.assertIn('\x1b[32;1mpassed\x1b[0m', text)
        # The view is gone before the report begins.
        self.assertRegex(text, '\x1b\\[\\d+A\r\x1b\\[J[^\x1b]*\x1b\\[32;1mpassed')

    def test_no_color_keeps_the_view_and_drops_the_colours(self):
        text = self.run_it({'TERM': 'xterm', 'NO_COLOR': '1', 'LANG': 'C'})
        self.assertRegex(text, '\x1b\\[\\d+A')
        self.assertNotRegex(text, '\x1b\\[[0-9;]*m')
        self.assertTrue(text.isascii())
        self.assertIn('#', text)

    def test_a_dumb_terminal_gets_plain_lines(self):
        text = self.run_it({'TERM': 'dumb', 'LANG': 'C'})
        self.assertNotIn('\x1b', text)
        self.assertRegex(text, r'(?m)^ +\ds  running   users 3/3')

    def test_quiet_shows_the_report_alone(self):
        text = self.run_it({'TERM': 'xterm', 'LANG': 'C'}, more=('--quiet', '--no-color'))
        self.assertTrue(text.lstrip().startswith('passed'), text[:200])
        self.assertNotIn('\x1b', text)

    def test_a_pipe_gets_lines_on_stderr_and_the_report_on_stdout(self):
        self.start_target()
        run = self.run_boom(self.target + '/get', '-u', 3, '-d', '2s', '--max-rps', 50)
        self.assertEqual(run.returncode, 0)
        self.assertRegex(run.errors(), r'(?m)^ +\ds  running')
        self.assertNotIn('\x1b', run.errors() + run.output())
        self.assertTrue(run.output().startswith('passed'))
        self.assertNotIn('running', run.output())
        wait_for(lambda: 'p95' in run.output(), 'the table')

    def test_without_console_output_there_is_the_summary_alone(self):
        """No console, no gateway, no file: what was measured is still there at the end."""
        self.start_target()
        for options in ['--disable-console-output'], ['--disable-console-output', '--quiet']:
            run = self.run_boom(self.target + '/get', '-u', 3, '-d', '3s', '--max-rps', 50,
                                *options)
            self.assertEqual(run.returncode, 0, run.errors())
            self.assertTrue(run.output().startswith('passed'))
            self.assertIn('p95', run.output())
            self.assertNotIn('running', run.output() + run.errors())
        run = self.run_boom(self.target + '/status/500', '-u', 1, '-i', 3, *options)
        self.assertTrue(run.output().startswith('failed: no request succeeded'))
        self.assertIn('status 500', run.output())

    def test_failing_requests_are_counted_and_not_logged(self):
        """Twenty times as many failures make no more lines: neither log nor report grow."""
        self.start_target()
        lengths = []
        for loops in 500, 10_000:
            run = self.run_boom(self.target + '/status/500', '-u', 5, '-i', loops,
                                '--disable-console-output')
            self.assertEqual(run.returncode, 96, run.errors())
            self.assertIn(str(5 * loops), run.output())
            lengths.append((len(run.errors().splitlines()), len(run.output().splitlines())))
        self.assertEqual(lengths[0][1], lengths[1][1])
        self.assertLessEqual(lengths[1][0], lengths[0][0] + 5)


main()
