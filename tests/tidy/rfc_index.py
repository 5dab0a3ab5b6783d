"""docs/rfc-index.tsv against the citations in the tree.

Columns: number, title, status, files, tests. Status: yes (all that concerns a mail server),
partial, planned, no (we do not mean to). The last two are filled by `tools/lint --fix`; they may
lag behind, but what they name must be true:
files are those of src/ and include/ that cite the RFC; tests are those below tests/ that cite it,
and the tests of the files that do. A citation is written `RFC 5321 §4.1.1.4`.
"""
import os
import re

INDEX = "docs/rfc-index.tsv"
HEADER = "number\ttitle\tstatus\tfiles\ttests"
STATUSES = ("yes", "partial", "planned", "no")
CITATION = re.compile(r"\bRFC (\d{3,5})\b")
# In comments; what is printed for people may say «section».
LOOSE = re.compile(r"//.*(\bRFC\d{4,5}\b|\bRFC \d{3,5},? (?:[Ss]ections?|[Ss]ec\.)(?= ?\d))")
CITING = (".cpp", ".hpp", ".py", ".mjs", ".md", ".txt", "meson.build")


def citing_files(tree):
    return [name for name in tree.names
            if name.endswith(CITING) and not name.startswith("tests/tidy/") and name != "LICENSE"]


def citations(tree):
    """RFC number -> names of the files that cite it."""
    cited = {}
    for name in citing_files(tree):
        for match in CITATION.finditer(tree.texts[name]):
            cited.setdefault(int(match.group(1)), set()).add(name)
    return cited


def tests_of(tree, names):
    """The tests among these files, and those named after a source file among them."""
    tests = {name for name in names if name.startswith("tests/")}
    for name in names:
        folder = tree.folder_of(name)
        if folder is not None:
            stem = os.path.splitext(os.path.basename(name))[0]
            test = f"tests/{folder}/{stem}_test.cpp"
            if test in tree.texts:
                tests.add(test)
    return tests


def rows(tree):
    """(line, list of columns) of each row."""
    if INDEX not in tree.texts:
        return []
    return [(number, line.split("\t")) for number, line in enumerate(tree.lines(INDEX), 1)
            if line and number > 1]


def generated(tree, number, cited):
    names = cited.get(number, set())
    files = sorted(name for name in names if name.startswith(("src/", "include/")))
    return [" ".join(files), " ".join(sorted(tests_of(tree, names)))]


def regenerate(tree):
    cited = citations(tree)
    lines = [HEADER]
    best = {}  # a merge may leave a row twice: the further status stays
    for _, row in rows(tree):
        before = best.get(row[0])
        if before is None or STATUSES.index(row[2]) < STATUSES.index(before[2]):
            best[row[0]] = row
    for number, title, status, *_ in sorted(best.values(), key=lambda row: int(row[0])):
        files, tests = generated(tree, int(number), cited)
        lines.append("\t".join([number, title, status, files, tests]))
    return "\n".join(lines) + "\n"


def index_is_sound(tree):
    if INDEX not in tree.texts:
        yield INDEX, 1, "missing"
        return
    if tree.lines(INDEX)[0] != HEADER:
        yield INDEX, 1, "its first line is not the header"
    before = 0
    cited = citations(tree)
    for line, row in rows(tree):
        if len(row) != 5 or not row[0].isdigit() or not row[1]:
            yield INDEX, line, "not five columns: " + HEADER.replace("\t", ", ")
            continue
        number = int(row[0])
        if number <= before:
            yield INDEX, line, f"RFC {number} is out of order or twice there"
        before = number
        if row[2] not in STATUSES:
            yield INDEX, line, f"status {row[2]} is none of {', '.join(STATUSES)}"
        files, tests = generated(tree, number, cited)
        untrue = set(row[3].split()) - set(files.split()) | set(row[4].split()) - set(tests.split())
        if untrue:
            yield INDEX, line, f"RFC {number} is not cited in {min(untrue)}: tools/lint --fix"
        if row[2] == "yes" and not files:
            yield INDEX, line, f"RFC {number} is «yes» and no source cites it"
        if row[2] == "yes" and not tests:
            yield INDEX, line, f"RFC {number} is «yes» and nothing tests it"


def citations_are_known(tree):
    known = {int(row[0]) for _, row in rows(tree) if row[0].isdigit()}
    for name in citing_files(tree):
        for number, line in enumerate(tree.lines(name), 1):
            for match in CITATION.finditer(line):
                if int(match.group(1)) not in known:
                    yield name, number, f"RFC {match.group(1)} has no row in {INDEX}"
            loose = LOOSE.search(line)
            if loose:
                yield name, number, f"«{loose.group(1)}»: citations are written `RFC 5321 §4.1.1`"


RULES = {"rfc-index": index_is_sound, "rfc-citations": citations_are_known}
