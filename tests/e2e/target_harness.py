"""Speaks to `boom target` over raw sockets and http.client. Standard library only."""

import base64
import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import struct

from harness import BoomTest, wait_for


class TargetTest(BoomTest):
    """One target; every connection closed afterwards."""

    OPTIONS = ()

    def setUp(self):
        super().setUp()
        self.start_target(*self.OPTIONS)

    def start_target(self, *options):
        process = self.spawn('target', '--listen', '127.0.0.1:0', *options)
        self.port = int(wait_for(lambda: re.search(r'listening on \S+:(\d+)', process.output()),
                                 'the target listens').group(1))
        self.target = f'http://127.0.0.1:{self.port}'
        return process

    def connect(self):
        connection = socket.create_connection(('127.0.0.1', self.port), timeout=30)
        self.addCleanup(connection.close)
        return connection

    def client(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        self.addCleanup(connection.close)
        return connection

    def ask(self, method, path, body=None, headers=None, client=None):
        """Status, headers (in lower case, the last of each) and body."""
        used = client or self.client()
        used.request(method, path, body=body, headers=headers or {})
        answer = used.getresponse()
        text = answer.read()
        if client is None:
            used.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text

    def ask_json(self, method, path, body=None, headers=None, client=None):
        status, _, text = self.ask(method, path, body, headers, client)
        return status, json.loads(text)

    def stats(self):
        return self.ask_json('GET', '/__stats')[1]

    def raw(self, data):
        """All that comes back until the server closes."""
        connection = self.connect()
        connection.sendall(data)
        return read_all(connection)


def read_all(connection):
    data = b''
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return data
        if not piece:
            return data
        data += piece


def read_exactly(connection, size):
    data = b''
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError(f'{len(data)} of {size} bytes')
        data += piece
    return data


def multipart(parts, boundary='xXx'):
    """parts: (name, filename or None, type or None, content)."""
    body = b''
    for name, filename, kind, content in parts:
        disposition = f'form-data; name="{name}"'
        if filename is not None:
            disposition += f'; filename="{filename}"'
        body += f'--{boundary}\r\nContent-Disposition: {disposition}\r\n'.encode()
        body += f'Content-Type: {kind}\r\n'.encode() if kind else b''
        body += b'\r\n' + content + b'\r\n'
    body += f'--{boundary}--\r\n'.encode()
    return body, f'multipart/form-data; boundary={boundary}'


def digest_answer(challenge, method, path, user, password):
    """The Authorization header of RFC 7616, computed here and not by the server's code."""
    words = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    algorithm = {'MD5': hashlib.md5, 'SHA-256': hashlib.sha256}[words['algorithm']]

    def h(text):
        return algorithm(text.encode()).hexdigest()
    ha1 = h(f'{user}:{words["realm"]}:{password}')
    ha2 = h(f'{method}:{path}')
    fields = f'username="{user}", realm="{words["realm"]}", nonce="{words["nonce"]}", uri="{path}"'
    if 'qop' in words:
        response = h(f'{ha1}:{words["nonce"]}:00000001:abc:auth:{ha2}')
        fields += ', qop=auth, nc=00000001, cnonce="abc"'
    else:
        response = h(f'{ha1}:{words["nonce"]}:{ha2}')
    return f'Digest {fields}, response="{response}"'


class WebSocket:
    """The client side of RFC 6455, as far as the tests need it."""

    TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

    def __init__(self, connection, path='/ws', headers=''):
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall((f'GET {path} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n'
                            f'Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n'
                            f'Sec-WebSocket-Key: {key}\r\n{headers}\r\n').encode())
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            head += read_exactly(connection, 1)
        self.head = head.decode()
        self.connection = connection
        digest = hashlib.sha1((key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').encode()).digest()
        self.expected_accept = base64.b64encode(digest).decode()

    def send(self, opcode, payload, final=True):
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([(0x80 if final else 0) | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += bytes([0x80 | 126]) + struct.pack('>H', size)
        else:
            head += bytes([0x80 | 127]) + struct.pack('>Q', size)
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self.connection.sendall(head + mask + masked)

    def receive(self):
        first, second = read_exactly(self.connection, 2)
        size = second & 0x7f
        if size == 126:
            size = struct.unpack('>H', read_exactly(self.connection, 2))[0]
        elif size == 127:
            size = struct.unpack('>Q', read_exactly(self.connection, 8))[0]
        assert first & 0xf0 == 0x80 and second & 0x80 == 0, 'a whole frame without a mask'
        return first & 0x0f, read_exactly(self.connection, size)


def trusting(ca_file):
    return ssl.create_default_context(cafile=str(ca_file))
