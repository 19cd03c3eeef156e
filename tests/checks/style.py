#!/usr/bin/env python3
"""What clang-format cannot see: lengths, banned words, where threads may start. Each message names
the replacement. With --format, runs clang-format 14 too (exit 77 where it is missing)."""
import ast
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_FILE, MAX_FUNCTION, MAX_COLUMNS = 400, 60, 100
TEXT_ENDINGS = {".cpp", ".hpp", ".h", ".py", ".js", ".mjs", ".css", ".html", ".txt", ".cmake",
                ".proto", ".sh"}
# The shells: everything else is told what to do by whoever owns the thread.
THREAD_SHELLS = {"lib/user/threaded_load.cpp", "lib/user/threaded_load.hpp",
                 "lib/report/output_thread.cpp", "lib/report/output_thread.hpp",
                 "lib/target/server.cpp", "lib/target/server.hpp",
                 "lib/net/resolver_thread.cpp", "lib/net/resolver_thread.hpp",
                 "apps/boom/in_process_worker.cpp", "apps/boom/in_process_worker.hpp",
                 "apps/boom/worker_mode.cpp", "apps/boom/master_mode.cpp",
                 "apps/boom/file_writer.cpp", "apps/boom/sample_log.cpp",
                 "apps/boom/preflight.cpp"}
BANNED = [
    (r"\b(TODO|FIXME|XXX|HACK)\b", "say what is missing in lib/README.md, or do it", ".*"),
    (r"std::endl", r"write '\n'", r".*\.[ch]pp"),
    (r"^\s*using namespace", "name what you use", r".*\.hpp"),
    (r"\b(sleep_for|this_thread::sleep_until|usleep|nanosleep)\b",
     "wait for the event (a condition, a timer of the loop, ManualClock in tests)",
     r"(lib|tests)/.*\.[ch]pp"),
    (r"\bget_[a-z]\w*\s*\(\s*\)\s*const", "a getter is named like what it returns", r".*\.hpp"),
]
THREAD = re.compile(r"std::j?thread\b(?!::)")
CPP_FUNCTION = re.compile(r"^(\s*)(?!namespace|struct|class|enum|union|extern|if|for|while|switch"
                          r"|do|else|try)[^#/\s}].*\{$")


def tracked():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True,
                           capture_output=True, check=True).stdout.split("\n")
    for name in names:
        path = ROOT / name
        if name and path.is_file() and not name.startswith("tests/data/"):
            yield name, path


def cpp_functions(lines):
    """(first line, length) of each function; the code is formatted, so a body ends at the brace
    that stands where its first line starts."""
    start = 0
    for number, line in enumerate(lines):
        if line and not line[0].isspace() and not line.startswith(("#", "//", "}", "{")):
            start = number
        # Deeper than a method of a class there are only continued conditions and lambdas.
        is_lambda = re.search(r"\[[^\]]*\]\s*[({]", line)
        if CPP_FUNCTION.match(line) and not is_lambda and re.search(r"\)[^;=]*\{$", line):
            indent = re.match(r"\s*", line).group()
            if len(indent) > 4:
                continue
            first = start if not indent else number
            for end in range(number + 1, len(lines)):
                if lines[end].startswith(indent + "}"):
                    yield first + 1, end - first + 1
                    break


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def check_lengths(name, text, lines):
    if len(lines) > MAX_FILE:
        yield 1, f"{len(lines)} lines, {MAX_FILE} are allowed: split it by subject"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS and "http" not in line:
            yield number, f"{len(line)} columns, {MAX_COLUMNS} are allowed"
    functions = []
    if name.endswith((".cpp", ".hpp")):
        functions = cpp_functions(lines)
    elif name.endswith(".py"):
        functions = python_functions(text)
    for number, length in functions:
        if length > MAX_FUNCTION:
            yield number, f"a function of {length} lines, {MAX_FUNCTION} are allowed: split it"


def check_words(name, lines):
    if name == "tests/checks/style.py":
        return
    for number, line in enumerate(lines, 1):
        for pattern, advice, where in BANNED:
            match = re.fullmatch(where, name) and re.search(pattern, line)
            if match:
                yield number, f"'{match.group().strip()}' is not wanted: {advice}"
        if (name.startswith(("lib/", "apps/")) and name not in THREAD_SHELLS
                and THREAD.search(line) and not line.lstrip().startswith("//")):
            yield number, "a thread outside the shells: threads are started in " + ", ".join(
                sorted(shell for shell in THREAD_SHELLS if shell.endswith(".cpp")))
    if name.endswith(".hpp") and "#pragma once" not in lines:
        yield 1, "a header starts with #pragma once"


def check_format():
    program = shutil.which("clang-format-14")
    if program is None:
        print("clang-format-14 is not installed: the format was not checked")
        return 77
    names = [name for name, _ in tracked() if name.endswith((".cpp", ".hpp"))]
    command = [program, "--dry-run", "-Werror", *names]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main():
    if sys.argv[1:] == ["--format"]:
        return check_format()
    problems, files = [], 0
    for name, path in tracked():
        script = path.suffix == "" and path.parent.name in ("scripts", ".ci")
        if path.suffix not in TEXT_ENDINGS and not script:
            continue
        files += 1
        text = path.read_text()
        lines = text.split("\n")[:-1]
        for number, complaint in [*check_lengths(name, text, lines), *check_words(name, lines)]:
            problems.append(f"{name}:{number}: {complaint}")
    print("\n".join(problems) or f"{files} files keep the rules")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
