#!/usr/bin/env python3
"""Scenarios as others read them: by two YAML libraries, and against the JSON Schema with a validator of its own.

    pip install jsonschema PyYAML ruamel.yaml
    python3 tests/python/schema.py

1. PyYAML (YAML 1.1) and ruamel.yaml (YAML 1.2) read every file to the same tree.
2. jsonschema finds the schema sound and every file valid.
3. It refuses files in which something is wrong: a list of mistakes one by one, and then, in every file, each quantity
   without its unit and each key misspelt.
"""

import copy
import datetime
import io
import json
import pathlib
import re
import sys

import jsonschema
import ruamel.yaml
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "schema/scenario.v1.json").read_text(encoding="utf-8"))
FOLDERS = ["scenarios", "src/cli/templates", "tests/worked", "tests/common"]
NAMES = {"inputs", "shares", "variants", "set"}  # maps whose keys are names
FOUND = []


def fail(text):
    FOUND.append(text)


def plain(node):
    """Dates as text, since JSON has none; the program reads them as text too."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    if isinstance(node, (datetime.date, datetime.datetime)):
        return node.isoformat()[:10]
    return node


def same(a, b, path=""):
    """The first place where two trees differ, types included."""
    if type(a) is not type(b):
        return f"{path}: {a!r} and {b!r}"
    if isinstance(a, dict):
        if list(a) != list(b):
            return f"{path}: keys {list(a)} and {list(b)}"
        return next((d for k in a if (d := same(a[k], b[k], f"{path}.{k}"))), None)
    if isinstance(a, list):
        if len(a) != len(b):
            return f"{path}: {len(a)} and {len(b)} items"
        return next((d for k, (x, y) in enumerate(zip(a, b)) if (d := same(x, y, f"{path}[{k}]"))), None)
    return None if a == b else f"{path}: {a!r} and {b!r}"


def read(path):
    text = path.read_text(encoding="utf-8")
    first = plain(yaml.safe_load(text))
    second = plain(ruamel.yaml.YAML(typ="safe", pure=True).load(io.StringIO(text)))
    difference = same(first, second)
    if difference:
        fail(f"{path.name}: YAML 1.1 and 1.2 differ at {difference}")
    return first


def leaves(errors):
    """The places of all errors and of those that they are made of."""
    for error in errors:
        yield tuple(error.absolute_path), error
        yield from leaves(error.context)


def walk(node, path=()):
    """Every node with its path, from the top."""
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, (*path, key))
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from walk(value, (*path, at))


def put(tree, path, value):
    for step in path[:-1]:
        tree = tree[step]
    tree[path[-1]] = value


def take(tree, path):
    for step in path[:-1]:
        tree = tree[step]
    return tree.pop(path[-1])


def rename(tree, path, name):
    value = take(tree, path)
    put(tree, (*path[:-1], name), value)


LITERAL = re.compile(r"^-?[0-9.]+ ?(?:[kMBT]? ?USD\S*|%\S*|x/yr|GW|MW|mo|yr|d|bp)$")


def is_names(path):
    """Whether the keys of the map at `path` are names, which the schema cannot know."""
    if not path:
        return False
    if path[-1] in NAMES:
        return True
    # An item of a list of named things; kinds of instruments are known.
    return isinstance(path[-1], int) and not (len(path) > 1 and path[-2] in ("instruments", "add"))


def thorough(name, tree, validator):
    """Every quantity without its unit, and in every map a key misspelt: each must be told at its own place."""
    free = ("set", "source", "note", "about", "url")  # paths of `set` lead anywhere, and text is text
    bare, units = copy.deepcopy(tree), []
    misspelt, maps = copy.deepcopy(tree), []
    for path, node in walk(tree):
        if any(step in free for step in path):
            continue
        # Inputs may be plain numbers: their kind is known where they are used.
        if isinstance(node, str) and LITERAL.match(node) and path[0] != "inputs":
            put(bare, path, float(re.match(r"-?[0-9.]+", node)[0]))
            units.append(path)
        if isinstance(node, dict) and not is_names(path):
            # A key with nothing below it, so that what is below others is still reached.
            leaf = next((key for key, value in node.items() if not isinstance(value, (dict, list)) and key not in free), None)
            if leaf:
                rename(misspelt, (*path, leaf), f"{leaf}z")
                maps.append(path)
    told = {path for path, _ in leaves(validator.iter_errors(bare))}
    for path in units:
        if path not in told:
            fail(f"{name}: no unit at {'.'.join(map(str, path))}, and not refused")
    keys = ("additionalProperties", "required", "propertyNames")
    told = {path for path, error in leaves(validator.iter_errors(misspelt)) if error.validator in keys}
    for path in maps:
        if path not in told:
            fail(f"{name}: a key misspelt in {'.'.join(map(str, path)) or 'the file'}, and not refused")
    return len(units) + len(maps)


# A mistake each, in the template of a frontier lab: a path, and what is written there; `None` takes it away, a name after `>`
# renames the key.
MISTAKES = [
    ("schema", 2),
    ("schema", None),
    ("lab", None),
    ("time.months", "60 mo"),
    ("time.months", 0),
    ("time.months", 1000),
    ("time.start", "June 2026"),
    ("time.start", "2026-13"),
    ("name", "My Lab"),
    ("name", "con"),
    ("nam", "x"),
    ("run.paths", 0),
    ("run.paths", "many"),
    ("lab.opening.cash", "20B"),
    ("lab.opening.cash", 20),
    ("lab.opening.cash", "20 GW"),
    ("lab.opening.cash", "20 billion USD"),
    ("lab.opening.cash", "20bn USD"),
    ("lab.opening.cash", "20,000,000 USD"),
    ("lab.opening.cash", "$20B"),
    ("lab.opening.cash", "20B USD/yr"),
    ("lab.opening.cash", "20B EUR"),
    ("lab.opening.cash", "18B to 22B"),
    ("lab.opening.cash", {"value": "20B"}),
    ("lab.opening.cash", {"value": "20B USD", "sauce": "a report"}),
    ("lab.opening.cash", {"dist": "normal", "mean": "20B USD"}),
    ("lab.opening.cash", {"dist": "norml", "mean": "20B USD", "sd": "1B USD"}),
    ("lab.opening.cash", {"dist": "normal", "mean": "20B USD", "sd": "1B USD", "p5": "1B USD"}),
    ("lab.opening.cash", {"dist": "triangular", "min": "1B USD", "mode": "2", "max": "3B USD"}),
    ("lab.opening.cash", ["20B USD"]),
    ("lab.opening.cash>cahs", None),
    ("lab.opening.shares", "all"),
    ("lab.opening.shares.founders", 20),
    ("lab.demand.growth_is", "totl"),
    ("lab.demand.volatility", "5%"),
    ("lab.demand.volatility", "0.05"),
    ("lab.demand>demnad", None),
    ("lab.demand.segments", "api"),
    ("lab.demand.segments.0.api.run_rate", "12B USD"),
    ("lab.demand.segments.0.api.run_rate>runrate", None),
    ("lab.demand.segments.0", {"api": {"growth": "1.1x"}}),
    ("lab.demand.segments.0", {"a": {"run_rate": "1B USD/yr"}, "b": {"run_rate": "1B USD/yr"}}),
    ("lab.policy.minimum_cash", 3),
    ("lab.policy.negative_cash", "carri"),
    ("lab.compute.resale", "half of it"),
    ("lab.tax.rate", "25"),
    ("world.sofr.start", "3.7%"),
    ("world.sofr.long_run", "sofr + 1%/yr"),
    ("world.equity_multiple.now", 20),
    ("world.regime.start", "summer"),
    ("world.wether", {}),
    ("inputs.growth_now", "5%/month to 15%/month"),
    ("inputs.growth_now", "growth_later"),
    ("inputs.to", "1x"),
    ("inputs.Growth", "5%/mo"),
    ("dependence.copula", "gausian"),
    ("dependence.copula", {"t": {"dof": 4}}),
    ("dependence.spearman.0", ["growth_now", 0.5]),
    ("dependence.spearman.0", ["growth_now", "growth_later", 1.5]),
    ("instruments.0", {"revolvr": {"name": "line", "limit": "1B USD", "rate": "8%/yr"}}),
    ("instruments.0", {"revolver": {"name": "line", "limit": "1B USD"}}),
    ("instruments.0", {"revolver": {"name": "line", "limit": "1B USD", "rate": "8%"}}),
    ("instruments.0", {"revolver": {"name": "line", "limit": "1B USD", "rate": "sofr plus 200 bp"}}),
    ("instruments.0", {"revolver": {"name": "line", "limit": "1B USD", "rate": "sofr + 200"}}),
    ("instruments.0", {"revolver": {"name": "line", "limit": "1B USD", "rate": "8%/yr", "fee": "1%"}}),
    ("instruments.0", {"revolver": {"name": "Line", "limit": "1B USD", "rate": "8%/yr"}}),
    ("instruments.0", {"name": "line", "revolver": {}}),
    ("instruments.0", {"contract": {"power": "1 GW"}}),
    ("instruments.0", {"covenant_revolver": {"name": "line", "limit": "1B USD", "rate": "8%/yr"}}),
    ("instruments", {"revolver": {"name": "line", "limit": "1B USD", "rate": "8%/yr"}}),
    ("checks.0", "p(cash_out < 10%"),
    ("checks.0", "p(cash_out) < 0.1"),
    ("checks.0", "q50(cash) > 1B USD"),
    ("checks.0", "p50(cash at 2030) > 1B USD"),
    ("checks.0", "p50(cash) > 1B USD today"),
    ("checks.0", "cash_out < 10%"),
    ("checks", "p(cash_out) < 10%"),
    ("variants.other", {"sett": {}}),
    ("variants.other", {"remove": "line"}),
    ("variants.other", {"add": [{"revolver": {"name": "other"}}]}),
]

# What stands in the same places and is right.
RIGHT = [
    ("lab.opening.cash", "18B to 22B USD"),
    ("lab.opening.cash", "18B USD to 22B USD"),
    ("lab.opening.cash", "150M to 2.5B USD"),
    ("lab.opening.cash", "2 * (1.5B USD + 0.2 * 4B USD)"),
    ("lab.opening.cash", "-(growth_now / growth_later) * 1B USD"),
    ("lab.opening.cash", "opening_cash"),
    ("lab.opening.cash", "38B USD/GW * 0.5 GW"),
    ("lab.opening.cash", "2.10 USD/gpu-hour / 1 USD/gpu-hour * 5B USD"),
    ("lab.opening.cash", "1.5e3 USD"),
    ("lab.opening.cash", {"value": "18B to 22B USD", "source": "a report", "note": "later", "url": "https://example.com"}),
    ("lab.opening.cash", {"dist": "normal", "mean": "20B USD", "sd": "1B USD", "source": "a report"}),
    ("lab.opening.cash", {"dist": "discrete", "values": ["1B USD", "2B USD"], "weights": [1, 2]}),
    ("lab.opening.cash", {"dist": "discrete", "values": ["1B USD", "2B USD"], "weights": ["30%", "70%"]}),
    ("lab.opening.receivables", None),
    ("lab.opening.shares", [{"founders": "60%"}, {"others": "40%"}]),
    ("lab.demand.volatility", "5%/yr"),
    ("lab.demand.growth.now", "1.5x/yr to 3x/yr"),
    ("lab.policy.minimum_cash", "2B USD"),
    ("lab.policy.minimum_cash", "3 mo"),
    ("lab.compute.resale", "20% to 60%"),
    ("time.start", "2026-06-15"),
    ("schema", "1"),
    ("world.sofr.start", "370 bp"),
    ("lab.interest_on_cash", "sofr - 50 bp"),
    ("lab.interest_on_cash", "sofr"),
    ("lab.interest_on_cash", "sofr + 25 bp to 75 bp"),
    ("lab.interest_on_cash", {"value": "sofr - 50 bp", "source": "a statement"}),
    ("inputs.elasticity", "0.5 to 1.5"),
    ("inputs.elasticity", 0.5),
    ("inputs.elasticity", {"dist": "beta", "alpha": 2, "beta": 5}),
    ("dependence.copula", {"t": {"df": 4}}),
    ("checks.0", "p95(cumulative_gap max) <= 2.5T USD"),
    ("checks.0", "p(cash at 2029-12 < 1B USD) ≤ 10%"),
    ("variants.other", {"about": "less", "set": {"lab.opening.cash": "1B USD"}, "remove": ["rounds"], "add": []}),
]


def changed(tree, path, value):
    tree = copy.deepcopy(tree)
    path, _, name = path.partition(">")
    steps = [int(step) if step.isdigit() else step for step in path.split(".")]
    node = tree
    for step in steps[:-1]:
        if isinstance(node, dict) and step not in node:
            node[step] = {}
        node = node[step]
    if name:
        rename(tree, tuple(steps), name)
    elif value is None and isinstance(node, dict) and steps[-1] in node and path != "lab.opening.receivables":
        del node[steps[-1]]
    else:
        node[steps[-1]] = value
    return tree


def main():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    files = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.yaml"))
    count = 0
    for path in files:
        tree = read(path)
        for error in validator.iter_errors(tree):
            best = jsonschema.exceptions.best_match([error])
            fail(f"{path.name}: {'.'.join(map(str, best.absolute_path))}: {best.message[:300]}")
        count += thorough(path.name, tree, validator)
    base = read(ROOT / "src/cli/templates/frontier-lab.yaml")
    for path, value in MISTAKES:
        if validator.is_valid(changed(base, path, value)):
            fail(f"{path}: {value!r} is not refused")
    for path, value in RIGHT:
        for error in validator.iter_errors(changed(base, path, value)):
            fail(f"{path}: {value!r} is refused: {jsonschema.exceptions.best_match([error]).message[:300]}")
    if FOUND:
        sys.exit("\n".join(FOUND))
    print(
        f"{len(files)} files read the same by YAML 1.1 and 1.2 and valid; {len(MISTAKES) + count} mistakes refused, "
        f"{len(RIGHT)} other ways of writing accepted"
    )


if __name__ == "__main__":
    main()
