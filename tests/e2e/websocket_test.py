"""Websocket steps: the target's counters, two workers, TLS, failures by class, and an independent
server."""
import json
import os
import re
import subprocess
import unittest

from harness import ROOT, BoomTest, free_port, main, wait_for

PYTHON = '/usr/bin/python3'  # Debian's, which has Debian's packages
HAS_PEER = os.path.exists(PYTHON) and subprocess.run(
    [PYTHON, '-c', 'import websockets'], stderr=subprocess.DEVNULL).returncode == 0


def action(kind, **more):
    checks = {key: more.pop(key) for key in ('validate', 'extract', 'loops') if key in more}
    return {'name': more.pop('name', kind), 'websocket': {'type': kind, **more}, **checks}


class WebSocketTest(BoomTest):
    def run_case(self, steps, *more, code=0, config=None):
        path = self.write('case.yml', json.dumps(
            {'config': {'base_url': self.target, **(config or {})}, **(
                steps if isinstance(steps, dict) else {'teststeps': steps})}))
        run = self.run_boom(path, '--out', 'json=result.json', *more)
        self.assertEqual(run.returncode, code, run.errors() + run.output())
        return self.result()

    def rows(self, result):
        return {s['name']: s for s in result['steps'] if s['type'] == 'websocket'}

    def errors(self, result):
        return {(e['class'], e['message']): e['count'] for e in result['errors']}


class WebSockets(WebSocketTest):
    def test_every_action_is_counted_as_the_server_counts(self):
        self.start_target()
        for io in ('uring', 'epoll'):
            probe = self.run_boom(self.target + '/get', '-i', 1, '--io', io)
            if probe.returncode == 104:
                continue  # not on this machine
            before = self.target_stats()['web_sockets']
            result = self.run_case([
                action('open', url='/ws?greeting=hi'), action('r', url='/ws'),
                action('ping', url='/ws', loops=2), action('wr', url='/ws', text={'a': [1, 'ä']},
                                                           validate=[{'eq': ['body.a[1]', 'ä']}]),
                action('w', url='/ws', binary='x'),
                action('r', url='/ws', name='again', validate=[{'eq': ['body', 'x']}]),
                action('close', url='/ws', close_status=4000, text='end', validate=[
                    {'eq': ['status_code', 4000]}, {'eq': ['body', 'end']}])],
                '-u', 3, '-i', 20, '--io', io)
            self.assertEqual({name: row['requests'] for name, row in self.rows(result).items()},
                             {'open': 60, 'r': 60, 'ping': 120, 'wr': 60, 'w': 60, 'again': 60,
                              'close': 60})
            self.assertEqual(result['total']['failures'], 0, result['errors'])
            self.assertEqual(result['total']['requests'], 480)
            self.assertEqual(result['connections']['exchanges'], 60)  # the handshakes
            self.assertEqual(self.rows(result)['ping']['response_time_us']['count'], 120)
            self.assertEqual(self.rows(result)['wr']['method'], 'WRITE_AND_READ')
            seen = self.target_stats()['web_sockets']
            self.assertEqual({key: seen[key] - before[key] for key in seen},
                             {'opened': 60, 'messages': 120, 'pings': 120, 'closed': 60})

    def test_connections_end_with_the_iteration_and_those_of_the_setup_with_the_user(self):
        self.start_target()
        result = self.run_case({
            'setup': [action('open', name='kept', url='/ws?mine=1')],
            'teststeps': [action('wr', name='on the kept one', url='/ws?mine=1', text='a',
                                 validate=[{'eq': ['body', 'a']}]),
                          action('open', name='own', url='/ws?own=1'),
                          action('open', name='no-op', url='/ws?own=1'),
                          action('wr', name='on a new one', url='/ws?own=1', text='b',
                                 new_connection=True)],
            'teardown': [action('ping', name='last', url='/ws?mine=1')]}, '-u', 2, '-i', 5)
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        stats = self.target_stats()
        # One of each user, and two in each iteration; all ended with a Close of the client.
        self.assertEqual(stats['web_sockets'],
                         {'opened': 22, 'messages': 20, 'pings': 2, 'closed': 22})
        self.assertEqual(result['connections']['opened'], 22)

    def test_failures_have_their_own_classes(self):
        self.start_target()
        timeout = action('r', name='nothing comes', timeout=80)
        result = self.run_case(
            [action('ping', name='none is open', url='/ws'),
             action('open', name='no such place', url='/status/404'),
             action('open', name='no websocket', url='/get'),
             action('open', url='/ws'), timeout, action('wr', url='/ws', text='x', validate=[
                 {'eq': ['body', 'y']}]),
             action('open', name='refused', url='ws://127.0.0.1:1/'),
             action('open', name='expected', url='/status/403',
                    validate=[{'eq': ['status_code', 403]}])],
            '-u', 1, '-i', 2, '--on-failure', 'continue')
        classes = {}
        for error in result['errors']:
            classes[error['step']] = (error['class'], error['count'])
        self.assertEqual(classes, {
            'none is open': ('websocket closed', 2), 'no such place': ('status', 2),
            'no websocket': ('websocket handshake', 2), 'nothing comes': ('response timeout', 2),
            'wr': ('check', 2), 'refused': ('connect refused', 2)})

    def test_what_cannot_be_is_refused_by_name(self):
        self.start_target()
        for step, message in (
                ({'type': 'opne', 'url': '/ws'}, "unknown action 'opne' of a websocket"),
                ({'url': '/ws'}, "'websocket' needs 'type'"),
                ({'type': 'close', 'close_status': 1005}, 'the code 1005 cannot be sent'),
                ({'type': 'r', 'text': 'x'}, 'nothing is sent by this action'),
                ({'type': 'ping', 'binary': 'x'}, "'binary' belongs to"),
                ({'type': 'w', 'close_status': 1000}, "'close_status' belongs to"),
                ({'type': 'open', 'colour': 1}, "unknown key 'colour' in websocket")):
            path = self.case([{'name': 'x', 'websocket': step}])
            run = self.run_boom('validate', path)
            self.assertEqual(run.returncode, 104)
            self.assertIn(message, run.errors())
        path = self.case([action('open', url='/ws')])
        run = self.run_boom(path, '--proxy', 'http://127.0.0.1:1')
        self.assertIn('a websocket goes through no proxy', run.errors())
        self.assertEqual(run.returncode, 104)

    def test_two_workers_count_as_the_server(self):
        self.start_target()
        port = free_port()
        for name in ('w1', 'w2'):
            self.spawn('--worker', '--master-port', port, '--name', name)
        path = self.case([action('open', url='/ws'), action('wr', url='/ws', text='$who'),
                          action('ping', url='/ws')])
        master = self.spawn(
            '--master', '--auto-start', path, '--master-bind-host', '127.0.0.1',
            '--master-bind-port', port, '--master-http-address', 'none', '--expect-workers', 2,
            '-u', 4, '-i', 25, '--out', 'json=result.json', '--var', 'who=me')
        self.assertEqual(master.wait(60), 0, master.errors())
        result = self.result()
        self.assertEqual({name: row['requests'] for name, row in self.rows(result).items()},
                         {'open': 100, 'wr': 100, 'ping': 100})
        self.assertEqual(self.target_stats()['web_sockets'],
                         {'opened': 100, 'messages': 100, 'pings': 100, 'closed': 100})

    def test_over_tls(self):
        target = self.spawn('target', '--listen', '127.0.0.1:0', '--tls')
        port = wait_for(lambda: re.search(r'listening on \S+:(\d+)', target.output()),
                        'the target listens').group(1)
        self.target = f'wss://127.0.0.1:{port}'
        steps = [action('open', url='/ws'), action('wr', url='/ws', text='x' * 100_000,
                                                   validate=[{'len_eq': ['body', 100_000]}]),
                 action('close', url='/ws')]
        result = self.run_case(steps, '-u', 2, '-i', 5, '--no-verify')
        self.assertEqual(result['total']['failures'], 0, result['errors'])
        self.assertEqual(result['total']['requests'], 30)
        result = self.run_case(steps, '-i', 2, code=96)
        self.assertEqual({error['class'] for error in result['errors']}, {'tls'})


