def sum_two_int(a, b):
    return a + b


def SumAll(*numbers):
    return sum(numbers)


def rows(n):
    return [{'account': f'user{i}', 'secret': f'{i}{i}'} for i in range(n)]


def sign(request):
    request['headers']['X-Signed'] = 'yes'
    return request


def note(response):
    response['body']['noted'] = True
    return response


def expected_status():
    return 200
