"""Rules about the tree: nothing dead, every folder explained, tests named after what they test."""
import os
import re

from cpp_scan import quoted_includes

ROW = re.compile(r"^\|([^|]*)\|")
NAMED = re.compile(r"`([^`]+)`")
# Tests of a folder as a whole, named after what happens to it.
OF_WHOLE_FOLDERS = {"tests/store/delivery_test.cpp", "tests/store/rebuild_test.cpp",
                    "tests/store/uring_test.cpp"}
SOURCE_ENDINGS = (".cpp", ".hpp", ".py", ".mjs")


def dead_files(tree):
    """Every .cpp is named in a meson.build of its folder or one above; every .hpp is included,
    or named there too."""
    included = set()
    for name in tree.sources():
        for _, target in quoted_includes(tree.texts[name]):
            included.add(tree.resolve_include(name, target))
    for name in tree.sources():
        if name.endswith(".hpp"):
            if not (name in included or name.startswith("include/") or is_built(tree, name)):
                yield name, 1, "no file includes it"
        elif not is_built(tree, name):
            yield name, 1, "no meson.build names it"


def is_built(tree, name):
    folder, file = os.path.split(name)
    while True:
        build = os.path.join(folder, "meson.build")
        if f"'{file}'" in tree.texts.get(build, ""):
            return True
        if not folder:
            return False
        folder, parent = os.path.split(folder)
        file = f"{parent}/{file}"


def mirrors_source(tree, folder):
    """tests/base mirrors src/base and is explained by it."""
    parts = folder.split("/")
    return len(parts) == 2 and parts[0] == "tests" and (
        any(name.startswith(f"src/{parts[1]}/") for name in tree.names))


def stems_in_table(lines):
    """Stem -> line, of the tables whose first column is headed «file»."""
    named = {}
    of_files = False
    before = ""
    for number, line in enumerate(lines, 1):
        row = ROW.match(line)
        if row and not before.startswith("|"):
            of_files = row.group(1).strip() == "file"
        elif row and of_files:
            stems = NAMED.findall(row.group(1))
            for stem in stems:
                if stem.startswith("_"):  # `database` (`_load`) means database_load
                    stem = stems[0] + stem
                named[re.sub(r"\.(cpp|hpp|py|mjs)$", "", stem)] = number
        before = line
    return named


def folder_readmes(tree):
    """The table of a folder's README names each stem in it, and nothing that is not there."""
    folders = {}
    for name in tree.ending(*SOURCE_ENDINGS):
        folder, file = os.path.split(name)
        folders.setdefault(folder, set()).add(file.rsplit(".", 1)[0])
    for folder, stems in sorted(folders.items()):
        readme = f"{folder}/README.md"
        if mirrors_source(tree, folder) or folder.startswith("include/"):
            continue
        if readme not in tree.texts:
            yield readme, 1, "missing: a table of the folder's files, one line each"
            continue
        named = stems_in_table(tree.lines(readme))
        for stem in sorted(stems - set(named)):
            if stem.endswith("_test") and stem[:-len("_test")] in named:
                continue  # a test beside what it tests
            yield readme, 1, f"its table does not name {stem}"
        here = {os.path.split(name)[1] for name in tree.names if os.path.split(name)[0] == folder}
        below = {name[len(folder) + 1:].split("/")[0] for name in tree.names
                 if name.startswith(folder + "/")}
        for stem in sorted(set(named) - stems):
            if stem not in here and stem.rstrip("/") not in below:
                yield readme, named[stem], f"names {stem}, which is not in the folder"


def extension_names(tree):
    """The extensions of IMAP, as the keywords of their capabilities are called."""
    text = tree.texts.get("src/imap/capability.hpp", "")
    return set(re.findall(r"std::string_view (\w+) = \"", text))


def smtp_extension_names(tree):
    """Those of SMTP: the keywords of EHLO's answer, in lower case."""
    text = tree.texts.get("src/smtp/cmd_ehlo.cpp", "")
    return {word.lower().replace("-", "_") for word in re.findall(r"\\n([A-Z0-9-]{3,})", text)}


def test_names(tree):
    """tests/<module>/<stem>_test.cpp is named after a stem of src/<module> or an extension."""
    extensions = {"imap": extension_names(tree), "smtp": smtp_extension_names(tree)}
    for name in tree.ending("_test.cpp"):
        parts = name.split("/")
        if len(parts) != 3 or not mirrors_source(tree, f"{parts[0]}/{parts[1]}"):
            continue
        if name in OF_WHOLE_FOLDERS:
            continue
        stem = parts[2][:-len("_test.cpp")]
        if stem in extensions.get(parts[1], ()):
            continue
        # One test may try several files that share the first word: postern_main, postern_output.
        if not any(name.startswith((f"src/{parts[1]}/{stem}.", f"src/{parts[1]}/{stem}_"))
                   for name in tree.names):
            yield name, 1, f"there is no src/{parts[1]}/{stem}"


RULES = {
    "dead-files": dead_files,
    "folder-readmes": folder_readmes,
    "test-names": test_names,
}
