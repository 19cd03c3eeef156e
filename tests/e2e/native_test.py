"""Functions in debugtalk.cpp: built on the master, shipped, called in the worker's process."""
import json
import shutil
import subprocess

from harness import ROOT, BoomTest, free_port, main, wait_for

SOURCE = '''
#include <boom/debugtalk.h>
#include <stdexcept>

std::int64_t sum_two_int(std::int64_t a, std::int64_t b) { return a + b; }
std::string greet(const std::string& name) { return "hello " + name; }
double half(double x) { return x / 2; }
bool is_even(std::int64_t n) { return n % 2 == 0; }
std::string refuse(std::string why) { throw std::runtime_error("no: " + why); }
int crash() { return *reinterpret_cast<volatile int*>(8); }
boom::Json rows(int count) {
    std::string text = "[";
    for (int i = 0; i < count; ++i) text += (i > 0 ? ",\\"r" : "\\"r") + std::to_string(i) + "\\"";
    return {text + "]"};
}
// Sets a header and gives the request back.
boom::Json sign(boom::Json request) {
    const std::string key = "\\"headers\\":{";
    request.text.insert(request.text.find(key) + key.size(), "\\"X-Signed\\":\\"yes\\",");
    return request;
}
constexpr boom_entry kFunctions[] = {
    boom::function<sum_two_int>("sum_two_int"), boom::function<greet>("greet"),
    boom::function<half>("half"), boom::function<is_even>("is_even"),
    boom::function<refuse>("refuse"), boom::function<crash>("crash"),
    boom::function<rows>("rows"), boom::function<sign>("sign")};
extern "C" const boom_table* boom_debugtalk(void) { return boom::table<kFunctions>(); }
'''


