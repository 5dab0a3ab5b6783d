#!/usr/bin/env python3
"""clang-format and clang-tidy over the tree.

  clang_checks.py format        every .cpp and .hpp is as .clang-format has it
  clang_checks.py tidy BUILD    src/ and bench/ against .clang-tidy, with the compile commands of
                                BUILD/one-by-one, configured here: BUILD's join files

Most of clang-tidy's work is the headers, so it reads up to sixteen files of a target as one, in the
order opposite to that of the build's joins: an include that is missing is seen here or there. What
passed is remembered by the hash of all that the verdict hangs on: the texts of the files and of
each header of ours that they reach, their compile command, .clang-tidy and the tool's version. The
memory is ${XDG_CACHE_HOME:-~/.cache}/postern/clang-tidy, one empty file each.
Status: 0 clean, 1 violations, 77 (skipped) when the tool is not installed.
"""
import concurrent.futures
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cpp_scan import quoted_includes  # noqa: E402
from tree import read_tree  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
VERSION = "19"
SKIPPED = 77
JOINED_MAX = 16
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


def key_of(tree, names, command, version):
    digest = hashlib.sha256()
    for part in (version, command, tree.texts[".clang-tidy"]):
        digest.update(part.encode() + b"\0")
    seen = set()
    for name in names:
        reached(tree, name, seen)
    for file in [*names, *sorted(seen)]:
        digest.update(file.encode() + b"\0" + tree.texts[file].encode() + b"\0")
    return digest.hexdigest()


def configure_one_by_one(build):
    """A build directory that is never built; its compile commands name single files."""
    directory = os.path.join(build, "one-by-one")
    subprocess.run(["meson", "setup", "--wipe" if os.path.isdir(directory) else "-Dunity=off",
                    directory, ROOT], check=True, stdout=subprocess.DEVNULL)
    return directory


def joins(tree, build):
    """(options, names): files of one target with the same options, the last of them first."""
    targets = {}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            name = os.path.relpath(
                os.path.normpath(os.path.join(entry["directory"], entry["file"])), ROOT)
            if name.startswith(CHECKED) and name in tree.texts:
                words = shlex.split(entry["command"])
                end = words.index("-MD")  # after it: the dependency file, the object, the source
                start = next(at for at, word in enumerate(words) if word.startswith("-"))
                options = [word for word in words[start:end] if not word.endswith(".p")]
                target = os.path.dirname(entry["output"])
                targets.setdefault((target, tuple(options)), []).append(name)
    for (_, options), names in targets.items():
        for at in range(0, len(names), JOINED_MAX):
            yield options, names[at:at + JOINED_MAX][::-1]


def clang_tidy(tool, build, key, options, names):
    joined = os.path.join(build, f"{key}.cpp")
    with open(joined, "w", encoding="utf-8") as file:
        file.writelines(f'#include "{os.path.join(ROOT, name)}"\n' for name in names)
    done = subprocess.run([tool, "--quiet", f"--config-file={ROOT}/.clang-tidy", joined, "--",
                           *options], capture_output=True, text=True, cwd=build)
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")


def check_tidy(tree, build):
    tool = shutil.which(f"clang-tidy-{VERSION}")
    if tool is None:
        return SKIPPED
    version = subprocess.run([tool, "--version"], capture_output=True, text=True).stdout
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                         "postern", "clang-tidy")
    os.makedirs(cache, exist_ok=True)
    build = configure_one_by_one(build)
    waiting = {}
    for options, names in joins(tree, build):
        key = key_of(tree, names, " ".join(options).replace(ROOT, ""), version)
        if not os.path.exists(os.path.join(cache, key)):
            waiting[key] = (options, names)
    files = sum(len(names) for _, names in waiting.values())
    print(f"clang-tidy: {files} files to look at, in {len(waiting)} joins", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(clang_tidy, tool, build, key, *work): key
                for key, work in waiting.items()}
        for job in concurrent.futures.as_completed(jobs):
            status, output = job.result()
            if status == 0:
                open(os.path.join(cache, jobs[job]), "w").close()
            else:
                failed += 1
                print(output, flush=True)
    print(f"clang-tidy: {failed} joins with violations")
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