@unittest.skipUnless(HAS_PEER, "Debian's python3-websockets is missing")
class IndependentServer(WebSocketTest):
    def test_it_understands_and_is_understood(self):
        peer = subprocess.Popen([PYTHON, str(ROOT / 'tests/e2e/websocket_server.py')],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self.target = f'ws://127.0.0.1:{int(peer.stdout.readline())}'
            result = self.run_case(
                [action('open', headers={'X-Own': 'me', 'Sec-WebSocket-Protocol': 'soup, chat'},
                        validate=[{'eq': ['headers."Sec-WebSocket-Protocol"', 'chat']}]),
                 action('wr', name='text', text='hällo', validate=[{'eq': ['body', 'hällo']}]),
                 action('wr', name='long', binary='y' * 70_000,
                        validate=[{'len_eq': ['body', 70_000]}]),
                 action('wr', name='ping of the server', text='ping',
                        validate=[{'eq': ['body', 'pong came']}]),
                 action('wr', name='fragments', text='pieces',
                        validate=[{'eq': ['body', 'one, twö, three']}]),
                 action('ping'),
                 action('close', close_status=4000, text='end', validate=[
                     {'eq': ['status_code', 4000]}, {'eq': ['body', 'end']}]),
                 action('open', name='another'), action('w', name='gone', text='bye'),
                 action('r')], '-u', 3, '-i', 4)
            self.assertEqual(self.errors(result), {
                ('websocket closed', 'the server closed the websocket: 4321 as you wish'): 12})
            seen = json.loads(peer.communicate('\n', timeout=60)[0])
        finally:
            peer.kill()
            peer.communicate()
        self.assertEqual(seen['opened'], 24)
        self.assertEqual(seen['agents'], {'me': 12, '': 12})
        self.assertEqual(seen['codes'], {'4000': 12, '4321': 12})
        self.assertEqual(seen['messages'], 12 * 5)


main()
