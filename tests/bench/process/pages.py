#!/usr/bin/env python3
"""What open pages cost a run, and how soon a page is usable.

The same load without pages, and with 50 that follow the events and ask once a second, beside five
that never read: rates, their ratio, the master's CPU and memory. Then, with chromium, the time from
opening the page to live figures.

pages.py BUILD [--rate 20000] [--seconds 10] [--pages 50]"""
import argparse
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'e2e'))
import browser  # noqa: E402

PATHS = ('/master', '/stats?brief=1', '/workers')


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--rate', type=int, default=20_000)
    parser.add_argument('--seconds', type=int, default=10)
    parser.add_argument('--pages', type=int, default=50)
    return parser.parse_args()


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def memory_kb(process):
    text = pathlib.Path(f'/proc/{process.pid}/status').read_text()
    return int(re.search(r'VmRSS:\s+(\d+)', text).group(1))


def cpu_seconds(process):
    fields = pathlib.Path(f'/proc/{process.pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


class Pages:
    """Readers of one thread: what they cost themselves must not be what is measured."""

    def __init__(self, port, count):
        self.api = f'http://127.0.0.1:{port}'
        self.streams = [self.connect(port) for _ in range(count)]
        self.silent = [self.connect(port) for _ in range(5)] if count else []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()

    @staticmethod
    def connect(port):
        s = socket.create_connection(('127.0.0.1', port))
        s.sendall(b'GET /events?hdr=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
        s.setblocking(False)
        return s

    def follow(self):
        while not self.is_over.wait(1):
            for stream in self.streams:
                try:
                    while stream.recv(65536):
                        pass
                except BlockingIOError:
                    pass
                for path in PATHS:
                    get(self.api + path)

    def close(self):
        self.is_over.set()
        self.thread.join()
        for stream in self.streams + self.silent:
            stream.close()


def measure(boom, folder, target, options, pages):
    port, worker_port = free_port(), free_port()
    out = folder / f'{pages}.json'
    master = subprocess.Popen(
        [boom, '--master', '--auto-start', target + '/get', '--master-bind-host', '127.0.0.1',
         '--master-bind-port', str(worker_port), '--master-http-address', f'127.0.0.1:{port}',
         '-u', '100', '-d', f'{options.seconds}s', '--max-rps', str(options.rate), '--quiet',
         '--out', f'json={out}'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            get(f'http://127.0.0.1:{port}/healthz')
            break
        except OSError:
            time.sleep(0.05)
    readers = Pages(port, pages)
    worker = subprocess.Popen([boom, '--worker', '--master-port', str(worker_port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    early = memory_kb(master)
    time.sleep(max(1, options.seconds - 4))
    late, cpu = memory_kb(master), cpu_seconds(master)
    readers.close()
    master.wait(60)
    worker.wait(30)
    result = json.loads(out.read_text())
    served = json.loads(get(target + '/__stats'))['requests']
    get(target + '/__reset')
    print(f'{pages:3} pages: {result["total"]["rps"]:9.0f} requests/s, master {cpu:.2f} s of CPU, '
          f'memory {early} -> {late} kB, report {result["connections"]["exchanges"]} = '
          f'target {served}')
    if result['connections']['exchanges'] != served:
        sys.exit('the totals are not exact')
    return result['total']['rps']


def measure_opening(boom):
    """From the address to live figures, in a tab that has never seen the page."""
    if not browser.PROGRAM:
        print('chromium is not installed: the time to open the page is not measured')
        return
    port = free_port()
    master = subprocess.Popen([boom, '--master', '--master-bind-host', '127.0.0.1',
                               '--master-bind-port', str(free_port()), '--master-http-address',
                               f'127.0.0.1:{port}'], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    chromium = browser.Browser()
    try:
        times = []
        for _ in range(5):
            page = chromium.page()
            begun = time.monotonic()
            page.open(f'http://127.0.0.1:{port}')
            page.wait("document.querySelector('#link').textContent === 'live' && "
                      "document.querySelector('#state').textContent !== ''")
            times.append(time.monotonic() - begun)
        print('page usable after ' + ' '.join(f'{one * 1000:.0f}' for one in sorted(times)) + ' ms')
    finally:
        chromium.close()
        master.kill()
        master.wait()


def main():
    options = arguments()
    boom = str((options.build / 'boom').resolve())
    target = subprocess.Popen([boom, 'target', '--listen', '127.0.0.1:0'],
                              stdout=subprocess.PIPE, text=True)
    try:
        url = 'http://' + re.search(r'listening on (\S+)', target.stdout.readline()).group(1)
        with tempfile.TemporaryDirectory() as name:
            without = measure(boom, pathlib.Path(name), url, options, 0)
            rate = measure(boom, pathlib.Path(name), url, options, options.pages)
        print(f'with pages / without: {rate / without:.4f}')
        measure_opening(boom)
    finally:
        target.kill()
        target.wait()


if __name__ == '__main__':
    main()
