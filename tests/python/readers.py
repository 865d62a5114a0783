#!/usr/bin/env python3
"""Run folders as other programs read them: pandas, polars and DuckDB, each without an argument.

    pip install pandas polars duckdb jsonschema
    python3 tests/python/readers.py FOLDER ...

1. Every CSV opens in all three, with the same number of rows and columns and the same kind of each column: whole numbers,
   floats or text. Dates are text to some and dates to others. A column that is empty in the first hundred rows, from which
   polars infers kinds, is excepted: no text of an empty cell has a kind.
2. summary.json and run.json are valid under the schemas that the program prints.
"""

import json
import pathlib
import sys

import duckdb
import jsonschema
import pandas
import polars

ROOT = pathlib.Path(__file__).resolve().parents[2]
INFERRED = 100


def kind_in_pandas(column):
    if pandas.api.types.is_bool_dtype(column):
        return "text"
    if pandas.api.types.is_integer_dtype(column):
        return "whole"
    if pandas.api.types.is_float_dtype(column):
        # pandas has no whole numbers with gaps: they are floats without a fraction.
        return "float"
    return "text"


def kind_in_polars(kind):
    return "whole" if kind.is_integer() else "float" if kind.is_float() else "text"


def kind_in_duckdb(kind):
    return {"BIGINT": "whole", "DOUBLE": "float"}.get(str(kind), "text")


def check(path, found):
    def fail(text):
        found.append(f"{path.parent.name}/{path.name}: {text}")

    one = pandas.read_csv(path)
    try:
        two = polars.read_csv(path)
        three = duckdb.read_csv(str(path))
        rows = three.aggregate("count(*)").fetchall()[0][0]
    except Exception as error:  # whatever a reader raises is a fault of ours
        fail(f"cannot be read: {str(error)[:300]}")
        return 0
    if not len(one) == len(two) == rows:
        fail(f"{len(one)}, {len(two)} and {rows} rows")
    if not list(one.columns) == two.columns == three.columns:
        fail("other columns")
        return 0
    text = pandas.read_csv(path, dtype=str, keep_default_na=False)
    compared = 0
    for name, second, third in zip(one.columns, two.dtypes, three.types):
        cells = text[name]
        if (cells.head(INFERRED) == "").all():
            continue
        kinds = [kind_in_pandas(one[name]), kind_in_polars(second), kind_in_duckdb(third)]
        if kinds[0] == "float" and kinds[1] == "whole" and (cells == "").any():
            kinds[0] = "whole"
        if len(set(kinds)) != 1:
            fail(f"`{name}` is {kinds} to pandas, polars and DuckDB")
        written = set(cells[cells != ""])
        if kinds[1] == "float" and any("." not in cell for cell in written):
            fail(f"`{name}` has floats without a point")
        compared += 1
    return compared


def main():
    found, columns, files = [], 0, 0
    for folder in map(pathlib.Path, sys.argv[1:]):
        for path in sorted(folder.rglob("*.csv")):
            columns += check(path, found)
            files += 1
        for name in ["summary", "run"]:
            schema = json.loads((ROOT / f"schema/{name}.v1.json").read_text(encoding="utf-8"))
            jsonschema.Draft202012Validator.check_schema(schema)
            record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            for error in jsonschema.Draft202012Validator(schema).iter_errors(record):
                found.append(f"{folder.name}/{name}.json: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    print("\n".join(found))
    print(f"{files} tables with {columns} columns, {len(found)} faults")
    sys.exit(bool(found) or columns == 0)


main()
