"""Rules about any text: columns, blanks, lengths, names that must not appear, documents named."""
import os
import re

COLUMNS_MAX = 100
LINES_MAX = 1000
LINES_WITHOUT_REASON_MAX = 500
CODE_ENDINGS = (".cpp", ".hpp", ".py", ".mjs", "meson.build", "meson_options.txt")
# Bytes there are the matter itself: mail, transcripts, corpora, the licence.
VERBATIM = ("LICENSE", "tests/transcripts/", "tests/fuzz/corpus/", "tests/data/")


def is_code(tree, name):
    return (name.endswith(CODE_ENDINGS) or name.startswith(("tools/", ".ci/", "image/"))) and (
        not name.endswith((".md", ".pin")))


def is_verbatim(name):
    return name.startswith(VERBATIM)


def columns(tree):
    for name in tree.names:
        if is_code(tree, name) and not is_verbatim(name):
            for number, line in enumerate(tree.lines(name), 1):
                if len(line) > COLUMNS_MAX:
                    yield name, number, f"{len(line)} columns, at most {COLUMNS_MAX}"


def blanks(tree):
    for name in tree.names:
        if is_verbatim(name):
            continue
        for number, line in enumerate(tree.lines(name), 1):
            if line != line.rstrip() and not name.endswith(".tsv"):
                yield name, number, "trailing whitespace"
            if "\t" in line and not name.endswith(".tsv"):
                yield name, number, "a tab"
        if tree.texts[name] and not tree.texts[name].endswith("\n"):
            yield name, len(tree.lines(name)), "no newline at the end"


def file_length(tree):
    for name in tree.names:
        if not is_code(tree, name) or is_verbatim(name):
            continue
        count = len(tree.lines(name)) - 1
        if count > LINES_MAX:
            yield name, LINES_MAX, f"{count} lines, at most {LINES_MAX}"
        elif count > LINES_WITHOUT_REASON_MAX and not head_gives_reason(tree.lines(name)):
            yield name, 1, f"{count} lines and no line «Long for a reason: …» in the head"


def head_gives_reason(lines):
    return any("reason" in line.lower() for line in lines[:20])


# Split so that this file does not contain them.
FORBIDDEN = (
    ("registry host name", re.compile(r"(deb" + r"ian\.org|npm" + r"js\.(org|com))", re.I)),
    ("a path outside the repository", re.compile(r"(?<![\w.])/wo" + r"rk/")),
)


def forbidden_names(tree):
    for name in tree.names:
        for number, line in enumerate(tree.lines(name), 1):
            for what, pattern in FORBIDDEN:
                if pattern.search(line) and not name.endswith("LICENSE"):
                    yield name, number, what


DOCUMENT = re.compile(r"(?<![\w/.<*{-])((?:[\w.-]+/)*[\w-]+\.md)\b")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def documents_exist(tree):
    """A document named in a comment or in another document is there; so is a link's target."""
    there = {os.path.dirname(name) for name in tree.names} | tree.pictures | set(tree.texts)
    for name in tree.names:
        if is_verbatim(name) or name.startswith("tests/tidy/") and name.endswith(".py"):
            continue
        here = os.path.dirname(name)
        for number, line in enumerate(tree.lines(name), 1):
            named = DOCUMENT.findall(line)
            if name.endswith(".md"):
                named += LINK.findall(line)
            for target in named:
                places = [os.path.normpath(os.path.join(place, target))
                          for place in (here, "", "docs", "docs/internals")]
                if not any(place in there for place in places):
                    yield name, number, f"there is no {target}"


RULES = {
    "columns": columns,
    "blanks": blanks,
    "file-length": file_length,
    "forbidden-names": forbidden_names,
    "documents-exist": documents_exist,
}
