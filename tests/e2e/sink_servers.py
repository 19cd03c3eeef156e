"""Servers that results are sent to: one that keeps everything, and ones that misbehave."""
import http.server
import socket
import threading
import time


class Recorder(http.server.BaseHTTPRequestHandler):
    """Keeps method, path and body; answers with the server's status, after its delay."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0))).decode()
        self.server.received.append((self.command, self.path, body))
        time.sleep(self.server.delay_s)
        try:
            self.send_response(self.server.status)
            self.send_header('Content-Length', '0')
            self.end_headers()
        except OSError:
            pass  # the sender did not wait so long

    do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


def start_recorder(test, status=200, delay_s=0):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Recorder)
    server.received, server.status, server.delay_s = [], status, delay_s
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return server, f'http://127.0.0.1:{server.server_port}'


def start_silent(test):
    """Takes connections, and never says a word."""
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(64)
    test.addCleanup(listener.close)
    return f'http://127.0.0.1:{listener.getsockname()[1]}'
