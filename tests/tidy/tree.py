"""The source tree as the rules see it: names and texts, from disk or made up by the self-test.

Names are relative to the root, with '/'. A tree from disk holds what git would commit (tracked and
untracked, not ignored); without git, everything outside build and cache directories.
"""
import os
import subprocess

SKIPPED_DIRECTORIES = {".git", ".deps", ".cache", "var", "node_modules", "__pycache__"}


class Tree:
    def __init__(self, texts, pictures=()):
        self.texts = texts  # name -> text
        self.pictures = set(pictures)  # names of what is no text
        self.names = sorted(texts)

    def lines(self, name):
        return self.texts[name].split("\n")

    def ending(self, *endings):
        return [name for name in self.names if name.endswith(endings)]

    def sources(self):
        return self.ending(".cpp", ".hpp")

    def folder_of(self, name):
        """'imap' for src/imap/…, None for what is not in a folder of src/."""
        parts = name.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    def resolve_include(self, name, included):
        """The name of the file that `#include "included"` in `name` means, or None."""
        here = name.rsplit("/", 1)[0] + "/" if "/" in name else ""
        for prefix in ("src/", "include/", "tests/", "bench/", here):
            if prefix + included in self.texts:
                return prefix + included
        return None


def names_on_disk(root):
    git = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True)
    if git.returncode == 0 and git.stdout:
        return sorted({name.decode() for name in git.stdout.split(b"\0") if name})
    names = []
    for directory, folders, files in os.walk(root):
        folders[:] = [f for f in folders
                      if f not in SKIPPED_DIRECTORIES and not f.startswith("build")]
        relative = os.path.relpath(directory, root)
        names += [os.path.normpath(os.path.join(relative, file)) for file in files]
    return sorted(names)


def read_tree(root):
    texts, pictures = {}, []
    for name in names_on_disk(root):
        path = os.path.join(root, name)
        if not os.path.isfile(path) or os.path.islink(path):
            continue
        with open(path, "rb") as file:
            data = file.read()
        if b"\0" not in data:
            texts[name] = data.decode("utf-8", errors="replace")
        else:
            pictures.append(name)
    return Tree(texts, pictures)
