#!/usr/bin/env python3
"""Tests the checker: each rule has a seeded violation that it must catch, in a small tree that is
clean without it; and the scanner of C++ is tried on the forms that fool scanners.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rfc_index  # noqa: E402
from cpp_scan import blank_comments_and_strings, functions  # noqa: E402
from tidy import RULES, check  # noqa: E402
from tree import Tree  # noqa: E402

HEAD = "// What this is, in one line.\n// How it fails: RFC 5321 §4.1.1.\n"
TABLE = "# base\n\n| file | what |\n|---|---|\n| `text` | text |\n"


def clean_texts():
    texts = {
        "src/base/text.hpp": HEAD + "#pragma once\nint length(int);\n",
        "src/base/text.cpp": HEAD + '#include "base/text.hpp"\nint length(int a) {\n'
                             "    return a;\n}\n",
        "src/base/README.md": TABLE,
        "src/base/meson.build": "static_library('base', 'text.cpp')\n",
        "src/engine/task.hpp": HEAD + '#pragma once\n#include "base/text.hpp"\n',
        "src/engine/loop.cpp": HEAD + '#include "engine/task.hpp"\n',
        "src/engine/README.md": TABLE.replace("text", "task") + "| `loop` | the loop |\n",
        "src/engine/meson.build": "static_library('engine', 'loop.cpp')\n",
        "tests/base/text_test.cpp": HEAD + '#include "base/text.hpp"\n',
        "tests/base/meson.build": "executable('base_test', 'text_test.cpp')\n",
        "README.md": "See [base](src/base) and src/base/README.md.\n",
        rfc_index.INDEX: rfc_index.HEADER + "\n5321\tSimple Mail Transfer Protocol\tyes\t\t\n",
    }
    texts[rfc_index.INDEX] = rfc_index.regenerate(Tree(texts))
    return texts


def long_function(lines):
    return "int f(int a) {\n" + "    a += 1;\n" * (lines - 2) + "}\n"


def append(name, text):
    def change(texts):
        texts[name] = texts.get(name, "") + text
    return change


def hide_twice(line):
    def change(texts):
        for name in (SOURCE, "src/base/other.cpp"):
            texts[name] = texts.get(name, HEAD) + f"namespace {{\n{line}\n}}  // namespace\n"
    return change


def replace(name, old, new):
    def change(texts):
        assert old in texts[name], f"{old!r} is not in {name}"
        texts[name] = texts[name].replace(old, new)
    return change


def remove(name):
    return lambda texts: texts.pop(name)


SOURCE = "src/base/text.cpp"
# (rule, change to the clean tree, file it must be found in)
SEEDS = [
    ("columns", append(SOURCE, "// " + "x" * 98 + "\n"), SOURCE),
    ("blanks", append(SOURCE, "int a; \n"), SOURCE),
    ("blanks", append(SOURCE, "\tint a;\n"), SOURCE),
    ("blanks", append(SOURCE, "int a;"), SOURCE),
    ("file-length", append(SOURCE, "int a;\n" * 495), SOURCE),
    ("file-length", append(SOURCE, "// reason\n" * 996), SOURCE),
    ("forbidden-names", append("README.md", "deb." + "deb" + "ian.org\n"), "README.md"),
    ("forbidden-names", append("README.md", "registry." + "npm" + "js.org\n"), "README.md"),
    ("forbidden-names", append("README.md", "/wo" + "rk/main\n"), "README.md"),
    ("documents-exist", append("README.md", "see docs/nothing.md\n"), "README.md"),
    ("documents-exist", append("README.md", "see [this](src/nothing)\n"), "README.md"),
    ("documents-exist", append(SOURCE, "// see NOTHING.md\n"), SOURCE),
    ("head-comment", replace(SOURCE, HEAD, ""), SOURCE),
    ("head-comment", replace(SOURCE, HEAD, HEAD * 8), SOURCE),
    ("head-comment", append("src/engine/one.hpp", "// One line.\n" + "int a;\n" * 60),
     "src/engine/one.hpp"),
    ("function-length", append(SOURCE, long_function(71)), SOURCE),
    ("function-length", append(SOURCE, "class A {\n" + long_function(71) + "};\n"), SOURCE),
    ("include-table", append(SOURCE, '#include "engine/task.hpp"\n'), SOURCE),
    ("include-table", append(SOURCE, '#include "base/nothing.hpp"\n'), SOURCE),
    ("include-table", append("src/imap/a.cpp", HEAD + '#include "smtp/b.hpp"\n'),
     None),
    ("include-table", append("src/misc/a.cpp", HEAD), "src/misc/a.cpp"),
    ("parsers-are-pure", append("src/base/text.hpp", '#include "engine/task.hpp"\n'), SOURCE),
    ("coroutine-parameters", append(
        SOURCE, "task<Result<void>> f(const Thing& thing);\nscope.spawn(f(a));\n"), SOURCE),
    ("coroutine-parameters", append(
        SOURCE, "task<int> A::f(int a, Thing&& thing);\nall.push_back(it->f(1));\n"), SOURCE),
    ("hidden-names", hide_twice("int helper(int a) {"), None),
    ("hidden-names", hide_twice("constexpr int magic = 1;"), None),
    ("hidden-names", hide_twice("struct Sample {"), None),
    ("dead-files", append("src/base/dead.cpp", HEAD), "src/base/dead.cpp"),
    ("dead-files", append("src/base/dead.hpp", HEAD), "src/base/dead.hpp"),
    ("folder-readmes", remove("src/base/README.md"), "src/base/README.md"),
    ("folder-readmes", replace("src/base/README.md", "`text`", "text"), "src/base/README.md"),
    ("folder-readmes", append("src/base/README.md", "| `gone` | left |\n"), "src/base/README.md"),
    ("test-names", append("tests/base/nothing_test.cpp", HEAD), "tests/base/nothing_test.cpp"),
    ("rfc-index", remove(rfc_index.INDEX), rfc_index.INDEX),
    ("rfc-index", append(rfc_index.INDEX, "1\ta\tplanned\t\t\n"), rfc_index.INDEX),
    ("rfc-index", append(rfc_index.INDEX, "9999\ta\tmaybe\t\t\n"), rfc_index.INDEX),
    ("rfc-index", append(rfc_index.INDEX, "9999\ta\tyes\t\t\n"), rfc_index.INDEX),
    ("rfc-index", append(rfc_index.INDEX, "9999\ta\tplanned\tsrc/x\t\n"), rfc_index.INDEX),
    ("rfc-index", remove("tests/base/text_test.cpp"), rfc_index.INDEX),
    ("rfc-citations", append(SOURCE, "// RFC 1234 §1\n"), SOURCE),
    ("rfc-citations", append(SOURCE, "// RFC 5321 section 4\n"), SOURCE),
    ("rfc-citations", append(SOURCE, "// RFC5321 §4\n"), SOURCE),
]


class Rules(unittest.TestCase):
    def test_clean_tree_is_clean(self):
        self.assertEqual([], list(check(Tree(clean_texts()))))

    def test_every_rule_has_a_seed(self):
        self.assertEqual(set(RULES), {rule for rule, _, _ in SEEDS})

    def test_seeds_are_caught(self):
        for number, (rule, change, where) in enumerate(SEEDS):
            with self.subTest(rule=rule, number=number):
                texts = clean_texts()
                change(texts)
                found = {(name, found_by) for name, _, found_by, _ in check(Tree(texts), rule)}
                if where is None:
                    self.assertTrue(found)
                else:
                    self.assertIn((where, rule), found)

    def test_limits_themselves_pass(self):
        texts = clean_texts()
        texts[SOURCE] += "//" + "x" * 98 + "\n" + long_function(70)
        self.assertEqual([], list(check(Tree(texts))))

    def test_one_protocol_may_not_include_another(self):
        texts = clean_texts()
        texts["src/smtp/b.hpp"] = HEAD
        texts["src/imap/a.cpp"] = HEAD + '#include "smtp/b.hpp"\n'
        self.assertEqual(1, len(list(check(Tree(texts), "include-table"))))


class Scanner(unittest.TestCase):
    def lengths(self, text):
        return [last - first + 1 for first, last in functions(text)]

    def test_comments_and_strings_are_blanked(self):
        text = 'a = "{"; // {\nb = \'{\'; /* { */ c = R"x({")x"; 1\'000;\n'
        blanked = blank_comments_and_strings(text)
        self.assertEqual(len(text), len(blanked))
        self.assertNotIn("{", blanked)
        self.assertIn("1'000", blanked)

    def test_forms_of_functions(self):
        for text in ["int f() {\n}\n", "auto f(int a) const noexcept -> task<int> {\n}\n",
                     "X::X(int a) : a_(a), b_(1) {\n}\n", "X::X(int a) : a_{a}, b_{1} {\n}\n",
                     "class A {\n public:\n    void f() override { if (a) { b(); }\n}\n};\n",
                     "namespace a::b {\nvoid f(int x = 3) {\n}\n}\n",
                     "TEST(A, b) {\n}\n", "bool operator==(A a) const {\n}\n",
                     "template <class T>\nvoid f(T t) requires(sizeof(T) > 1) {\n}\n"]:
            with self.subTest(text=text):
                self.assertEqual([2], self.lengths(text))

    def test_what_is_no_function(self):
        for text in ["struct A {\n    int a;\n};\n", "int a[] = {\n1,\n};\n",
                     "enum class E : int {\na };\n", "#define F(x) {\nint a;\n",
                     "constexpr Row rows[] = {\n    {\"}\", 1},\n};\n"]:
            with self.subTest(text=text):
                self.assertEqual([], self.lengths(text))


if __name__ == "__main__":
    unittest.main()
