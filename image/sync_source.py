#!/usr/bin/env python3
"""Brings the copy of the source tree in the build root up to date.

  sync_source.py DIR

Copies what git would commit (tracked and new files) and differs from what DIR has, and removes
what is no longer there; a file that did not change keeps its time stamp, so that a second build
compiles only what changed. Build directories in DIR stay.
"""
import os
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "tidy"))
from tree import names_on_disk  # noqa: E402

KEPT = ("build", ".deps")


def same(one, other):
    if os.path.islink(one) or os.path.islink(other) or not os.path.exists(other):
        return False
    if (os.stat(one).st_mode, os.stat(one).st_size) != (os.stat(other).st_mode,
                                                        os.stat(other).st_size):
        return False
    with open(one, "rb") as first, open(other, "rb") as second:
        return first.read() == second.read()


def remove_stale(target, wanted):
    for directory, folders, files in os.walk(target):
        here = os.path.relpath(directory, target)
        if here == ".":
            folders[:] = [f for f in folders if not f.startswith(KEPT)]
        for file in files:
            if os.path.normpath(os.path.join(here, file)) not in wanted:
                os.unlink(os.path.join(directory, file))


def main():
    target = sys.argv[1]
    names = {name for name in names_on_disk(ROOT) if os.path.exists(os.path.join(ROOT, name))}
    os.makedirs(target, exist_ok=True)
    remove_stale(target, names)
    for name in sorted(names):
        source, copy = os.path.join(ROOT, name), os.path.join(target, name)
        if not same(source, copy):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            if os.path.lexists(copy):
                os.unlink(copy)
            shutil.copyfile(source, copy, follow_symlinks=False)
            if not os.path.islink(copy):
                shutil.copymode(source, copy)


if __name__ == "__main__":
    main()
