"""InfluxDB line protocol and OTLP/HTTP: what arrives adds up; what hangs or fails costs nothing."""
import http.server
import json
import re
import socket
import threading
import time

from harness import BoomTest, main


class Sink(http.server.BaseHTTPRequestHandler):
    """Keeps every body; answers as the server says."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        status = self.server.answer(len(self.server.received))
        self.server.received.append((self.path, body, status))
        self.send_response(status)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


class Sinks(BoomTest):
    def start_sink(self, answer=lambda _: 204):
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Sink)
        server.received, server.answer = [], answer
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, f'http://127.0.0.1:{server.server_port}'

    def load(self, *outs):
        self.start_target()
        case = self.case([{'name': 'get, it', 'request': {'method': 'GET', 'url': '/get'}}])
        run = self.run_boom(case, '-u', 2, '-d', '4s', '--max-rps', 50, '--tag', 'build=7',
                            '--out', 'json=result.json', *outs)
        self.assertEqual(run.returncode, 0, run.errors())
        return self.result()

    def influx_sum(self, server, measurement):
        pattern = re.compile(rf'^{measurement},\S*?(?:\\ \S*?)* requests=(\d+)i,')
        lines = [line for _, body, status in server.received if status == 204
                 for line in body.splitlines() if line.startswith(measurement + ',')]
        return sum(int(pattern.match(line).group(1)) for line in lines)

    def test_influx_adds_up_even_when_it_fails_at_times(self):
        server, url = self.start_sink(lambda n: 500 if n == 1 else 204)
        result = self.load('--out', f'influx={url}')
        self.assertEqual({path for path, _, _ in server.received}, {'/write?db=boom'})
        self.assertGreaterEqual(len(server.received), 4)
        self.assertEqual(self.influx_sum(server, 'boom_total'), result['total']['requests'])
        self.assertIn(',build=7,step=get\\,\\ it,case=case,method=GET,', server.received[0][1])
        self.assertEqual(self.notes(result), [])
        self.assert_counts_agree(result)

    def test_otlp_ends_with_the_totals(self):
        server, url = self.start_sink()
        result = self.load('--out', f'otlp={url}')
        path, body, _ = server.received[-1]
        self.assertEqual(path, '/v1/metrics')
        resource = json.loads(body)['resourceMetrics'][0]
        self.assertIn({'key': 'build', 'value': {'stringValue': '7'}},
                      resource['resource']['attributes'])
        metrics = {m['name']: m for m in resource['scopeMetrics'][0]['metrics']}
        points = metrics['boom_http_requests_total']['sum']['dataPoints']
        self.assertEqual(sum(p['asDouble'] for p in points), result['total']['requests'])
        times = metrics['boom_http_request_duration_seconds']['histogram']['dataPoints'][0]
        self.assertEqual(int(times['count']), result['total']['requests'])

    def test_one_that_hangs_or_fails_is_named_and_costs_nothing(self):
        silent = socket.socket()
        silent.bind(('127.0.0.1', 0))
        silent.listen(5)
        _, failing = self.start_sink(lambda _: 503)
        begun = time.monotonic()
        result = self.load('--out', f'influx=http://127.0.0.1:{silent.getsockname()[1]}',
                           '--out', f'otlp={failing}')
        self.assertLess(time.monotonic() - begun, 30)
        notes = ' '.join(result['run']['notes'])
        self.assertIn('influx: ', notes)
        self.assertIn('otlp: it answered 503', notes)
        self.assert_counts_agree(result)
        silent.close()

    def test_mistakes(self):
        for out in 'influx=here', 'otlp=':
            self.assertEqual(self.run_boom('http://127.0.0.1:1/', '--out', out).returncode, 104)


main()
