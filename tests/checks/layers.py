#!/usr/bin/env python3
"""Every #include goes along an edge of the table in lib/README.md, third-party headers too."""
import functools
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Where a third-party header comes from, by the start of its name. What is in none of these and has
# a directory or an ending is unknown, and refused.
THIRD_PARTY = {
    "fmt/": "fmt", "openssl/": "openssl", "zlib.h": "zlib", "brotli/": "brotli", "zstd.h": "zstd",
    "simdjson.h": "simdjson", "curl/": "curl", "liburing.h": "liburing", "nghttp2/": "nghttp2",
    "intel-ipsec-mb.h": "libipsec-mb",
    "google/protobuf/": "protobuf", "boom.pb.h": "protobuf",
    "journal.pb.h": "protobuf", "yaml-cpp/": "yaml-cpp",
    "prometheus/": "prometheus", "nlohmann/": "nlohmann", "microhttpd.h": "microhttpd",
    "zmq": "zmq", "CLI/": "CLI11", "dlfcn.h": "dlopen",
}
SYSTEM = ("sys/", "netinet/", "arpa/", "linux/", "net/if", "bits/", "asm/", "csignal")
SYSTEM_FILES = {"fcntl.h", "unistd.h", "netdb.h", "poll.h", "sched.h", "signal.h", "pthread.h",
                "spawn.h", "ifaddrs.h", "termios.h", "time.h", "errno.h", "features.h", "dirent.h",
                "glob.h", "stdio.h", "stdlib.h", "string.h", "strings.h", "pwd.h", "stdint.h",
                "stddef.h"}
# fmt serves every module: g++ 12 has no std::format.
EVERYWHERE = {"fmt"}


def read_table():
    """module -> (modules, third parties) as the document says."""
    table = {}
    for line in (ROOT / "lib/README.md").read_text().splitlines():
        match = re.match(r"^\| `([a-z/]+)` \| ([^|]*) \| ([^|]*) \|$", line)
        if match:
            edges, parties = ([] if cell.strip() == "–" else
                              [word.strip() for word in cell.split(",")]
                              for cell in match.group(2, 3))
            table[match.group(1)] = (set(edges), set(parties) | EVERYWHERE)
    return table


def third_party_of(name):
    for start, library in THIRD_PARTY.items():
        if name.startswith(start):
            return library
    return None


def is_system(name):
    plain = "/" not in name and "." not in name
    return plain or name in SYSTEM_FILES or name.startswith(SYSTEM)


def check_ours(module, name, edges, modules):
    other = name.split("/")[0]
    if other == module or "all" in edges or other in edges:
        return None
    if other not in modules:
        return f'"{name}" is of no module: write it as "module/file.hpp"'
    return (f'`{module}` may not include "{name}": the table in lib/README.md has no edge to '
            f"`{other}`. Move the code to a module that has one, or argue for the edge there")


def check_line(module, path, bracket, name, table):
    edges, parties = table[module]
    library = third_party_of(name)
    if library:
        if library not in parties:
            return f"<{name}> belongs to {library}, which the table does not give to `{module}`"
        if library != "fmt" and f"{module}/{path.name}" in public_headers(module):
            return f"<{name}> stands in a header that other modules include: .cpp files only"
        return None
    if bracket == "<":
        return None if is_system(name) else f"<{name}> is of no library that layers.py knows"
    if module == "apps/boom" and (path.parent / name).exists():
        return None
    if pathlib.PurePath(name).parts[0] == "page":  # made by the build from a module's own files
        return None
    return check_ours(module, name, edges, set(table))


@functools.cache
def public_headers(module):
    """What somebody outside of the module's own folder includes."""
    found = set()
    for folder in (ROOT / "lib", ROOT / "apps"):
        for path in folder.rglob("*.[ch]pp"):
            if path.parent.name != module:
                found.update(re.findall(rf'#include "({module}/[^"]+)"', path.read_text()))
    return found


def sources(module):
    folder = ROOT / (module if "/" in module else f"lib/{module}")
    return sorted(p for p in folder.rglob("*") if p.suffix in (".cpp", ".hpp", ".h"))


def check_cycles(table):
    """A module may use only what stands before it in lib/CMakeLists.txt."""
    text = (ROOT / "lib/CMakeLists.txt").read_text()
    block = re.search(r"foreach\(module\n(.*?)\n +if", text, re.S).group(1)
    order = re.sub(r"#.*|\)", "", block).split()
    for module, (edges, _) in table.items():
        if "/" in module:
            continue
        if module not in order:
            yield f"lib/CMakeLists.txt does not list `{module}`"
            continue
        for edge in edges:
            if order.index(edge) >= order.index(module):
                yield f"`{module}` → `{edge}` goes up: see lib/CMakeLists.txt"


def main():
    table = read_table()
    if len(table) < 10:
        print("lib/README.md: the table of modules was not found")
        return 1
    problems = list(check_cycles(table))
    on_disk = {p.name for p in (ROOT / "lib").iterdir() if p.is_dir()}
    problems += [f"lib/{name} is not in the table of lib/README.md"
                 for name in sorted(on_disk - set(table))]
    files = 0
    for module in table:
        for path in sources(module):
            files += 1
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                complaint = match and check_line(module, path, *match.groups(), table)
                if complaint:
                    problems.append(f"{path.relative_to(ROOT)}:{number}: {complaint}")
    print("\n".join(problems) or f"{files} files, {len(table)} modules: every include is allowed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
