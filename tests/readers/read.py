"""Prints what a Python program reads in an exported file.

`read.py READER FILE`: one line of JSON per key, [key, the value's UTF-8 in hex].
"""

import json
import sys

import dotenv
import yaml


def load(how, path):
    with open(path, "rb") as file:
        return how(file)


READERS = {
    "dotenv": dotenv.dotenv_values,
    "dotenv-expanding-nothing": lambda path: dotenv.dotenv_values(path, interpolate=False),
    "json": lambda path: load(json.load, path),
    "yaml": lambda path: load(yaml.safe_load, path),
}

reader, path = sys.argv[1:]
for key, value in READERS[reader](path).items():
    print(json.dumps([key, value.encode().hex()]))
