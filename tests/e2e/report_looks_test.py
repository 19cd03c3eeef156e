"""The HTML report in a headless chromium: on a desk, a phone, in the dark and on paper."""
import base64
import unittest

from browser import PROGRAM, Browser
from harness import BoomTest, main
from page_harness import SHOTS

# Of each chart: its drawn lines, and how far they reach beyond their box or the page.
CHARTS = '''[...document.querySelectorAll('.chart svg')].map(svg => {
    const box = svg.getBoundingClientRect();
    const lines = [...svg.querySelectorAll('path')].map(p => p.getBoundingClientRect())
        .filter(r => r.width > 0 || r.height > 0);
    return {width: box.width, height: box.height, lines: lines.length,
            outside: Math.max(box.right - document.documentElement.clientWidth, -box.left,
                              ...lines.map(r => r.right - box.right))};
})'''


@unittest.skipUnless(PROGRAM, 'chromium is not installed')
class ReportLooks(BoomTest):
    @classmethod
    def setUpClass(cls):
        SHOTS.mkdir(exist_ok=True)
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def make_report(self):
        self.start_target()
        case = self.case([{'name': 'fast', 'request': {'method': 'GET', 'url': '/delay/3'}},
                          {'name': 'a step with a long name, ' * 6,
                           'request': {'method': 'GET', 'url': '/flaky?ratio=0.1'}}])
        run = self.run_boom(case, '--stage', '2s:6', '--stage', '3s:6', '--max-rps', 200,
                            '--on-failure', 'continue', '--threshold', 'fast:p95<1us',
                            '--out', 'html=report.html')
        self.assertEqual(run.returncode, 99, run.errors())
        return (self.folder / 'report.html').as_uri()

    def check(self, page, name):
        charts = page.run(CHARTS)
        self.assertGreaterEqual(len(charts), 5, name)
        for chart in charts:
            self.assertGreater(chart['width'], 150, name)
            self.assertGreater(chart['height'], 60, name)
            self.assertGreaterEqual(chart['lines'], 1, name)
            self.assertLessEqual(chart['outside'], 1, name)
        # The page itself never scrolls sideways; a wide table does, in its own frame.
        self.assertLessEqual(page.run('document.documentElement.scrollWidth - innerWidth'), 0, name)
        self.assertIn('a threshold failed', page.run('document.body.innerText'))

    def test_on_every_screen(self):
        url = self.make_report()
        colours = set()
        for name, options in (('desk', {}), ('dark', {'scheme': 'dark'}),
                              ('phone', {'width': 390, 'height': 800}),
                              ('wide', {'width': 2560, 'height': 1440})):
            page = self.browser.page(**options)
            page.open(url)
            page.wait("document.querySelector('[data-ready=yes]') !== null")
            self.check(page, name)
            page.screenshot(SHOTS / f'report-{name}.png')
            self.assertEqual(page.complaints(), [])
            self.assertEqual([one for one in page.requests() if not one.startswith('file:')], [])
            size = page.run("parseFloat(getComputedStyle(document.querySelector('td')).fontSize)")
            self.assertGreaterEqual(size, 10, name)
            colours.add(page.run('getComputedStyle(document.body).backgroundColor'))
        self.assertEqual(len(colours), 2)  # light and dark

    def test_on_paper(self):
        page = self.browser.page()
        page.open(self.make_report())
        page.wait("document.querySelector('[data-ready=yes]') !== null")
        paper = page.call('Page.printToPDF', printBackground=False)
        pdf = base64.b64decode(paper['data'])
        (SHOTS / 'report.pdf').write_bytes(pdf)
        self.assertTrue(pdf.startswith(b'%PDF'))
        # A4 at 96 dots per inch, without margins of 1 cm.
        page.call('Emulation.setDeviceMetricsOverride', width=718, height=1047,
                  deviceScaleFactor=1, mobile=False)
        page.call('Emulation.setEmulatedMedia', media='print')
        self.check(page, 'paper')
        for frame in page.run("[...document.querySelectorAll('.scroll')].map(f => "
                              'f.scrollWidth - f.clientWidth)'):
            self.assertLessEqual(frame, 1)  # paper cannot be scrolled: nothing may be cut off


main()
