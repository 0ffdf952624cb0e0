"""Writes PyYAML's answers beside the files of this directory.

    python3 crates/yaml/tests/pyyaml/answers.py

in a virtual environment with PyYAML 6.0.2.

NAME.json holds what yaml.safe_load makes of NAME.yaml: lists of a type and a value, or the exception
that refuses the file, with line and column (from 1) if it has them.
"""

import datetime
import json
import pathlib

import yaml


def typed(value, above=()):
    """A value with its type, as lists. What contains itself is cut off."""
    if id(value) in above:
        return ["recursion"]
    above = (*above, id(value))
    inner = lambda member: typed(member, above)
    if value is None:
        return ["null"]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, str):
        return ["str", value]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, datetime.datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, datetime.date):
        return ["date", value.isoformat()]
    if isinstance(value, dict):
        return ["dict", [[inner(key), inner(member)] for key, member in value.items()]]
    if isinstance(value, set):
        return ["set", sorted((inner(member) for member in value), key=json.dumps)]
    if value and all(isinstance(member, tuple) for member in value):
        return ["pairs", [[inner(key), inner(member)] for key, member in value]]
    return ["list", [inner(member) for member in value]]


def answer(text):
    try:
        return typed(yaml.safe_load(text))
    except yaml.YAMLError as error:
        name = type(error).__module__ + "." + type(error).__name__
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            return {"refused": name}
        return {"refused": name, "line": mark.line + 1, "column": mark.column + 1}
    except RecursionError:
        return {"refused": "RecursionError"}
    # Python's own exceptions: the text is no number, no date, or no boolean.
    except (ArithmeticError, AttributeError, LookupError, ValueError):
        return {"refused": "ValueError"}


def main():
    for path in sorted(pathlib.Path(__file__).parent.glob("*.yaml")):
        # As Python opens a text file, but with the line breaks as they are.
        text = path.read_bytes().decode()
        path.with_suffix(".json").write_text(json.dumps(answer(text)) + "\n")


if __name__ == "__main__":
    main()
