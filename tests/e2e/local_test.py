"""Local runs."""
import signal
import time

from harness import BoomTest, http, main, wait_for

GET = {'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}


class Local(BoomTest):
    def test_loops_are_exact(self):
        self.start_target()
        case = self.case([GET, {'name': 'post', 'request': {
            'method': 'POST', 'url': '/post', 'json': {'a': 1}},
            'validate': [{'eq': ['body.json.a', 1]}]}])
        run = self.run_boom(case, '-u', 7, '-i', 11, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        result = self.result()
        self.assertEqual(result['iterations']['finished'], 77)
        self.assertEqual(result['total']['requests'], 154)
        self.assertEqual(result['run']['state'], 'finished')
        self.assert_counts_agree(result)

    def test_url_without_a_case(self):
        self.start_target()
        run = self.run_boom(self.target + '/get', '-u', 5, '-d', '1s', '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        self.assert_counts_agree(self.result())
        self.assertEqual(list(self.target_stats()['user_agents']), ['PerformanceTest'])

    def test_redirects_count_once_and_their_hops_are_exchanges(self):
        self.start_target()
        case = self.case([{'name': 'hops', 'request': {'method': 'GET', 'url': '/redirect/3'}}])
        self.run_boom(case, '-u', 2, '-i', 5, '--out', 'json=result.json')
        result = self.result()
        self.assertEqual(result['total']['requests'], 10)
        self.assertEqual(result['connections']['exchanges'], 40)
        self.assert_counts_agree(result)

    def test_users_rest_where_there_is_no_way_to_the_server(self):
        for kind, where in (('dns', ['http://nowhere.invalid']),
                            ('connect', ['http://127.0.0.1:1', '--source-ip', '203.0.113.5'])):
            run = self.run_boom(*where, '-u', 3, '-i', 5, '--out', 'json=result.json')
            self.assertEqual(run.returncode, 96, run.errors())
            result = self.result()
            self.assertEqual([(e['class'], e['count']) for e in result['errors']], [(kind, 15)])
            self.assertEqual(result['iterations']['failed'], 15)
            self.assertGreaterEqual(result['run']['duration_s'], 4 * 0.1)  # between its iterations

    def test_a_step_without_a_way_does_not_slow_the_others_down(self):
        self.start_target()
        case = self.case([{'name': 'lost', 'request': {'method': 'GET',
                                                       'url': 'http://nowhere.invalid/'}},
                          {'name': 'get', 'request': {'method': 'GET', 'url': '/get'}}])
        run = self.run_boom(case, '-u', 1, '-i', 1000, '--on-failure', 'continue', '--out',
                            'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        result = self.result()
        self.assertEqual([(e['class'], e['count']) for e in result['errors']], [('dns', 1000)])
        self.assertEqual(self.target_stats()['paths'], {'/get': 1000})
        # With a rest after each it would be 100.
        self.assertLess(result['run']['duration_s'], 60)

    def test_arrivals_stay_on_schedule_without_a_way_to_the_server(self):
        # As many users as arrivals: however long a name server takes, there is one for each.
        run = self.run_boom('http://nowhere.invalid', '--rate', 100, '-u', 200, '-d', '2s',
                            '--stop-timeout', '30s', '--out', 'json=result.json')
        self.assertEqual(run.returncode, 96, run.errors())
        result = self.result()
        self.assertEqual(result['iterations'], {'started': 200, 'finished': 0, 'failed': 200,
                                                'dropped': 0, 'interrupted': 0})
        self.assertEqual([(e['class'], e['count']) for e in result['errors']], [('dns', 200)])

    def test_status_of_400_and_more_fails(self):
        self.start_target()
        run = self.run_boom(self.target + '/status/503', '-u', 1, '-i', 3,
                            '--out', 'json=result.json')
        self.assertEqual(run.returncode, 96, run.output())
        result = self.result()
        self.assertEqual(result['total']['failures'], 3)
        self.assertEqual(result['errors'][0]['class'], 'status')
        self.assertEqual(result['total']['status'], {'503': 3})
        self.assertEqual(result['total']['response_time_us']['count'], 3)

    def test_refused_connections_are_not_entered_as_zero(self):
        self.target = 'http://127.0.0.1:1'
        run = self.run_boom(self.target + '/get', '-u', 1, '-i', 3, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 96)
        result = self.result()
        self.assertEqual(result['total']['failures'], 3)
        self.assertEqual(result['total']['response_time_us']['count'], 0)
        self.assertEqual(result['errors'][0]['class'], 'connect refused')

    def test_a_hanging_target_cannot_hold_the_run(self):
        self.start_target()
        run = self.run_boom(self.target + '/hang', '-u', 4, '-d', '1s', '--stop-timeout', '1s',
                            '--out', 'json=result.json')
        self.assertEqual(run.returncode, 96)
        result = self.result()
        self.assertEqual(result['total']['requests'], 0)
        self.assertEqual(result['total']['interrupted'], 4)
        self.assertEqual(result['iterations']['interrupted'], 4)
        self.assertEqual(self.target_stats()['requests'], 4)

    def test_cookies_live_with_the_user(self):
        self.start_target()
        case = self.case([
            {'name': 'set',
             'request': {'method': 'GET', 'url': '/cookies/set', 'params': {'a': 'b'}}},
            {'name': 'see', 'request': {'method': 'GET', 'url': '/cookies'},
             'validate': [{'eq': ['body.cookies.a', 'b']}]}])
        run = self.run_boom(case, '-u', 2, '-i', 2, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.output())
        self.assertEqual(self.result()['total']['failures'], 0)

    def test_max_rps_is_a_ceiling(self):
        self.start_target()
        run = self.run_boom(self.target + '/get', '-u', 10, '-d', '2s', '--max-rps', 50,
                            '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0)
        requests = self.result()['total']['requests']
        self.assertLessEqual(requests, 104)  # 50/s for 2 s, plus a slot per thread
        self.assertGreater(requests, 10)
        self.assert_counts_agree(self.result())

    def test_no_compression_no_keepalive(self):
        self.start_target()
        case = self.case([{'name': 'h', 'request': {'method': 'GET', 'url': '/headers'},
                           'validate': [{'eq': ['body.headers."accept-encoding"', None]},
                                        {'eq': ['body.headers.connection', 'close']}]}])
        run = self.run_boom(case, '-u', 2, '-i', 5, '--disable-compression',
                            '--disable-keepalive', '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.output())
        # One more for the counters' own request.
        self.assertGreaterEqual(self.target_stats()['connections']['accepted'], 10)
        self.assertEqual(self.result()['connections']['opened'], 10)
        # What a new connection for every request leaves behind.
        self.assertGreaterEqual(self.result()['workers'][0]['health']['time_wait_max'], 8)

    def test_interrupt_gives_a_summary(self):
        self.start_target()
        run = self.spawn(self.target + '/delay/50', '-u', 3, '-d', '50s',
                         '--out', 'json=result.json')
        wait_for(lambda: self.target_stats()['requests'] > 10, 'load')
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(20), 105)
        result = self.result()
        self.assertEqual(result['run']['state'], 'stopped')
        self.assertEqual(result['run']['verdict'], 'invalid')
        self.assert_counts_agree(result)


main()