class Native(BoomTest):
    @classmethod
    def setUpClass(cls):
        cls.built = None

    def setUp(self):
        super().setUp()
        self.write('debugtalk.cpp', SOURCE)

    def case(self, *steps, **config):
        return self.write('case.yml', json.dumps(
            {'config': {'base_url': self.target, **config}, 'teststeps': list(steps)}))

    def get(self, **params):
        return {'name': 'get', 'request': {'url': '/get', 'params': params}}

    def prebuild(self):
        """As a user would build it by hand, once for all tests here."""
        if Native.built is None:
            subprocess.run(['c++', '-std=c++20', '-shared', '-fPIC', '-I',
                            ROOT / 'lib/script/include', '-o', self.folder / 'debugtalk.so',
                            self.folder / 'debugtalk.cpp'], check=True)
            Native.built = (self.folder / 'debugtalk.so').read_bytes()
        (self.folder / 'debugtalk.cpp').unlink()
        (self.folder / 'debugtalk.so').write_bytes(Native.built)

    def test_built_here_and_run_on_two_workers(self):
        self.start_target()
        empty = self.folder / 'empty'
        empty.mkdir()
        step = {**self.get(a='${sum_two_int(2, 3)}', b='${greet(${upper(you)})}', c='${half(5)}',
                           d='${SumTwoInt("4", $one)}', row='$row'),
                'if': '${is_even(4)}', 'setup_hooks': ['${sign($request)}'],
                'validate': [{'eq': ['body.args.a', '5']}, {'eq': ['body.args.b', 'hello YOU']},
                             {'eq': ['body.args.c', '2.5']}, {'eq': ['body.args.d', '5']},
                             {'startswith': ['body.args.row', 'r']},
                             {'eq': ['body.headers."x-signed"', 'yes']}]}
        case = self.case(step, variables={'one': 1}, parameters={'row': '${rows(8)}'},
                         parameters_setting={'pick_order': 'unique'})
        port = free_port()
        for i in range(2):
            self.spawn('--worker', '--master-port', port, '--name', f'w{i}', folder=empty)
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none',
                            '--expect-workers', 2, '-u', 4, '--out', 'json=result.json')
        self.assertEqual(master.wait(60), 0, master.errors())
        result = self.result()
        self.assertEqual((result['total']['requests'], result['total']['failures']), (8, 0),
                         result['errors'])
        self.assertEqual(list(empty.iterdir()), [])
        self.assertFalse((self.folder / 'debugtalk.so').exists())

    def test_what_a_function_throws_is_the_steps_failure(self):
        self.prebuild()
        self.start_target()
        run = self.run_boom(self.case(self.get(a='${refuse(today)}'), self.get(a='${half(x)}')),
                            '-u', 1, '-i', 1, '--on-failure', 'continue', '--out',
                            'json=result.json')
        self.assertEqual(run.returncode, 96, run.errors())
        text = json.dumps(self.result()['errors'])
        self.assertIn('refuse(): no: today', text)
        self.assertIn("half(): 'x' is no number", text)

    def test_what_is_missing_or_broken_is_found_before_the_start(self):
        self.prebuild()
        self.start_target()
        run = self.run_boom(self.case(self.get(a='${sum_two_itn(1, 2)}')), '-u', 1)
        self.assertEqual(run.returncode, 104)
        self.assertIn("did you mean 'sum_two_int'", run.errors())
        run = self.run_boom(self.case(self.get(a='${sum_two_int(1)}')), '-u', 1)
        self.assertIn('takes 2 arguments, not 1', run.errors())
        self.write('debugtalk.so', 'this is no library')
        run = self.run_boom(self.case(self.get()), '-u', 1)
        self.assertEqual(run.returncode, 107, run.errors())
        self.assertIn('debugtalk.so: cannot be loaded', run.errors())
        (self.folder / 'debugtalk.so').unlink()
        self.write('debugtalk.cpp', 'int f() { return no_such_thing; }')
        run = self.run_boom(self.case(self.get()), '-u', 1)
        self.assertEqual(run.returncode, 107, run.errors())
        self.assertIn('no_such_thing', run.errors())
        self.assertEqual(self.target_stats()['requests'], 0)

    def test_a_library_that_crashes_is_named(self):
        self.write('debugtalk.cpp', '''
            struct Crash { Crash() { *reinterpret_cast<volatile int*>(8) = 1; } } crash;
            extern "C" const void* boom_debugtalk(void) { return nullptr; }''')
        self.start_target()
        run = self.run_boom(self.case(self.get()), '-u', 1)
        self.assertEqual(run.returncode, 107, run.errors())
        self.assertIn('crashes while it is loaded', run.errors())
        (self.folder / 'debugtalk.cpp').unlink()
        self.write('debugtalk.cpp', SOURCE)
        self.prebuild()
        run = self.run_boom(self.case(self.get(a='${crash()}')), '-u', 1, '-i', 1)
        self.assertEqual(run.returncode, -11)
        self.assertIn('crashed inside of debugtalk.so: crash()', run.errors())

    def test_a_worker_loads_no_library_that_came_over_an_open_link(self):
        self.prebuild()
        self.start_target()
        case = self.case(self.get(a='${sum_two_int(1, 2)}'))
        port = free_port()
        worker = self.spawn('--worker', '--master-host', '0.0.0.0', '--master-port', port)
        master = self.spawn('--master', '--auto-start', case, '--master-bind-host', '127.0.0.1',
                            '--master-bind-port', port, '--master-http-address', 'none',
                            '--expect-workers', 1, '-u', 1, '-i', 1)
        wait_for(lambda: 'link with a token' in worker.errors(), 'the refusal')
        self.assertNotEqual(master.wait(60), 0)
        self.assertEqual(self.target_stats()['requests'], 0)

    def test_the_example_is_built_by_hand_too(self):
        example = ROOT / 'testcases/native'
        shutil.copytree(example, self.folder / 'native')
        self.start_target()
        run = self.run_boom('native/functions.yml', '-u', 2, '-i', 2, '--var',
                            f'base_url={self.target}', '--out', 'json=result.json')
        self.assertEqual(run.returncode, 0, run.errors() + run.output())
        self.assertEqual(self.result()['total']['failures'], 0, self.result()['errors'])


main()
