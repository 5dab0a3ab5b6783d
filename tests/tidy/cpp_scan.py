"""A small scanner of C++: enough to blank comments and strings and to find function bodies.

It is no parser. A function is a brace whose text before it ends in a parameter list (and what may
follow one); blocks inside a function belong to it, so a lambda counts to the function around it.
"""
import re

RAW_STRING = re.compile(r'R"([^()\\ ]{0,16})\(')


def blank_comments_and_strings(text):
    """The same text, as long and with the same lines, its comments and literals made blank."""
    out = []
    i, n = 0, len(text)

    def blank(upto):
        out.append(re.sub(r"[^\n]", " ", text[i:upto]))
        return upto

    while i < n:
        c = text[i]
        if text.startswith("//", i):
            end = text.find("\n", i)
            i = blank(n if end < 0 else end)
        elif text.startswith("/*", i):
            end = text.find("*/", i + 2)
            i = blank(n if end < 0 else end + 2)
        elif c == "R" and (raw := RAW_STRING.match(text, i)) and not _in_word(text, i):
            end = text.find(")" + raw.group(1) + '"', raw.end())
            i = blank(n if end < 0 else end + len(raw.group(1)) + 2)
        elif c == '"' or (c == "'" and not _in_word(text, i)):
            end = i + 1
            while end < n and text[end] != c and text[end] != "\n":
                end += 2 if text[end] == "\\" else 1
            i = blank(min(end + 1, n))
        else:
            out.append(c)
            i += 1
    return "".join(out)


def _in_word(text, i):  # a digit separator, or the end of an identifier
    return i > 0 and (text[i - 1].isalnum() or text[i - 1] == "_")


AFTER_PARAMETERS = re.compile(
    r"\)\s*(?:const\b|noexcept\b(?:\([^()]*\))?|override\b|final\b|mutable\b|try\b|&&?|->[^;{}=]*|"
    r"requires\b[^;{}]*|\s)*$")
MEMBER_INITIALISER = re.compile(r"\)[^;{}()]*:(?!:)(?:.*,)?\s*[\w:<>, ]+$", re.S)
CONTROL = re.compile(r"^\s*(?:if|for|while|switch|namespace|class|struct|union|enum)\b")


def functions(text):
    """(first line, last line) of each outermost function body; lines count from 1."""
    code = blank_comments_and_strings(text)
    code = re.sub(r"(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), code)
    stack = []  # kinds: function, initialiser, other
    since = 0  # where the text before the next brace begins
    line = 1
    after_initialiser = False
    inside = 0  # depth of braces inside the outermost function
    opened = 0
    found = []
    for i, c in enumerate(code):
        if c == "\n":
            line += 1
        elif c == "{":
            if inside:
                inside += 1
            else:
                kind = _kind(code[since:i], after_initialiser)
                if kind == "function":
                    inside, opened = 1, line
                else:
                    stack.append(kind)
            since, after_initialiser = i + 1, False
        elif c == "}":
            if inside:
                inside -= 1
                if inside == 0:
                    found.append((opened, line))
            elif stack:
                after_initialiser = stack.pop() == "initialiser"
            since = i + 1
        elif c == ";":
            since, after_initialiser = i + 1, False
    return found


def _kind(before, after_initialiser):
    if after_initialiser:
        if not before.strip():
            return "function"
        if before.lstrip().startswith(","):
            return "function" if before.rstrip().endswith(")") else "initialiser"
    if CONTROL.match(before) and not before.rstrip().endswith(")"):
        return "other"
    if AFTER_PARAMETERS.search(before):
        return "function"
    return "initialiser" if MEMBER_INITIALISER.search(before) else "other"


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)


def quoted_includes(text):
    """(line, name) of each quoted include."""
    return [(text.count("\n", 0, m.start()) + 1, m.group(1)) for m in INCLUDE.finditer(text)]


def head_comment(text):
    """The lines of the comment that opens a file, without their slashes."""
    lines = []
    for line in text.split("\n"):
        if not line.startswith("//"):
            break
        lines.append(line[2:].rstrip())
    return lines
