"""Functions for the cases of this folder."""
import hashlib


def signature(text, salt='boom'):
    return hashlib.sha256((salt + text).encode()).hexdigest()


def sign(request):
    """A setup hook: changes the request in place."""
    request['headers']['X-Signature'] = signature(request['url'])


def unwrap(response):
    """A teardown hook: checks see what it made of the answer."""
    response['body'] = response['body']['json']
