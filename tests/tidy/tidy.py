#!/usr/bin/env python3
"""Checks the rules of the house that a machine can check; see README.md beside this file.

  tidy.py [--root DIR]         prints each violation as name:line: rule: words; status 1 if any
  tidy.py --fix [--root DIR]   first brings the generated columns of docs/rfc-index.tsv up to date
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rfc_index  # noqa: E402
import rules_code  # noqa: E402
import rules_text  # noqa: E402
import rules_tree  # noqa: E402
from tree import read_tree  # noqa: E402

# name -> function(tree) that yields (file name, line, words)
RULES = {**rules_text.RULES, **rules_code.RULES, **rules_tree.RULES, **rfc_index.RULES}


def check(tree, only=None):
    for rule, function in RULES.items():
        if only is None or rule == only:
            for name, line, words in function(tree):
                yield name, line, rule, words


def main():
    parser = argparse.ArgumentParser(description="checks the rules of the house")
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "..", ".."))
    parser.add_argument("--fix", action="store_true", help="rewrite what is generated, then check")
    parser.add_argument("--rule", choices=sorted(RULES), help="only this rule")
    arguments = parser.parse_args()
    root = os.path.abspath(arguments.root)
    tree = read_tree(root)
    if arguments.fix:
        with open(os.path.join(root, rfc_index.INDEX), "w", encoding="utf-8") as file:
            file.write(rfc_index.regenerate(tree))
        tree = read_tree(root)
    violations = list(check(tree, arguments.rule))
    for name, line, rule, words in sorted(violations):
        print(f"{name}:{line}: {rule}: {words}")
    print(f"tidy: {len(tree.names)} files, {len(RULES)} rules, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
