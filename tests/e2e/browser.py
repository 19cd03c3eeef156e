"""A headless chromium, driven over the DevTools protocol through a pipe. Standard library only."""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which('chromium') or shutil.which('chromium-browser')
FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
         '--disable-background-networking', '--disable-component-update', '--disable-sync',
         '--disable-dev-shm-usage', '--remote-debugging-pipe', 'about:blank']


class PageError(AssertionError):
    pass


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp()
        to_browser, self.to = os.pipe()
        self.source, from_browser = os.pipe()
        # Chromium reads commands on descriptor 3 and writes answers on 4.
        script = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        with open(pathlib.Path(self.folder) / 'log', 'wb') as log:
            self.process = subprocess.Popen(
                ['bash', '-c', script, PROGRAM, f'--user-data-dir={self.folder}/data', *FLAGS],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(to_browser, from_browser))
        os.close(to_browser)
        os.close(from_browser)
        self.rest, self.number, self.events = b'', 0, []

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.source)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, session=None, **params):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params}
        if session:
            message['sessionId'] = session
        os.write(self.to, json.dumps(message).encode() + b'\0')
        end = time.monotonic() + 120
        while True:
            answer = self.receive(end - time.monotonic())
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise PageError(f'{method}: {answer["error"]}')
                return answer['result']
            self.events.append(answer)

    def receive(self, seconds):
        while b'\0' not in self.rest:
            if not select.select([self.source], [], [], max(0, seconds))[0]:
                raise PageError('chromium does not answer')
            piece = os.read(self.source, 1 << 20)
            if not piece:
                raise PageError('chromium has ended')
            self.rest += piece
        message, _, self.rest = self.rest.partition(b'\0')
        return json.loads(message)

    def page(self, **options):
        return Page(self, **options)


class Page:
    """A tab of its own, with a fresh store (another person's browser)."""

    def __init__(self, browser, width=1280, height=900, language='en-US', scheme='light'):
        self.browser = browser
        context = browser.call('Target.createBrowserContext')['browserContextId']
        target = browser.call('Target.createTarget', url='about:blank',
                              browserContextId=context)['targetId']
        self.session = browser.call('Target.attachToTarget', targetId=target,
                                    flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call('Emulation.setEmulatedMedia',
                  features=[{'name': 'prefers-color-scheme', 'value': scheme}])
        self.call('Network.setUserAgentOverride', userAgent='Mozilla/5.0 test',
                  acceptLanguage=language)
        self.call('Emulation.setLocaleOverride', locale=language)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def open(self, url):
        self.call('Page.navigate', url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, expression):
        """The value of an expression or promise in the page."""
        answer = self.call('Runtime.evaluate', expression=expression, awaitPromise=True,
                           returnByValue=True)
        if 'exceptionDetails' in answer:
            raise PageError(json.dumps(answer['exceptionDetails'])[:1000])
        return answer['result'].get('value')

    def key(self, name):
        """One press of Tab, Enter, Escape."""
        code = {'Tab': 9, 'Enter': 13, 'Escape': 27}[name]
        text = {'text': '\r'} if name == 'Enter' else {}
        for kind in ('keyDown', 'keyUp'):
            self.call('Input.dispatchKeyEvent', type=kind, key=name, code=name,
                      windowsVirtualKeyCode=code, **(text if kind == 'keyDown' else {}))

    def wait(self, expression, seconds=60):
        end = time.monotonic() + seconds
        while True:
            value = self.run(expression)
            if value:
                return value
            if time.monotonic() > end:
                raise PageError(f'not within {seconds} s: {expression}\n'
                                + str(self.run('document.body.innerText'))[:3000])
            time.sleep(0.05)

    def text(self, selector):
        return self.run(f'document.querySelector({json.dumps(selector)})?.textContent')

    def fill(self, selector, value):
        self.run(f'''(() => {{
            const field = document.querySelector({json.dumps(selector)});
            field.value = {json.dumps(value)};
            field.dispatchEvent(new Event('input', {{bubbles: true}}));
            field.dispatchEvent(new Event('change', {{bubbles: true}}));
        }})()''')

    def click(self, selector):
        self.wait(f'(() => {{ const b = document.querySelector({json.dumps(selector)});'
                  ' return b && !b.disabled })()')
        self.run(f'document.querySelector({json.dumps(selector)}).click()')

    def screenshot(self, path, is_full=True):
        shot = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=is_full)
        pathlib.Path(path).write_bytes(base64.b64decode(shot['data']))

    def complaints(self):
        """What went wrong in this page: exceptions, refused loads, console errors."""
        found = []
        for event in self.browser.events:
            if event.get('sessionId') != self.session:
                continue
            params = event.get('params', {})
            if event['method'] == 'Runtime.exceptionThrown':
                details = params['exceptionDetails']
                found.append(details.get('exception', {}).get('description', details['text']))
            elif event['method'] == 'Log.entryAdded' and params['entry']['level'] == 'error':
                found.append(params['entry']['text'] + ' ' + params['entry'].get('url', ''))
        return found

    def requests(self):
        return [event['params']['request']['url'] for event in self.browser.events
                if event.get('sessionId') == self.session
                and event['method'] == 'Network.requestWillBeSent']
