"""Users of several workers meet at `rendezvous: {scope: global}`: in the order in which the target
got their requests, nobody had gone on before all of the round had come."""
import json
import re

from harness import BoomTest, free_port, http, main, wait_for

USERS = 6


class Rendezvous(BoomTest):
    def meeting_case(self, point, setup_ms=3000):
        def once(word):
            return {'name': word, 'request': {
                'method': 'GET', 'url': f'/once?token={word}-${{user_id()}}-${{iteration()}}'}}
        return self.write('case.yml', json.dumps({
            'config': {'name': 'meeting', 'base_url': self.target},
            # All users are there before the first of them comes to the point.
            'setup': [{'name': 'settle', 'request': {'method': 'GET',
                                                     'url': f'/delay/{setup_ms}'}}],
            'teststeps': [once('before'), {'rendezvous': dict(
                {'name': 'all', 'scope': 'global'}, **point)}, once('after')]}))

    def fleet(self, case, *more):
        port = free_port()
        self.workers = [self.spawn('--worker', '--master-port', port, '--name', f'w{i}')
                        for i in range(2)]
        self.http_port = free_port()
        return self.spawn('--master', '--auto-start', case, '--expect-workers', 2,
                          '--master-bind-host', '127.0.0.1', '--master-bind-port', port,
                          '--master-http-address', f'127.0.0.1:{self.http_port}',
                          '--spawn-rate', 1000, '--out', 'json=result.json', *more)

    def came_before_each_went(self):
        """For each request behind the point: how many users had come to its round before."""
        came = {}
        result = []
        for token in self.target_stats()['once']['order']:
            word, _, iteration = re.match(r'(\w+)-(\d+)-(\d+)$', token).groups()
            if word == 'before':
                came[iteration] = came.get(iteration, 0) + 1
            else:
                result.append(came[iteration])
        return result

    def test_nobody_of_two_workers_goes_before_all_have_come(self):
        self.start_target()
        master = self.fleet(self.meeting_case({'timeout': 60000}), '-u', USERS, '-i', 20)
        self.assertEqual(master.wait(60), 0, master.errors())
        result = self.result()
        self.assertEqual(result['total']['failures'], 0)
        self.assertTrue(all(w['requests'] > 0 for w in result['workers']))
        self.assertEqual(self.came_before_each_went(), [USERS] * (USERS * 20))
        self.assert_counts_agree(result)

    def test_a_stop_and_the_loss_of_a_worker_hold_up_nobody(self):
        self.start_target()
        case = self.meeting_case({'timeout': 600000}, 1500)
        master = self.fleet(case, '-u', USERS, '-d', '60s')
        wait_for(lambda: self.target_stats()['once']['tokens'] > 100, 'load', 60)
        self.workers[1].kill()
        self.workers[1].wait()
        wait_for(lambda: '"lost": true' in http(
            'GET', f'http://127.0.0.1:{self.http_port}/stats')[1], 'the loss', 60)
        before = self.target_stats()['once']['tokens']
        wait_for(lambda: self.target_stats()['once']['tokens'] > before + 100, 'meetings', 60)
        http('POST', f'http://127.0.0.1:{self.http_port}/stop', '')
        self.assertEqual(master.wait(60), 0, master.errors())
        self.assertEqual(self.result()['run']['state'], 'stopped')

    def test_standalone(self):
        self.start_target()
        run = self.run_boom(self.meeting_case({'timeout': 60000}, 1500), '-u', USERS, '-i', 10,
                            '--spawn-rate', 1000, '--threads', 2)
        self.assertEqual(run.returncode, 0, run.errors())
        self.assertEqual(self.came_before_each_went(), [USERS] * (USERS * 10))


main()
