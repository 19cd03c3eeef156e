#pragma once
// What a Python host runs: reads one JSON object a line, answers each with one. Private to this
// module. The first line is the source of debugtalk.py: nothing is written to a disk.

#include <string_view>

namespace boom::script {

inline constexpr std::string_view kHostProgram = R"python(
import asyncio, concurrent.futures, inspect, json, os, sys, threading, types

answers = os.fdopen(os.dup(1), 'w', encoding='utf-8')
os.dup2(2, 1)  # what functions print must not look like an answer
lock = threading.Lock()

def answer(message):
    text = json.dumps(message, ensure_ascii=False, default=str)
    with lock:
        answers.write(text + '\n')
        answers.flush()

def load(start):
    sys.path.insert(0, start['folder'] or os.getcwd())
    module = types.ModuleType('debugtalk')
    module.__file__ = start['path']
    sys.modules['debugtalk'] = module
    exec(compile(start['source'], start['path'], 'exec'), module.__dict__)
    return module

def run(module, call):
    arguments = call['a']
    try:
        value = getattr(module, call['f'])(*arguments)
        if inspect.isawaitable(value):
            value = asyncio.run(value)
        if value is None and call.get('h') and arguments:
            value = arguments[0]  # a hook that changed what it was given
        answer({'id': call['id'], 'v': value})
    except BaseException as error:
        answer({'id': call['id'], 'e': f'{call["f"]}(): {type(error).__name__}: {error}'})

def main():
    lines = iter(sys.stdin.buffer.readline, b'')
    try:
        module = load(json.loads(next(lines)))
    except BaseException as error:
        answer({'id': 0, 'e': f'{type(error).__name__}: {error}'})
        return
    answer({'id': 0, 'v': None})
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        for line in lines:
            pool.submit(run, module, json.loads(line))

main()
)python";

}  // namespace boom::script
