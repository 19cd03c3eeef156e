"""The page of a master in a headless chromium: what it shows equals what the API says, what it does
is what the API does."""
import json

from harness import http, main, wait_for
from page_harness import SHOTS, PageTest
from wire_cut import WireCut


class Watch(PageTest):
    def test_start_watch_change_and_stop_a_run(self):
        self.start_master()
        self.mixed_case()
        page = self.open()
        self.wait_for_workers(page, 2)
        self.wait_for_state(page, 'ready')
        page.wait("document.querySelector('#case-list option') !== null")
        self.assertEqual(page.run("document.querySelector('#case-list option').value"), 'case.yml')
        # What the state does not allow is off, and says so.
        self.assertTrue(page.run("document.querySelector('#button-rebalance').disabled"))
        self.assertIn('ready', page.text('#change-reason'))
        page.fill('#start-form [name=testcase-path]', 'none.yml')
        page.click('#button-start')
        page.wait("document.querySelector('#start-answer').className === 'bad'")
        self.assertIn('none.yml', page.text('#start-answer'))
        page.fill('#start-form [name=testcase-path]', 'case.yml')
        page.click('#button-plan')
        page.wait("document.querySelector('#chart-plan').clientHeight > 0")
        self.start_by_form(page, **{'spawn-count': 12})
        self.wait_for_state(page, 'running')
        for name in ('rate', 'times', 'heat'):
            picture = f"document.querySelector('#chart-{name}').toDataURL()"
            before = page.run(picture)
            page.wait(f'{picture} !== {json.dumps(before)}')
        page.fill('#change-form [name=spawn-count]', '20')
        page.click('#button-rebalance')
        page.wait("document.querySelector('#tile-users_now').textContent === '20 / 20'")
        page.wait("document.querySelector('#events').innerText.includes('rebalance')")
        page.screenshot(SHOTS / 'running-light.png')
        self.check_loss_of_a_worker(page)
        page.click('#button-stop')
        self.wait_for_state(page, 'stopped')
        self.check_figures(page)
        self.assert_clean(page)

    def check_loss_of_a_worker(self, page):
        self.workers[1].kill()
        page.wait("document.querySelector('#workers tbody tr').innerText.includes('missing')")
        self.assertIn('box-1', page.text('#workers tbody tr'))  # the sick one is on top
        page.wait("document.querySelector('#events').innerText.includes('worker lost')")
        page.wait("document.querySelector('#tile-workers_now').textContent === '1'")
        page.screenshot(SHOTS / 'worker-lost.png')

    def check_figures(self, page):
        """The table of steps and the tiles against /stats, figure by figure."""
        result = self.get('/stats')
        page.wait("document.querySelector('#tile-requests_run').dataset.value === "
                  f"'{result['total']['requests']}'")
        rows = page.run("[...document.querySelectorAll('#steps tbody tr')].map(row => "
                        "[...row.cells].map(cell => cell.dataset.value ?? cell.textContent))")
        expected = [*result['steps'], {**result['total'], 'name': 'Total'}]
        self.assertEqual(len(rows), len(expected))
        for row, step in zip(rows, expected):
            times = step['response_time_us']
            self.assertEqual(row[0], step['name'])
            self.assertEqual([float(value) for value in row[2:5]],
                             [step['requests'], step['failures'], step['error_ratio']])
            self.assertEqual([float(value) for value in row[6:11]],
                             [times[key] for key in ('p50', 'p95', 'p99', 'p999', 'max')])
        errors = page.run("[...document.querySelectorAll('#errors tbody tr')].map(row => "
                          "[row.cells[0].textContent, Number(row.cells[3].dataset.value)])")
        self.assertEqual(errors, [[row['class'], row['count']] for row in result['errors']])
        self.assertEqual(int(page.run("document.querySelector('#tile-failures_run')"
                                      '.dataset.value')), result['total']['failures'])

    def test_one_worker_is_taken_out_brought_back_and_changed_alone(self):
        self.start_master()
        self.mixed_case()
        page = self.open()
        self.wait_for_workers(page, 2)
        self.start_by_form(page, **{'spawn-count': 8, 'spawn-rate': 100})
        self.wait_for_users({'box-0': 4, 'box-1': 4})
        page.wait("[...document.querySelectorAll('#workers tbody tr')].every(row => "
                  "/^[0-9\\s]+ [/] [^0]/.test(row.cells[8].textContent))")
        page.click("#workers [aria-label$=': box-0']:nth-of-type(1)")
        self.wait_for_users({'box-0': 0, 'box-1': 8})
        page.click("#workers [aria-label$=': box-0']:nth-of-type(2)")
        self.wait_for_users({'box-0': 4, 'box-1': 4})
        worker = {row['name']: row['id'] for row in self.get('/workers')['data']}['box-1']
        self.check_links_of_a_worker(page, worker)
        page.fill('#change-form [name=worker]', worker)
        page.fill('#change-form [name=spawn-count]', '7')
        self.wait_for_state(page, 'running')
        page.click('#button-rebalance')
        self.wait_for_users({'box-0': 4, 'box-1': 7})
        page.wait("document.querySelector('#tile-users_now').textContent === '11 / 11'")
        page.click('#button-stop')
        self.wait_for_state(page, 'stopped')
        self.assert_clean(page)

    def check_links_of_a_worker(self, page, worker):
        """To its data and its log, in both languages; they answer what the page says."""
        links = ("[...document.querySelectorAll('#workers a[aria-label$=\": box-1\"]')]"
                 ".map(a => [a.textContent, new URL(a.href).pathname])")
        path = f'/workers/{worker}'
        for language, names in (('zh', ('数据', '日志')), ('en', ('Data', 'Log'))):
            page.fill('#language', language)
            page.wait(f"{links}.map(l => l[0]).join() === '{','.join(names)}'")
            self.assertEqual([href for _, href in page.run(links)], [path, path + '/log'])
        self.assertEqual(self.get(path)['data']['name'], 'box-1')
        self.assertIn('joined', http('GET', self.api + path + '/log')[1])

    def test_an_open_model_with_stages_from_the_form(self):
        self.start_master()
        self.mixed_case()
        page = self.open()
        self.wait_for_workers(page, 2)
        stages = '2s:40\n60s:40'
        page.fill('#start-form [name=testcase-path]', 'case.yml')
        page.fill('#start-form [name=stages]', 'nonsense')
        page.click('#button-plan')
        page.wait("document.querySelector('#start-answer').className === 'bad'")
        self.assertIn('nonsense', page.text('#start-answer'))
        page.fill('#start-form [name=stages]', stages)
        page.fill('#start-form [name=rate]', '10')
        page.click('#button-plan')
        page.wait("document.querySelector('#start-answer').className === 'good'")
        plan = page.text('#start-form figcaption')
        self.assertIn('iterations', plan)
        blank = ("(() => { const c = document.querySelector('#chart-plan');"
                 " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
                 '.every(v => v === 0) })()')
        page.wait(f'!{blank}')
        page.screenshot(SHOTS / 'plan.png')
        page.click('#button-start')
        page.wait("document.querySelector('#start-answer').className === 'good'")
        self.wait_for_state(page, 'running')
        page.wait("document.querySelector('#events').innerText.includes('stage')")
        page.wait("Number(document.querySelector('#tile-requests_run').dataset.value) > 100")
        page.click('#button-force')
        self.wait_for_state(page, 'stopped')
        result = self.get('/stats')
        self.assertEqual(result['run']['state'], 'stopped')
        told = [row['text'] for row in result['events'] if row['kind'] == 'stage']
        self.assertEqual(told, ['stage 1: 2s to 40', 'stage 2: 1m to 40'])
        self.assert_clean(page)

    def test_a_crossed_threshold_is_marked(self):
        self.start_master('--threshold', 'p95<40ms', '--threshold', 'error_ratio<99%')
        self.mixed_case()
        page = self.open()
        self.wait_for_workers(page, 2)
        self.start_by_form(page, **{'spawn-count': 4})
        page.wait("document.querySelector('#events').innerText.includes('threshold crossed')")
        self.assertIn('p95<40ms does not hold', page.text('#events'))
        rows = page.run("[...document.querySelectorAll('#thresholds tbody tr')].map(row =>"
                        ' [row.cells[0].textContent, row.cells[2].className])')
        self.assertEqual([(name, 'bad' in tone) for name, tone in rows],
                         [('p95<40ms', True), ('error_ratio<99%', False)])
        page.click('#button-stop')
        self.wait_for_state(page, 'stopped')
        kinds = [row['kind'] for row in self.get('/stats')['events']]
        self.assertEqual(kinds.count('threshold'), 1, kinds)

    def test_by_keyboard_alone_a_run_is_started_and_the_master_quits(self):
        self.start_master()
        self.mixed_case()
        page = self.open()
        self.wait_for_workers(page, 2)
        reached = set()

        def tab_to(selector):
            for _ in range(200):
                if page.run(f"document.activeElement.matches('{selector}')"):
                    return
                page.key('Tab')
                reached.add(page.run('document.activeElement.id'))
            self.fail(f'the Tab key does not reach {selector} but {sorted(reached)}')

        tab_to('#start-form [name=testcase-path]')
        page.call('Input.insertText', text='case.yml')
        tab_to('#button-start')
        page.key('Enter')
        self.wait_for_state(page, 'running')
        tab_to('#button-quit')
        page.key('Enter')
        page.wait("document.querySelector('#question').open")
        page.key('Escape')
        page.wait("!document.querySelector('#question').open")
        self.assertTrue(self.is_up())
        page.run("document.querySelector('#button-quit').focus()")
        page.key('Enter')
        page.wait("document.querySelector('#question').open")
        tab_to('#question-yes')
        page.key('Enter')
        self.assertEqual(self.master.wait(60), 0)

    def wait_for_users(self, expected):
        wait_for(lambda: {row['name']: row['user_count']
                          for row in self.get('/workers')['data']} == expected, f'{expected}')

    def test_a_page_opened_late_shows_the_whole_run(self):
        self.start_master()
        self.mixed_case()
        first = self.open()
        self.wait_for_workers(first, 2)
        self.start_by_form(first, **{'spawn-count': 4})
        first.wait("document.querySelector('#tile-elapsed').textContent >= '0:04'")
        late = self.open()
        late.wait("/requests\\/s \\d/.test(document.querySelector('#legend-rate').textContent)")
        first.click('#button-stop')
        for page in (first, late):
            self.wait_for_state(page, 'stopped')
            page.wait("document.querySelector('#events').innerText.includes('stop')")
        curves = [page.run("import('/page/app.js').then(() => "
                           "document.querySelector('#chart-rate').toDataURL())")
                  for page in (first, late)]
        self.assertEqual(*curves)  # the same picture to the pixel

    def test_a_page_that_was_cut_off_goes_on_without_a_gap(self):
        self.start_master()
        self.mixed_case()
        wire = WireCut(int(self.api.rsplit(':', 1)[1]))
        self.addCleanup(wire.close)
        page = self.browser.page()
        page.open(f'http://127.0.0.1:{wire.port}')
        self.wait_for_workers(page, 2)
        self.start_by_form(page, **{'spawn-count': 4})
        page.wait("document.querySelector('#tile-elapsed').textContent >= '0:02'")
        wire.is_cut = True
        page.wait("document.querySelector('#link').textContent.startsWith('not connected')")
        begun = self.get('/master')['data']['elapsed_s']
        wait_for(lambda: self.get('/master')['data']['elapsed_s'] > begun + 3, 'time passes', 60)
        wire.is_cut = False
        page.wait("document.querySelector('#link').textContent === 'live'")
        page.click('#button-stop')
        self.wait_for_state(page, 'stopped')
        fresh = self.open()
        picture = "document.querySelector('#chart-rate').toDataURL()"
        for one in (page, fresh):
            one.wait("document.querySelector('#events').innerText.includes('stop')")
        wait_for(lambda: page.run(picture) == fresh.run(picture), 'the same picture', 60)

    def check_sorting_and_filter(self, page):
        def rows():
            return page.run("[...document.querySelectorAll('#steps tbody tr')].map(row =>"
                            ' row.cells[0].textContent)')
        page.click('#steps thead th:nth-child(8) button')  # p95 of the run
        # Steps of iterations that are still on make the first two as good as equal.
        self.assertEqual((set(rows()[:2]), rows()[3]), ({'Action', 'slow'}, 'flaky'), rows())
        self.assertEqual(page.run("document.querySelector('#steps thead th:nth-child(8)')"
                                  ".getAttribute('aria-sort')"), 'descending')
        page.click('#steps thead th:nth-child(8) button')
        self.assertEqual((set(rows()[2:4]), rows()[4:]), ({'Action', 'slow'}, ['Total']), rows())
        page.fill('#table-steps [type=search]', 'slo')
        self.assertEqual(rows(), ['slow', 'Total'])
        page.fill('#table-steps [type=search]', '')

    def test_zoom_by_mouse_and_keys(self):
        self.start_master()
        self.mixed_case()
        page = self.open()
        self.wait_for_workers(page, 2)
        self.start_by_form(page, **{'run-time': '4s'})
        self.wait_for_state(page, 'stopped')
        box = page.run("(() => { document.querySelector('#chart-rate').scrollIntoView();"
                       " const b = document.querySelector('#chart-rate').getBoundingClientRect();"
                       ' return [b.x, b.y, b.width, b.height] })()')
        y = box[1] + box[3] / 2
        for kind, share in (('mousePressed', .3), ('mouseMoved', .5), ('mouseMoved', .8),
                            ('mouseReleased', .8)):
            page.call('Input.dispatchMouseEvent', type=kind, x=box[0] + box[2] * share, y=y,
                      button='left', buttons=1, clickCount=1)
        page.wait("!document.querySelector('#zoom-reset').hidden")
        self.assertIn('Shown', page.text('#zoom-text'))
        page.click('#zoom-reset')
        page.wait("document.querySelector('#zoom-reset').hidden")
        page.run("document.querySelector('#chart-heat').focus()")
        for key in ('+', '0'):
            page.call('Input.dispatchKeyEvent', type='keyDown', key=key, text=key)
            page.wait(f"document.querySelector('#zoom-reset').hidden === {str(key == '0').lower()}")
        self.check_sorting_and_filter(page)
        self.assert_clean(page)


