"""`boom target` below HTTP: TLS, websockets, ports, threads, many connections, counters."""

import http.client
import json
import resource
import select
import signal
import socket
import ssl
import struct
import subprocess
import time

from harness import main, wait_for
from target_harness import TargetTest, WebSocket, multipart, read_all, trusting

IP_BIND_ADDRESS_NO_PORT = 24  # from <linux/in.h>
GET = b'GET /get HTTP/1.1\r\nHost: h\r\nUser-Agent: many\r\n\r\n'


class Tls(TargetTest):
    def https(self, context):
        client = http.client.HTTPSConnection('127.0.0.1', self.port, timeout=30, context=context)
        self.addCleanup(client.close)
        return client

    def start_tls(self, *options):
        process = self.start_target('--tls', *options)
        self.target = f'https://127.0.0.1:{self.port}'
        return process

    def test_the_made_certificate_is_written_served_and_good(self):
        file = self.folder / 'ca.pem'
        process = self.start_tls('--ca-out', file)
        wait_for(lambda: str(file) in process.output(), 'the file is named')
        self.assertIn(f'https://127.0.0.1:{self.port}/__ca', process.output())
        client = self.https(trusting(file))
        status, _, body = self.ask('GET', '/__ca', client=client)
        self.assertEqual((status, body), (200, file.read_bytes()))
        seen = self.ask_json('GET', '/get', client=client)[1]
        self.assertEqual(seen['url'], f'https://127.0.0.1:{self.port}/get')
        for name in ('localhost', '127.0.0.1'):
            with socket.create_connection(('127.0.0.1', self.port)) as plain:
                with trusting(file).wrap_socket(plain, server_hostname=name) as tls:
                    self.assertIn(tls.version(), ('TLSv1.2', 'TLSv1.3'))
        with socket.create_connection(('127.0.0.1', self.port)) as plain:
            with self.assertRaises(ssl.SSLCertVerificationError):
                trusting(file).wrap_socket(plain, server_hostname='example.com')
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.https(ssl.create_default_context()).request('GET', '/get')
        # Some of those left in the handshake; the rest is open or counted as closed.
        self.assertEqual(json.loads(self.ask('GET', '/__stats', client=client)[2])['requests'], 1)

    def test_large_bodies_both_ways(self):
        file = self.folder / 'ca.pem'
        self.start_tls('--ca-out', file)
        client = self.https(trusting(file))
        self.assertEqual(len(self.ask('GET', '/bytes/3000000', client=client)[2]), 3_000_000)
        body = b'y' * 2_000_000
        self.assertEqual(self.ask_json('PUT', '/upload', body, client=client)[1]['size'],
                         len(body))
        self.assertEqual(self.ask('GET', '/close', client=client)[0], 200)
        self.assertEqual(self.ask('GET', '/stream/100', client=client)[0], 200)

    def test_a_certificate_from_files(self):
        certificate, key = self.folder / 'c.pem', self.folder / 'k.pem'
        try:
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days',
                            '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1',
                            '-keyout', key, '-out', certificate], check=True, capture_output=True)
        except FileNotFoundError:
            self.skipTest('openssl is not installed')
        self.start_tls('--cert', certificate, '--key', key)
        client = self.https(trusting(certificate))
        self.assertEqual(self.ask('GET', '/get', client=client)[0], 200)
        self.assertEqual(self.ask('GET', '/__ca', client=client)[0], 404)

    def test_who_speaks_no_tls_is_counted(self):
        file = self.folder / 'ca.pem'
        self.start_tls('--ca-out', file)
        self.assertNotIn(b'HTTP/1.1', self.raw(GET))
        stats = self.ask_json('GET', '/__stats', client=self.https(trusting(file)))[1]
        self.assertEqual(stats['connections']['failed_handshakes'], 1)
        self.assertEqual(stats['requests'], 0)

    def test_mistakes_of_the_command_line(self):
        for options, text in ((('--tls', '--cert', 'none.pem', '--key', 'none.pem'), 'none.pem'),
                              (('--tls', '--cert', 'x'), 'go together'),
                              (('--cert', 'x', '--key', 'y'), 'need --tls'),
                              (('--tls', '--cert', 'x', '--key', 'y', '--ca-out', 'z'), '--cert'),
                              (('--listen', 'a:b:c'), 'no address'),
                              (('--threads', '0'), 'threads'), (('--nothing',), '--nothing')):
            process = self.run_boom('target', *options)
            self.assertEqual(process.returncode, 104, options)
            self.assertIn(text, process.errors())
        process = self.run_boom('target', '--listen', '127.0.0.1:0', '--tls', '--ca-out', '/no/x')
        self.assertEqual(process.returncode, 101)

    def setUp(self):
        super(TargetTest, self).setUp()  # each test starts its own


