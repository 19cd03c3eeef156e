"""--debug prints what is exchanged; --var reaches validate; .env and extracts as maps."""
import json

from harness import BoomTest, main


class Debug(BoomTest):
    def test_one_iteration_is_printed_and_secrets_are_masked(self):
        self.start_target()
        case = self.case([
            {'name': 'login', 'request': {'method': 'POST', 'url': '/login',
                                          'json': {'user': 'u', 'password': 'hush-hush'}},
             'extract': {'token': 'body.token'}},
            {'name': 'me', 'request': {'method': 'GET', 'url': '/me',
                                       'headers': {'Authorization': 'Bearer $token'}}},
            {'name': 'bad', 'request': {'method': 'GET', 'url': '/status/404'}},
            {'name': 'told', 'request': {
                'method': 'POST', 'url': '/echo?apiKey=in-the-url',
                'data': {'client_secret': 'in a form', 'a': 'b'},
                'headers': {'X-Api-Key': 'in-a-header'}},
             'validate': [{'eq': ['headers.Nothing', '$token']}]}])
        run = self.run_boom(case, '--debug', '-u', 50, '-i', 9, '--on-failure', 'continue')
        self.assertEqual(run.returncode, 0, run.errors())
        text = run.output()
        for word in ['> POST ' + self.target + '/login', '"password":"***"', 'PASS login',
                     '> Authorization: ***', '< HTTP/1.1 200', 'PASS me',
                     'FAIL bad: status 404', '2 passed, 2 failed', 'apiKey=***',
                     'client_secret=***', 'a=b', 'X-Api-Key: ***']:
            self.assertIn(word, text)
        for secret in ['hush-hush', 'Bearer', 'in-the-url', 'in+a+form', 'in a form',
                       'in-a-header']:
            self.assertNotIn(secret, text)
        self.assertEqual(self.target_stats()['requests'], 4)

    def test_variables_of_the_command_line_reach_validate(self):
        self.write('case.yml', 'teststeps:\n  - request: {url: $base_url/get}\n')
        self.assertEqual(self.run_boom('validate', 'case.yml').returncode, 104)
        run = self.run_boom('validate', 'case.yml', '--var', 'base_url=http://h')
        self.assertEqual(run.returncode, 0, run.errors())

    def test_environment_and_extracts(self):
        self.start_target()
        self.write('.env', f'base_url={self.target}\nUSERNAME: boom\n')
        self.write('case.yml', json.dumps({
            'config': {'base_url': 'http://127.0.0.1:1'},
            'teststeps': [
                {'name': 'a', 'request': {'method': 'GET', 'url': '/get', 'params': {
                    'u': '${ENV(USERNAME)}', 'v': '$USERNAME', 'ids': 'id=7;id=8'}},
                 'extract': {'second': {'from': 'body.args.ids', 'regex': 'id=(\\d+)', 'match': 2},
                             'none': {'from': 'body.nothing', 'default': 'fallback'}},
                 'validate': [{'eq': ['body.args.u', 'boom']}, {'eq': ['body.args.v', 'boom']}]},
                {'name': 'b', 'request': {'method': 'GET', 'url': '/get', 'params': {
                    'x': '$second$none'}},
                 'validate': [{'eq': ['body.args.x', '8fallback']}]}]}))
        run = self.run_boom('case.yml', '-u', 1, '-i', 1, '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors())
        self.assertEqual(self.result()['total']['failures'], 0, self.result()['errors'])


main()
