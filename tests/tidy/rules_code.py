"""Rules about C++: head comments, function length, who may include whom, coroutine parameters."""
import re

from cpp_scan import blank_comments_and_strings, functions, head_comment, quoted_includes

FUNCTION_LINES_MAX = 70
HEAD_LINES_MIN = 2
HEAD_LINES_MAX = 14
BRIEF_LINES_MAX = 60

# The include table (ARCHITECTURE.md): each folder and all it may include besides itself.
BELOW_STORE = ["base", "engine", "net", "tls", "dns", "message"]
BELOW_QUEUE = BELOW_STORE + ["store", "auth", "mailauth"]
BELOW_PROTOCOLS = BELOW_QUEUE + ["timeline", "queue"]
BELOW_ADMIN = BELOW_PROTOCOLS + ["smtp", "imap", "pop3"]
MAY_INCLUDE = {
    "base": [],
    "engine": ["base"],
    "net": ["base", "engine"],
    "tls": ["base", "engine", "net"],
    "dns": ["base", "engine", "net"],
    "update": ["base", "tls"],
    "message": ["base"],
    "store": BELOW_STORE,
    "auth": BELOW_STORE,
    "mailauth": BELOW_STORE,
    "timeline": BELOW_QUEUE,
    "backup": ["base", "tls", "message", "store", "auth"],
    "queue": BELOW_QUEUE + ["timeline"],
    "smtp": BELOW_PROTOCOLS,
    "imap": BELOW_PROTOCOLS,
    "pop3": BELOW_PROTOCOLS,
    "admin": BELOW_ADMIN,
    "console": BELOW_ADMIN + ["admin"],
    "app": BELOW_ADMIN + ["admin", "update", "backup", "console"],
}

# Files that take bytes and return values, and are fuzzed as they stand: nothing of engine, net or
# tls may reach them, however indirectly. Patterns over names.
PARSERS = re.compile(
    r"^src/(base/.*|message/.*|auth/(names|sasl)|smtp/(command|arguments|parse\w*|grammar)|"
    r"imap/(wire\w*|decoder|parse\w*|grammar)|pop3/(command|parse\w*)|store/(index_log|"
    r"file_name|mailbox_name|log_format|facts\w*))\.[ch]pp$")
ENGINE_SIDE = ("src/engine/", "src/net/", "src/tls/", "src/dns/")


def head_comments(tree):
    """Prose counts; indented lines (a table, an example, the bytes of a format) do not."""
    for name in tree.sources():
        head = head_comment(tree.texts[name])
        prose = [line for line in head if line and not line.startswith("  ")]
        if not head:
            yield name, 1, "does not open with a comment that says what it is"
        elif len(prose) > HEAD_LINES_MAX:
            yield name, 1, f"head comment of {len(prose)} lines of prose, at most {HEAD_LINES_MAX}"
        elif len(prose) < HEAD_LINES_MIN and not may_be_brief(tree, name):
            yield name, 1, f"head comment of one line, at least {HEAD_LINES_MIN}"


def may_be_brief(tree, name):
    """The contract stands elsewhere: in the header of the same stem or the one that the line
    names, in the command table, in the source a test is named after. A short file explains itself.
    """
    text = tree.texts[name]
    if text.count("\n") <= BRIEF_LINES_MAX or name.endswith(("/limits.hpp", "_test.cpp")):
        return True
    if not name.endswith(".cpp"):
        return False
    return (name[:-len("cpp")] + "hpp" in tree.texts or "/cmd_" in name
            or ".hpp" in text.split("\n", 1)[0])


def function_length(tree):
    for name in tree.sources():
        for first, last in functions(tree.texts[name]):
            if last - first + 1 > FUNCTION_LINES_MAX:
                yield name, first, f"function of {last - first + 1} lines, at most " \
                                   f"{FUNCTION_LINES_MAX}"


