"""Takes the Python client through the scenario of all clients: run_scenario.py blocking|asyncio < world.json

`world.json` is what `startClientsWorld` gives: `variables`, `urls` and `keys`. README.md describes the scenario.
"""

import asyncio
import inspect
import json
from pathlib import Path
import re
import sys
import time

import everfetch

REPEATED_FOR_SEC = 30


class BlockingWay:
    def client(self, url, key, retries):
        return everfetch.Everfetch(url, key, **retries)

    def lines(self, method, lines):
        return iter(lines) if method == "submit_many" else lines

    def call(self, function, args, options, take):
        result = function(*args, **options)
        if not hasattr(result, "__next__"):
            return result
        items = []
        for item in result:
            items.append(item)
            if len(items) == take:
                result.close()
                break
        return items

    def read(self, response):
        return response.read()


class AsyncioWay:
    def __init__(self):
        self._loop = asyncio.new_event_loop()

    def client(self, url, key, retries):
        return everfetch.AsyncEverfetch(url, key, **retries)

    def lines(self, method, lines):
        async def given():
            for line in lines:
                await asyncio.sleep(0)
                yield line

        return given() if method == "submit_many" else lines

    def call(self, function, args, options, take):
        return self._loop.run_until_complete(self._call(function, args, options, take))

    async def _call(self, function, args, options, take):
        result = function(*args, **options)
        if inspect.isawaitable(result):
            return await result
        if not hasattr(result, "__anext__"):
            return result
        items = []
        async for item in result:
            items.append(item)
            if len(items) == take:
                await result.aclose()
                break
        return items

    def read(self, response):
        return self._loop.run_until_complete(response.aread())


def snake_case(name):
    return re.sub("[A-Z]", lambda found: "_" + found.group().lower(), name)


class Scenario:
    def __init__(self, way, world):
        self._way = way
        self._world = world
        self._variables = dict(world["variables"])
        self._clients = {}

    def run(self, step):
        deadline = time.monotonic() + REPEATED_FOR_SEC
        while True:
            problem = self._once(step)
            if problem is None or not step.get("isRepeated") or time.monotonic() > deadline:
                return problem
            time.sleep(0.2)

    def _once(self, step):
        method = snake_case(step["method"])
        args = [self._filled(each, method) for each in step.get("args", [])]
        options = {snake_case(name): self._filled(value, method) for name, value in step.get("options", {}).items()}
        function = everfetch.verify_webhook if method == "verify_webhook" else getattr(self._client(step), method)
        expected_error = step.get("expectError")
        try:
            result = self._read(self._way.call(function, args, options, step.get("take")), step)
        except everfetch.EverfetchError as error:
            if expected_error is None:
                return f"{type(error).__name__}: {error}"
            fields = {name: getattr(error, snake_case(name), None) for name in expected_error}
            expected = self._filled(expected_error)
            return differing("error", {**fields, "type": type(error).__name__}, expected)
        if expected_error is not None:
            return f"{expected_error['type']} was expected, and not {result!r}"
        if "expect" in step:
            problem = differing("result", picked(result, step.get("pick")), self._filled(step["expect"]))
            if problem is not None:
                return problem
        for name, path in step.get("save", {}).items():
            self._variables[name] = at(result, path)
        return None

    def _client(self, step):
        through, key = step.get("through", "service"), step.get("key", "own")
        if (through, key) not in self._clients:
            retries = {"max_retries": 0} if through == "nothing" else {}
            url = self._world["urls"][through]
            self._clients[through, key] = self._way.client(url, self._world["keys"][key], retries)
        return self._clients[through, key]

    def _read(self, result, step):
        reading = step.get("read")
        if reading is None:
            return result
        content = self._way.read(result)
        return content.decode() if reading == "text" else len(content)

    def _filled(self, value, method=""):
        if isinstance(value, str):
            whole = re.fullmatch(r"\$\{(\w+)\}", value)
            if whole and whole.group(1) in self._variables:
                return self._variables[whole.group(1)]
            return re.sub(r"\$\{(\w+)\}", lambda found: str(self._variables.get(found.group(1), found.group())), value)
        if isinstance(value, list):
            return [self._filled(each, method) for each in value]
        if isinstance(value, dict):
            filled = {name: self._filled(each, method) for name, each in value.items()}
            return self._way.lines(method, lines_of(filled["$lines"])) if "$lines" in filled else filled
        return value


def lines_of(wish):
    texts = {name: text for name, text in wish.items() if name != "count"}
    return [numbered(texts, number) for number in range(1, wish["count"] + 1)]


def numbered(value, number):
    if isinstance(value, dict):
        return {name: numbered(each, number) for name, each in value.items()}
    return value.replace("${i}", str(number)) if isinstance(value, str) else value


def at(value, path):
    for name in path.split("."):
        if value is None:
            return None
        value = value[int(name)] if isinstance(value, list) else value.get(name)
    return value


def picked(result, path):
    return result if path is None else [at(item, path) for item in result]


TYPES = {"string": str, "number": (int, float), "boolean": bool, "object": dict, "array": list}


def differing(where, actual, expected):
    """Says what is not as expected; None when all is."""
    if isinstance(expected, dict) and any(name.startswith("$") for name in expected):
        return None if holds(actual, expected) else f"{where} is {shown(actual)}, and not {json.dumps(expected)}"
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return f"{where} is {shown(actual)}, and not an object"
        problems = (differing(f"{where}.{name}", actual.get(name), each) for name, each in expected.items())
        return next((problem for problem in problems if problem is not None), None)
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return f"{where} is {shown(actual)}, and not {json.dumps(expected)}"
        problems = (differing(f"{where}[{n}]", actual[n], each) for n, each in enumerate(expected))
        return next((problem for problem in problems if problem is not None), None)
    return None if actual == expected else f"{where} is {shown(actual)}, and not {json.dumps(expected)}"


def holds(actual, condition):
    ((name, wanted),) = condition.items()
    if name == "$type":
        return isinstance(actual, TYPES[wanted])
    if name == "$contains":
        return isinstance(actual, str) and wanted in actual
    if name == "$min":
        return isinstance(actual, (int, float)) and actual >= wanted
    if name == "$size":
        return isinstance(actual, list) and len(actual) == wanted
    if name == "$absent":
        return (actual is None) == wanted
    if name == "$sameItems":
        return isinstance(actual, list) and sorted(actual) == sorted(ranged(wanted))
    if name == "$range":
        return actual == ranged(condition)
    raise ValueError(f"{name} is no condition")


def ranged(value):
    if not isinstance(value, dict):
        return value
    wish = value["$range"]
    numbers = range(1, wish["count"] + 1)
    return [wish["value"] if "value" in wish else numbered(wish["text"], number) for number in numbers]


def shown(value):
    return repr(value)[:500]


def main(kind):
    way = {"blocking": BlockingWay, "asyncio": AsyncioWay}[kind]()
    scenario = Scenario(way, json.load(sys.stdin))
    for step in json.loads((Path(__file__).parent / "scenario.json").read_text())["steps"]:
        problem = scenario.run(step)
        if problem is not None:
            sys.exit(f"{step['name']} ({step['method']}): {problem}")
    print("every step was as expected")


main(*sys.argv[1:])
