"""Writes answers.json: how python-dotenv and Docker Compose read the files beside this one.

python3 answers.py COMPOSE_GO, in a virtual environment with python-dotenv and with Go on the PATH.
COMPOSE_GO is a checkout of github.com/compose-spec/compose-go, whose package dotenv is Docker Compose's
reader of .env. It is compiled as it stands, but with a logger that drops its warnings, so that no
module has to be fetched.

An answer is an object of keys and values, or null where the file is refused. python-dotenv skips a
statement that it cannot read; that counts as refused here. A key without a value is left out.
"""

import io
import json
import logging
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version

from dotenv import dotenv_values

HERE = pathlib.Path(__file__).parent


def python(path, interpolate):
    """python-dotenv's reading."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger("dotenv.main").addHandler(handler)
    values = dotenv_values(path, interpolate=interpolate, encoding="utf-8")
    logging.getLogger("dotenv.main").removeHandler(handler)
    if log.getvalue():
        return None
    return {key: value for key, value in values.items() if value is not None}


def docker_compose(compose_go, paths):
    """Docker Compose's reading of all of them, by their paths."""
    library = "github.com/compose-spec/compose-go/v2"
    logger = "github.com/sirupsen/logrus"
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        for package in ["dotenv", "template"]:
            shutil.copytree(
                compose_go / package,
                directory / "library" / package,
                ignore=shutil.ignore_patterns("*_test.go"),
            )
        (directory / "logger").mkdir()
        shutil.copy(HERE / "answers.go", directory / "main.go")
        for path, text in {
            "library/go.mod": f"module {library}\ngo 1.21\nrequire {logger} v0.0.0\n",
            "logger/go.mod": f"module {logger}\ngo 1.21\n",
            "logger/logger.go": "package logrus\n\nfunc Warnf(string, ...any) {}\n",
            "go.mod": f"module answers\ngo 1.21\nrequire {library} v2.0.0\nrequire {logger} v0.0.0\n"
            f"replace {library} => ./library\nreplace {logger} => ./logger\n",
        }.items():
            (directory / path).write_text(text)
        environment = dict(os.environ, GOFLAGS="-mod=mod", GOPROXY="off")
        build = ["go", "build", "-o", "answers", "."]
        subprocess.run(build, cwd=directory, env=environment, check=True)
        program = [directory / "answers", *paths]
        # No variable of this process is in the place of one of the file.
        done = subprocess.run(program, env={}, check=True, capture_output=True)
        return json.loads(done.stdout)


def main():
    compose_go = pathlib.Path(sys.argv[1])
    describe = ["git", "-C", compose_go, "describe", "--tags"]
    compose_go_version = subprocess.run(describe, check=True, capture_output=True, text=True)
    paths = sorted(HERE.glob("*.env"))
    composed = docker_compose(compose_go, paths)
    os.environ.clear()
    answers = {
        path.stem: {
            "python_dotenv": python(path, True),
            "python_dotenv_without_variables": python(path, False),
            "docker_compose": composed[str(path)],
        }
        for path in paths
    }
    document = {
        "python_dotenv": version("python-dotenv"),
        "compose_go": compose_go_version.stdout.strip(),
        "answers": answers,
    }
    text = json.dumps(document, indent=1, ensure_ascii=True)
    (HERE / "answers.json").write_text(text + "\n")


main()