def include_table(tree):
    for name in tree.sources():
        folder = tree.folder_of(name)
        if folder is not None and folder not in MAY_INCLUDE:
            yield name, 1, f"src/{folder} is not in the include table"
            continue
        for line, included in quoted_includes(tree.texts[name]):
            target = tree.resolve_include(name, included)
            if target is None:
                yield name, line, f"includes \"{included}\", which is not in the tree"
                continue
            other = tree.folder_of(target)
            if name.startswith("include/") and not target.startswith("include/"):
                yield name, line, f"the public face may not include {target}"
            if folder is None:
                continue
            if other is None and not target.startswith("include/"):
                yield name, line, f"src may not include {target}"
            elif other not in (None, folder) and other not in MAY_INCLUDE[folder]:
                yield name, line, f"{folder} may not include {other} (the include table)"


def parsers_are_pure(tree):
    for name in tree.sources():
        if PARSERS.match(name):
            chain = path_to_engine(tree, name, {name})
            if chain:
                yield name, 1, "a parser that reaches the engine: " + " -> ".join(chain)


def path_to_engine(tree, name, seen):
    for _, included in quoted_includes(tree.texts[name]):
        target = tree.resolve_include(name, included)
        if target is None or target in seen:
            continue
        seen.add(target)
        if target.startswith(ENGINE_SIDE):
            # engine/limits.hpp and the like hold numbers only.
            if not target.endswith("/limits.hpp"):
                return [target]
            continue
        rest = path_to_engine(tree, target, seen)
        if rest:
            return [target] + rest
    return []


TASK_FUNCTION = re.compile(
    r"\btask<(?:[^<>;{}()]|<(?:[^<>]|<[^<>]*>)*>)*>\s+(?:\w+::)*(\w+)\(([^;{}]*?)\)")
KEPT = re.compile(r"\b(?:spawn|push_back|emplace_back)\(\s*(?:\w+(?:::|\.|->))*(\w+)\(")
TEMPORARY = re.compile(r"\bconst\s+[\w:<>, ]+&(?!&)|\b[\w:>]+\s*&&")


def coroutine_parameters(tree):
    """A task that is spawned or kept outlives the expression that makes it, so no parameter of
    its function may bind to a temporary. `T&` binds to named objects only and is allowed; so are
    views. A task that is awaited where it is made may take what it likes."""
    functions_found, kept = [], set()
    for name in tree.sources():
        if name.startswith("src/"):
            code = blank_comments_and_strings(tree.texts[name])
            kept |= {match.group(1) for match in KEPT.finditer(code)}
            functions_found += [(name, code.count("\n", 0, match.start()) + 1, *match.groups())
                                for match in TASK_FUNCTION.finditer(code)]
    for name, line, function, parameters in functions_found:
        if function in kept and TEMPORARY.search(parameters):
            yield name, line, f"{function} is spawned or kept, and takes `const T&` or `T&&`"

# Eight files of a folder are compiled as one (tools/build), so what stands in their anonymous
# namespaces shares one scope; and the same helper in two files is a helper that wants a header.
HIDDEN = re.compile(
    r"(?:struct|class|enum|enum class) (?P<type>\w+) \{|"
    r"(?:[\w:<>,&*\[\] ]+? )[&*]?(?P<value>\w+)(?:\{| =|\[|;)|"
    r"(?:[\w:<>,&*\[\] ]+? )[&*]?(?P<function>\w+\([^()]*\))")
NOT_HIDDEN = ("using ", "template", "friend ", "return ")


def hidden_names(text):
    """(line, name or signature) of what stands in anonymous namespaces, at their first level."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line == "namespace {":
            inside = True
        elif line.startswith("}  // namespace"):
            inside = False
        elif inside and line and line[0].isalpha() and not line.startswith(NOT_HIDDEN):
            found = HIDDEN.match(line)
            if found:
                yield number, found["type"] or found["value"] or found["function"]


def hidden_names_differ(tree):
    seen = {}
    for name in tree.sources():
        if not name.endswith(".cpp") or name.endswith("_main.cpp"):
            continue  # a program's own file is compiled by itself
        for line, hidden in hidden_names(tree.texts[name]):
            first = seen.setdefault((name.rpartition("/")[0], hidden), name)
            if first != name:
                yield name, line, f"{hidden} stands in {first} too, compiled together"


RULES = {
    "head-comment": head_comments,
    "function-length": function_length,
    "include-table": include_table,
    "parsers-are-pure": parsers_are_pure,
    "coroutine-parameters": coroutine_parameters,
    "hidden-names": hidden_names_differ,
}
