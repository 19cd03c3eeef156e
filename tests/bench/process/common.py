"""What the suites share: servers, whole processes with their CPU time, tables of paired ratios."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request

CORES = sorted(os.sched_getaffinity(0))
# Options of run() for a client that has the first core for itself.
CLIENT = {"preexec_fn": lambda: os.sched_setaffinity(0, {CORES[0]})}

DOCUMENT = {"id": 4711, "name": "an order", "state": "open", "total": 129.95, "lines": [
    {"sku": f"A-{number}", "count": number, "price": 12.5, "text": "a line of the order"}
    for number in range(4)], "customer": {"id": 815, "name": "somebody"}}

NGINX = """
daemon off; worker_processes 1; error_log stderr crit; pid {folder}/pid;
events {{ worker_connections 19000; }}
http {{
    access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=8192;
        listen 127.0.0.1:{tls_port} ssl http2 backlog=8192;
        ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
        location / {{ return 200 "hello, world"; }}
        location /document {{ default_type application/json; return 200 '{document}'; }}
    }}
}}
"""


def free_port():
    import socket
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Nginx:
    """One nginx worker on loopback that answers 12 bytes, at /document 400 of JSON."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        self.port = free_port()
        self.tls_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.tls_url = f"https://127.0.0.1:{self.tls_port}/"
        config = pathlib.Path(self.folder, "nginx.conf")
        config.write_text(NGINX.format(folder=self.folder, port=self.port,
                                       tls_port=self.tls_port, document=json.dumps(DOCUMENT)))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-keyout", f"{self.folder}/key.pem",
                        "-out", f"{self.folder}/certificate.pem"], check=True,
                       capture_output=True)
        self.process = subprocess.Popen([find("nginx"), "-c", str(config), "-p", self.folder],
                                        stdin=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(self.url, timeout=1).read()
                return
            except OSError:
                time.sleep(0.02)
        raise SystemExit("nginx does not answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)

    def pin(self, index=1):
        """On the second core, so that clients have the first one for themselves, or on another."""
        workers = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                                 capture_output=True, text=True, check=True).stdout.split()
        for pid in [self.process.pid, *map(int, workers)]:
            pin_to_core(pid, index)


def pin_to_core(pid, index):
    """A process, or one thread of it. Does nothing where there are not so many."""
    if len(CORES) > index:
        os.sched_setaffinity(pid, {CORES[index]})


def find(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/bin")


def run(command, **options):
    """Output, CPU seconds of the process and its children, peak memory in bytes."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, **options)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} left with {process.returncode}:\n{output[-2000:]}")
    return output, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def table(head, rows):
    rows = [head, *rows]
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(head))]
    for row in rows:
        first, *rest = (str(cell) for cell in row)
        print("  ".join([first.ljust(widths[0]),
                         *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]))


def spread(values):
    """Median with the extremes: a figure without them says nothing on a noisy machine."""
    return (f"{statistics.median(values):.2f} "
            f"[{min(values):.2f}…{max(values):.2f}]")