class WebSockets(TargetTest):
    def test_messages_come_back(self):
        socket_ = WebSocket(self.connect(), '/ws?greeting=welcome')
        self.assertTrue(socket_.head.startswith('HTTP/1.1 101 '))
        self.assertIn(f'Sec-WebSocket-Accept: {socket_.expected_accept}\r\n', socket_.head)
        self.assertEqual(socket_.receive(), (WebSocket.TEXT, b'welcome'))
        for opcode, payload in ((WebSocket.TEXT, 'hällo'.encode()), (WebSocket.BINARY, b'\xff\0'),
                                (WebSocket.TEXT, b''), (WebSocket.BINARY, bytes(200_000))):
            socket_.send(opcode, payload)
            self.assertEqual(socket_.receive(), (opcode, payload))
        socket_.send(WebSocket.TEXT, b'a', final=False)
        socket_.send(WebSocket.PING, b'now')
        socket_.send(0, b'b')
        self.assertEqual(socket_.receive(), (WebSocket.PONG, b'now'))
        self.assertEqual(socket_.receive(), (WebSocket.TEXT, b'ab'))
        socket_.send(WebSocket.CLOSE, struct.pack('>H', 1000) + b'bye')
        self.assertEqual(socket_.receive(), (WebSocket.CLOSE, struct.pack('>H', 1000) + b'bye'))
        self.assertEqual(read_all(socket_.connection), b'')
        stats = self.stats()
        self.assertEqual(stats['web_sockets'], {'opened': 1, 'messages': 5,
                                                'pings': 1, 'closed': 1})
        self.assertEqual((stats['requests'], stats['status']), (1, {'101': 1}))

    def test_mistakes_get_a_close_code(self):
        for data, code in ((b'\x81\x01x', 1002), (b'\x83\x80abcd', 1002),
                           (b'\x81\x81\0\0\0\0\xff', 1007)):
            socket_ = WebSocket(self.connect())
            socket_.connection.sendall(data)
            self.assertEqual(socket_.receive(), (WebSocket.CLOSE, struct.pack('>H', code)))
            self.assertEqual(read_all(socket_.connection), b'')

    def test_no_message_is_answered_in_a_stall(self):
        socket_ = WebSocket(self.connect())
        begin = time.monotonic()
        self.ask('GET', '/stall?ms=600&after_ms=1')
        time.sleep(0.01)
        socket_.send(WebSocket.TEXT, b'x')
        self.assertEqual(socket_.receive(), (WebSocket.TEXT, b'x'))
        self.assertGreaterEqual(time.monotonic() - begin, 0.6)


class Ports(TargetTest):
    def test_a_busy_port_is_refused_with_any_number_of_threads(self):
        for threads in (1, 4):
            process = self.run_boom('target', '--listen', f'127.0.0.1:{self.port}', '--threads',
                                    threads)
            self.assertEqual(process.returncode, 101)
            self.assertIn(f'127.0.0.1:{self.port}', process.errors())
        shared = self.start_target('--threads', 2)
        process = self.run_boom('target', '--listen', f'127.0.0.1:{self.port}', '--threads', 2)
        self.assertEqual(process.returncode, 101)
        shared.send_signal(signal.SIGTERM)
        self.assertEqual(shared.wait(20), 0)
        # The same port again at once: connections in TIME_WAIT are no hindrance.
        again = self.spawn('target', '--listen', f'127.0.0.1:{self.port}', '--threads', 2)
        wait_for(lambda: 'listening' in again.output(), 'the port is free again')

    def test_ipv6_and_names(self):
        process = self.spawn('target', '--listen', 'localhost:0')
        wait_for(lambda: 'listening on 127.0.0.1:' in process.output(), 'it listens')
        if not socket.has_ipv6:
            self.skipTest('no IPv6 here')
        process = self.spawn('target', '--listen', '[::1]:0')
        wait_for(lambda: 'listening on [::1]:' in process.output(), 'it listens on ::1')

    def test_help_names_every_option_and_endpoint(self):
        process = self.run_boom('target', '--help')
        self.assertEqual(process.returncode, 0)
        for word in ('--listen', '--threads', '--tls', '--cert', '--key', '--ca-out', '--seed',
                     '/delay', '/once', '/ws', '/stall', '/__stats', '/__arrivals', '/hostile'):
            self.assertIn(word, process.output())