class RunsOfBefore(PageTest):
    def test_runs_are_listed_opened_and_compared(self):
        self.start_master('--run-dir', self.folder / 'runs')
        self.mixed_case()
        page = self.open()
        self.wait_for_workers(page, 2)
        self.assertFalse(page.run("document.querySelector('#runs-list').innerText"
                                  ".includes('.yml')"))
        for count in (1, 2):
            self.start_by_form(page, **{'run-time': '2s', 'spawn-count': 4 * count,
                                        'tag': f'try={count}'})
            self.wait_for_state(page, 'running')
            self.wait_for_state(page, 'stopped')
            page.wait("document.querySelectorAll('#runs-list [type=checkbox]').length === "
                      f'{count}')
        listed = self.get('/runs')['data']
        results = [self.get(f'/runs/{row["id"]}') for row in listed]
        self.assertEqual([row['requests'] for row in listed],
                         [result['total']['requests'] for result in results])
        self.assertEqual([row['tags'] for row in listed], [{'try': '1'}, {'try': '2'}])
        self.assertEqual(results[1], self.get('/stats'))
        # The newest is on top; opened, it shows the figures of its file.
        self.assertIn('try=2', page.text('#runs-list tbody tr'))
        page.click('#runs-list tbody tr button')
        page.wait("document.querySelectorAll('#compared tbody tr').length === 5")
        shown = page.run("[...document.querySelectorAll('#compared tbody tr')].map(row => "
                         '[...row.cells].slice(1, 3).map(cell => Number(cell.dataset.value)))')
        expected = [*results[1]['steps'], results[1]['total']]
        self.assertEqual(shown, [[step['requests'], step['failures']] for step in expected])
        page.run("document.querySelectorAll('#runs-list [type=checkbox]').forEach(b => b.click())")
        page.click('#button-compare')
        page.wait("document.querySelectorAll('#compared thead th').length === 7")
        p95 = page.run("[...document.querySelector('#compared tbody tr').cells].slice(3, 5)"
                       '.map(cell => Number(cell.dataset.value))')
        self.assertEqual(p95, [result['steps'][0]['response_time_us']['p95']
                               for result in results])
        page.screenshot(SHOTS / 'comparison.png')
        self.assert_clean(page)
        newest = listed[1]['id']
        for kind in listed[1]['formats']:
            self.assertEqual(http('GET', f'{self.api}/runs/{newest}/{kind}')[0], 200, kind)
        self.assertIn('html', listed[1]['formats'])
        self.check_report(results[1])
        for path in ('nowhere', '..', '%2e%2e', results[0]['run']['id'] + '/nothing'):
            self.assertEqual(http('GET', f'{self.api}/runs/{path}')[0], 404, path)

    def check_report(self, result):
        """/report runs its own scripts, under a policy that lets no other run."""
        report = self.browser.page()
        report.open(self.api + '/report')
        report.wait("document.body.dataset.ready === 'yes'")
        self.assertIn(result['run']['id'], report.run('document.body.innerText'))
        report.run("(() => { const s = document.createElement('script');"
                   " s.textContent = 'window.hacked = 1'; document.body.append(s) })()")
        self.assertIsNone(report.run('window.hacked'))


main()
