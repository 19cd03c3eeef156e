"""What the tests of the page share: a master with workers, its page in a headless chromium."""
import json
import pathlib
import unittest

import harness
from browser import PROGRAM, Browser
from harness import BoomTest, free_port, http, wait_for

BUILD = pathlib.Path(harness.BOOM).parent
SHOTS = BUILD / 'screenshots'


@unittest.skipUnless(PROGRAM, 'chromium is not installed')
class PageTest(BoomTest):
    def setUp(self):
        super().setUp()
        self.start_target()
        SHOTS.mkdir(exist_ok=True)
        self.browser = Browser()
        self.addCleanup(self.browser.close)

    def start_master(self, *options, workers=2):
        self.worker_port = free_port()
        self.api = f'http://127.0.0.1:{free_port()}'
        self.master = self.spawn('--master', '--master-bind-host', '127.0.0.1',
                                 '--master-bind-port', self.worker_port, '--master-http-address',
                                 self.api, *options)
        self.workers = [self.spawn('--worker', '--master-port', self.worker_port, '--name',
                                   f'box-{i}') for i in range(workers)]
        wait_for(self.is_up, 'the API answers')

    def is_up(self):
        try:
            return http('GET', self.api + '/healthz')[0] == 200
        except OSError:
            return False

    def open(self, **options):
        page = self.browser.page(**options)
        page.open(self.api)
        page.wait("document.querySelector('#link').textContent !== ''")
        return page

    def get(self, path):
        return json.loads(http('GET', self.api + path)[1])

    def wait_for_workers(self, page, count):
        page.wait(f"document.querySelectorAll('#workers tbody .actions').length === {count}")

    def start_by_form(self, page, **fields):
        for name, value in {'testcase-path': 'case.yml', **fields}.items():
            page.fill(f'#start-form [name={name}]', str(value))
        page.click('#button-start')
        page.wait("document.querySelector('#start-answer').className === 'good'")

    def wait_for_state(self, page, name):
        page.wait(f"document.querySelector('#state').textContent === '{name}'")

    def mixed_case(self):
        self.case([{'name': 'fast', 'request': {'method': 'GET', 'url': '/delay/5'}},
                   {'name': 'flaky', 'request': {'method': 'GET', 'url': '/flaky?ratio=0.2'}},
                   {'name': 'slow', 'request': {'method': 'GET', 'url': '/delay/60'}}])

    def assert_clean(self, page):
        self.assertEqual(page.complaints(), [])
        foreign = [url for url in page.requests() if not url.startswith((self.api, 'data:'))
                   and url != 'about:blank']
        self.assertEqual(foreign, [])
