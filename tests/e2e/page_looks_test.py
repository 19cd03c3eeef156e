"""The page of a master in a headless chromium: its doors, its looks, and that nothing that a case
or a server writes becomes more than text."""
import json
import pathlib
import shutil
import subprocess

from harness import http, main
from page_harness import BUILD, SHOTS, PageTest

MAX_PAGE_BYTES = 400_000
EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>'


def axe_source():
    """The checker from npm, installed once into the build folder; None where that cannot be."""
    folder = BUILD / 'axe'
    script = folder / 'node_modules/axe-core/axe.min.js'
    if not script.exists():
        if not shutil.which('npm'):
            return None
        folder.mkdir(exist_ok=True)
        for name in ('package.json', 'package-lock.json'):
            shutil.copy(pathlib.Path(__file__).parent / 'axe' / name, folder)
        done = subprocess.run(['npm', 'ci', '--prefix', folder, '--no-audit', '--no-fund',
                               '--ignore-scripts'], capture_output=True, check=False, timeout=120)
        if done.returncode != 0:
            return None
    return script.read_text()


class Doors(PageTest):
    def test_a_token_is_asked_for_and_kept_for_the_tab(self):
        token = 'tab-only-secret-1'
        self.start_master('--token', token, workers=0)
        page = self.open()
        page.wait("!document.querySelector('#login').hidden")
        page.fill('#token', 'wrong-token-2')
        page.run("document.querySelector('#login').requestSubmit()")
        page.wait("document.querySelector('#login-answer').textContent !== ''")
        self.assertFalse(page.run("document.querySelector('#login').hidden"))
        page.fill('#token', token)
        page.run("document.querySelector('#login').requestSubmit()")
        page.wait("document.querySelector('#login').hidden")
        self.wait_for_state(page, 'ready')
        page.wait("document.querySelector('#link').textContent === 'live'")
        self.assertEqual(page.run('document.cookie + JSON.stringify(localStorage)'), '{}')
        self.assertEqual([url for url in page.requests() if 'secret' in url or 'token' in url], [])
        other = self.open()
        other.wait("!document.querySelector('#login').hidden")

    def test_names_and_answers_stay_text(self):
        self.start_master('--tag', f'who={EVIL}', workers=1)
        self.case([{'name': EVIL, 'request': {'method': 'GET', 'url': '/get',
                                              'params': {'a': EVIL}},
                    'validate': [{'eq': ['body.args.a', EVIL + '?']}]},
                   {'name': "'\"><svg/onload=window.hacked=3>", 'request': {
                       'method': 'GET', 'url': '/status/500'}}], EVIL.replace('/', '_') + '.yml')
        page = self.open()
        self.wait_for_workers(page, 1)
        self.start_by_form(page, **{'testcase-path': EVIL.replace('/', '_') + '.yml',
                                    'run-time': '2s'})
        self.wait_for_state(page, 'stopped')
        page.wait("document.querySelectorAll('#errors tbody tr').length > 0 && "
                  f"document.querySelector('#steps').innerText.includes({json.dumps(EVIL)})")
        self.assertIn(EVIL, page.text('#errors'))
        self.assertIsNone(page.run('window.hacked'))
        self.assertEqual(page.run("document.querySelectorAll('img, svg, script:not([src]), iframe,"
                                  " [onerror], [onload]').length"), 0)
        self.assert_clean(page)

    def test_the_page_is_small_and_whole(self):
        self.start_master(workers=0)
        page = self.open()
        files = {url for url in page.requests()
                 if url == self.api + '/' or url.startswith(self.api + '/page/')}
        size = sum(len(http('GET', url)[1].encode()) for url in files)
        self.assertGreater(len(files), 5)
        self.assertLess(size, MAX_PAGE_BYTES)
        # No inline script runs, whoever puts it there.
        page.run("(() => { const s = document.createElement('script');"
                 " s.textContent = 'window.hacked = 1'; document.body.append(s) })()")
        self.assertIsNone(page.run('window.hacked'))


class Looks(PageTest):
    def test_languages_say_the_same(self):
        self.start_master(workers=0)
        page = self.open(language='zh-CN')
        self.wait_for_state(page, '就绪')
        self.assertEqual(page.run('document.documentElement.lang'), 'zh')
        missing = page.run(
            "Promise.all([import('/page/en.js'), import('/page/zh.js')]).then(([a, b]) => {"
            ' const x = Object.keys(a.en), y = Object.keys(b.zh);'
            ' return [...x.filter(k => !y.includes(k)), ...y.filter(k => !x.includes(k))] })')
        self.assertEqual(missing, [])
        # No key shows where a text should be.
        self.assertNotRegex(page.run('document.body.innerText'),
                            r'\b(column|button|field|tile|chart|table|series)_')
        page.fill('#language', 'en')
        self.wait_for_state(page, 'ready')
        self.assertNotRegex(page.run('document.body.innerText'),
                            r'\b(column|button|field|tile|chart|table|series)_')
        self.assert_clean(page)

    def test_everybody_can_use_it(self):
        source = axe_source()
        if source is None:
            self.skipTest('axe-core could not be installed from npm')
        self.start_master()
        self.mixed_case()
        first = self.open()
        self.wait_for_workers(first, 2)
        self.start_by_form(first, **{'run-time': '3s'})
        self.wait_for_state(first, 'stopped')
        for name, options in (('light', {}), ('dark', {'scheme': 'dark'}),
                              ('phone', {'width': 390, 'height': 800}),
                              ('chinese-dark-phone', {'width': 390, 'height': 800,
                                                      'scheme': 'dark', 'language': 'zh-CN'})):
            page = self.open(**options)
            page.wait("document.querySelectorAll('#steps tbody tr').length > 3 && "
                      "document.querySelector('#legend-rate').textContent !== ''")
            page.screenshot(SHOTS / f'{name}.png')
            wide = page.run('document.documentElement.scrollWidth - innerWidth')
            self.assertLessEqual(wide, 0, f'{name}: the page is wider than the screen')
            page.run(source)
            found = page.run("axe.run(document, {resultTypes: ['violations']}).then(r => "
                             'r.violations.map(v => [v.impact, v.id, v.nodes.length, '
                             'v.nodes[0].html, v.nodes[0].failureSummary]))')
            serious = [one for one in found if one[0] in ('serious', 'critical')]
            self.assertEqual(serious, [], name)


main()