class Threads(TargetTest):
    OPTIONS = ('--threads', '3')

    def test_all_threads_count_together(self):
        for n in range(30):
            self.assertEqual(self.ask('GET', f'/status/{200 + n % 2}')[0], 200 + n % 2)
        stats = self.stats()
        self.assertEqual(stats['requests'], 30)
        self.assertEqual(stats['paths'], {'/status/200': 15, '/status/201': 15})
        self.assertEqual(stats['connections']['accepted'], 31)
        self.assertEqual(self.ask_json('GET', '/__arrivals')[1]['count'], 30)

    def test_a_stall_concerns_them_all(self):
        begin = time.monotonic()
        self.ask('GET', '/stall?ms=500&after_ms=20')
        time.sleep(0.05)
        connections = [self.connect() for _ in range(8)]
        for connection in connections:
            connection.sendall(GET)
        for connection in connections:
            connection.recv(10)
            self.assertGreaterEqual(time.monotonic() - begin, 0.5)


class Counters(TargetTest):
    def test_counters_agree_with_what_was_sent(self):
        client = self.client()
        for n in range(7):
            self.ask('GET', '/get?n=1', headers={'User-Agent': 'one'}, client=client)
        body, kind = multipart([('a', None, None, b'1')])
        self.ask('POST', '/post', body, {'Content-Type': kind, 'User-Agent': 'two'})
        self.ask('GET', '/status/404', client=client)
        stats = self.stats()
        self.assertEqual(stats['requests'], 9)
        self.assertEqual(stats['paths'], {'/get': 7, '/post': 1, '/status/404': 1})
        self.assertEqual(stats['status'], {'200': 8, '404': 1})
        self.assertEqual(stats['user_agents'], {'one': 7, 'two': 1, '': 1})
        self.assertEqual(stats['sources'], {'127.0.0.1': 9})
        self.assertEqual(sum(row['requests'] for row in stats['seconds']), 9)
        self.assertEqual(stats['connections']['accepted'], 3)
        client.close()
        wait_for(lambda: self.stats()['connections']['open'] == 1, 'only this one is open')
        self.ask('GET', '/__reset')
        self.assertEqual(self.stats()['requests'], 0)

    def test_bytes_are_those_on_the_wire(self):
        answer = self.raw(b'GET /close HTTP/1.1\r\nHost: h\r\n\r\n')
        stats = self.stats()
        self.assertEqual(stats['bytes_received'], len(b'GET /close HTTP/1.1\r\nHost: h\r\n\r\n'))
        self.assertEqual(stats['bytes_sent'], len(answer))

    def test_arrivals_are_in_the_order_of_sending(self):
        client = self.client()
        sent = []
        for _ in range(20):
            sent.append(time.monotonic_ns())
            self.ask('GET', '/get', client=client)
        end = time.monotonic_ns()
        self.ask('GET', '/echo', client=client)
        seen = self.ask_json('GET', '/__arrivals?path=/get')[1]
        self.assertEqual((seen['count'], seen['not_kept'], len(seen['ns'])), (20, 0, 20))
        # Each arrival lies between its own sending and the next one.
        for n in range(1, 20):
            least = sent[n] - sent[n - 1]
            self.assertGreaterEqual(seen['ns'][n] - seen['ns'][0], sent[n] - sent[1])
            self.assertGreater(least, 0)
        self.assertLess(seen['ns'][19] - seen['ns'][0], end - sent[0])
        self.assertEqual(len(self.ask_json('GET', '/__arrivals?first=5&limit=3')[1]['ns']), 3)


class Many(TargetTest):
    """As many connections at once as the descriptor limit allows, at most 20 000."""

    def test_every_connection_is_served(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        count = min(20_000, hard - 300)
        deadline = time.monotonic() + 120
        connections = []
        try:
            for n in range(count):
                connection = socket.socket()
                connection.settimeout(30)
                # From several addresses: the kernel is slow to find one of the last free ports.
                connection.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
                connection.bind((f'127.0.0.{1 + n % 4}', 0))
                connection.connect(('127.0.0.1', self.port))
                connections.append(connection)
                self.assertLess(time.monotonic(), deadline)
            for connection in connections:
                connection.sendall(GET)
            waiting = select.epoll()
            for connection in connections:
                waiting.register(connection, select.EPOLLIN)
            answered = {}
            while len(answered) < count:
                self.assertLess(time.monotonic(), deadline, f'{len(answered)} of {count}')
                for descriptor, _ in waiting.poll(1):
                    answered[descriptor] = True
                    waiting.unregister(descriptor)
            waiting.close()
            client = self.client()
            stats = self.ask_json('GET', '/__stats', client=client)[1]
            self.assertEqual(stats['user_agents'], {'many': count})
            self.assertEqual(stats['connections']['open'], count + 1)
            self.assertEqual(stats['connections']['peak'], count + 1)
            self.assertTrue(all(connection.recv(12) == b'HTTP/1.1 200'
                                for connection in connections))
        finally:
            for connection in connections:
                connection.close()
        wait_for(lambda: self.ask_json('GET', '/__stats', client=client)[1]['connections']['open']
                 == 1, 'all are closed', 60)


if __name__ == '__main__':
    main()
