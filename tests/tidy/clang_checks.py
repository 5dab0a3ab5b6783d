#!/usr/bin/env python3
"""clang-format and clang-tidy over the tree.

  clang_checks.py format        every .cpp and .hpp is as .clang-format has it
  clang_checks.py tidy BUILD    src/ and bench/ against .clang-tidy, with the compile commands of
                                BUILD/one-by-one, configured here: BUILD's join files

clang-tidy is slow, so a file that passed is remembered by the hash of all that the verdict hangs
on: its text and that of each header of ours it reaches, its compile command, .clang-tidy and the
tool's version. The memory is ${XDG_CACHE_HOME:-~/.cache}/postern/clang-tidy, one empty file each.
Status: 0 clean, 1 violations, 77 (skipped) when the tool is not installed.
"""
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cpp_scan import quoted_includes  # noqa: E402
from tree import read_tree  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
VERSION = "19"
SKIPPED = 77
CHECKED = ("src/", "bench/")


def check_format(tree):
    tool = shutil.which(f"clang-format-{VERSION}")
    if tool is None:
        return SKIPPED
    done = subprocess.run([tool, "--dry-run", "-Werror", *tree.sources()], cwd=ROOT)
    return 1 if done.returncode else 0


def reached(tree, name, seen):
    seen.add(name)
    for _, included in quoted_includes(tree.texts[name]):
        target = tree.resolve_include(name, included)
        if target is not None and target not in seen:
            reached(tree, target, seen)
    return seen


def key_of(tree, name, command, version):
    digest = hashlib.sha256()
    for part in (version, command, tree.texts[".clang-tidy"]):
        digest.update(part.encode() + b"\0")
    for file in sorted(reached(tree, name, set())):
        digest.update(file.encode() + b"\0" + tree.texts[file].encode() + b"\0")
    return digest.hexdigest()


def clang_tidy(tool, build, name):
    done = subprocess.run(
        [tool, "--quiet", "-p", build, os.path.join(ROOT, name)],
        capture_output=True, text=True, cwd=ROOT)
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")


def configure_one_by_one(build):
    """A build directory that is never built; its compile commands name single files."""
    directory = os.path.join(build, "one-by-one")
    subprocess.run(["meson", "setup", "--wipe" if os.path.isdir(directory) else "-Dunity=off",
                    directory, ROOT], check=True, stdout=subprocess.DEVNULL)
    return directory


def check_tidy(tree, build):
    tool = shutil.which(f"clang-tidy-{VERSION}")
    if tool is None:
        return SKIPPED
    version = subprocess.run([tool, "--version"], capture_output=True, text=True).stdout
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                         "postern", "clang-tidy")
    os.makedirs(cache, exist_ok=True)
    waiting = {}
    build = configure_one_by_one(build)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            path = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
            name = os.path.relpath(path, ROOT)
            if name.startswith(CHECKED) and name in tree.texts:
                command = entry["command"].replace(entry["directory"], "").replace(ROOT, "")
                key = key_of(tree, name, command, version)
                if not os.path.exists(os.path.join(cache, key)):
                    waiting[name] = key
    print(f"clang-tidy: {len(waiting)} files to look at", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(clang_tidy, tool, build, name): name for name in waiting}
        for job in concurrent.futures.as_completed(jobs):
            status, output = job.result()
            if status == 0:
                open(os.path.join(cache, waiting[jobs[job]]), "w").close()
            else:
                failed += 1
                print(output, flush=True)
    print(f"clang-tidy: {failed} files with violations")
    return 1 if failed else 0


def main():
    tree = read_tree(ROOT)
    if sys.argv[1:] == ["format"]:
        return check_format(tree)
    if len(sys.argv) == 3 and sys.argv[1] == "tidy":
        return check_tidy(tree, os.path.abspath(sys.argv[2]))
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
