"""What the Python programs here have in common: a plan comes in as JSON, a report of it goes out as JSON.

A key is a string or {"bytes": hex}. A value is {"text": ...}, {"int": digits}, {"bytes": hex}, {"json": ...}, or null
for a miss.
"""

import json
import sys


def key_of(told):
    return told if isinstance(told, str) else bytes.fromhex(told["bytes"])


def value_of(told):
    ((kind, value),) = told.items()
    if kind == "int":
        return int(value)
    return bytes.fromhex(value) if kind == "bytes" else value


def told_of(value):
    if value is None:
        return None
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"int": str(value)}
    return {"json": value}


def run(open_fleet):
    """Runs the plan on what open_fleet(servers, options) answers: an object with set, get, incr and delete."""
    plan = json.load(sys.stdin)
    fleet = open_fleet(plan["servers"], plan["options"])
    json.dump([answer(fleet, step) for step in plan["steps"]], sys.stdout)


def answer(fleet, step):
    if "set" in step:
        fleet.set({key_of(key): value_of(value) for key, value in step["set"]})
        return None
    if "get" in step:
        keys = [key_of(key) for key in step["get"]]
        return [told_of(value) for value in fleet.get(keys)]
    if "incr" in step:
        return fleet.incr(key_of(step["incr"]), step["by"])
    return [bool(fleet.delete(key_of(key))) for key in step["delete"]]
