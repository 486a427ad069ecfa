"""The page docs/messages.md, made from the sentences in the code: ``python -m dev.message_list``."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from dbt_common.clients.jinja import get_environment
from jinja2 import nodes

from lifecycle_tools.build import PROJECT_DIR, run_dbt

PAGE = PROJECT_DIR / "docs" / "messages.md"
REASONS = PROJECT_DIR / "seeds" / "lifecycle" / "rejection_reasons.csv"
GATES = PROJECT_DIR / "tests" / "expectations"
HEAD = """# Messages, and what to do

For users who read an error or a warning and want to go on. Each sentence stands here as the code has it, with `<names>` where a
file, a table or a value is filled in; what to do stands beside it. The page is made from the code (`make docs-examples`); a test
keeps the two equal. Words are those of the [glossary](glossary.md).

An error ends the command with exit status 1, and what was published stays as it was. With a warning the build goes on, and
`publish_warnings` in the published file keeps it.
"""
TESTS = """## Data tests

A test that fails says its name, which is a sentence that should be true, and how many rows are against it.
[Debugging](debugging.md) says how to find the rows. A fault in the raw data shows up before: a test of a mart that fails is
mostly a defect of this project or of your change to it. They are listed by the folder in which they are declared.
"""


class Group(NamedTuple):
    """Where messages arise: what is true of all of them, what to do where the sentence does not say it, and their files."""

    title: str
    about: str
    otherwise: str
    files: tuple[str, ...]


TOOLS, MACROS = "lifecycle_tools/", "macros/"
GROUPS = (
    Group(
        "Settings, and what a build needs",
        "They are read before anything is built: the warehouse is as it was. The [README](../README.md#settings) lists them.",
        "correct it, then build again",
        (
            f"{TOOLS}settings.py",
            f"{MACROS}settings.sql",
            f"{MACROS}raw/prepare_raw.sql",
            f"{MACROS}raw/check_database.sql",
        ),
    ),
    Group(
        "Raw files and tables",
        "The warehouse is as it was. [Bring your own data](bring_your_own_data.md) and [the raw contract](raw_contract.md)\n"
        "say what is read.",
        "correct the file, then build again",
        (
            f"{TOOLS}raw_loading.py",
            f"{TOOLS}engines/raw_files.py",
            f"{MACROS}raw/load_raw_files.sql",
            f"{MACROS}raw/raw_contract.sql",
        ),
    ),
    Group(
        "What the raw data say",
        "`make check-data` says this without a build.",
        "look at the rows, correct them at their source, or leave it so",
        (f"{MACROS}raw/report_raw_data.sql", f"{MACROS}raw/warn_of_raw_volumes.sql", f"{MACROS}identity/"),
    ),
    Group(
        "Thresholds",
        "Of the seed `lifecycle_thresholds`; the recipe is [change a threshold](recipes/change_a_threshold.md). Of a file of\n"
        "`make whatif`: [try a threshold](recipes/try_a_threshold.md). Of `make calibrate`: [calibrate](recipes/calibrate.md).",
        "correct the row",
        (
            f"{MACROS}lifecycle/",
            f"{TOOLS}whatif/",
            f"{TOOLS}commands/whatif.py",
            f"{TOOLS}calibrating.py",
            f"{TOOLS}commands/calibrate.py",
        ),
    ),
    Group(
        "The build",
        "What `make build` says of the machine, and of tables that could not be built.",
        "read [debugging](debugging.md), then build again",
        (
            f"{TOOLS}outcomes.py",
            f"{TOOLS}build.py",
            f"{TOOLS}commands/build.py",
            f"{TOOLS}predictions.py",
            f"{TOOLS}value_models.py",
            f"{TOOLS}salt.py",
            f"{TOOLS}erasure.py",
            f"{TOOLS}erasure_postgres.py",
        ),
    ),
    Group(
        "Publishing",
        "Readers keep the last published run; [publishing](publishing.md) says how it works.",
        "build or publish again; if it stays, report it",
        (f"{TOOLS}publishing", f"{TOOLS}commands/publish.py", f"{TOOLS}commands/expectations.py"),
    ),
    Group(
        "The board, explanations and exports",
        "They read what is published and change nothing: [board](board.md), [explain](explain.md), [export](export.md).",
        "correct what was asked, then ask again",
        (
            f"{TOOLS}board/",
            f"{TOOLS}explaining/",
            f"{TOOLS}exporting.py",
            f"{TOOLS}commands/board.py",
            f"{TOOLS}commands/explain.py",
            f"{TOOLS}commands/export.py",
            f"{TOOLS}commands/check_data.py",
        ),
    ),
    Group(
        "Other engines",
        "Of the tools that start or fill [other engines](engines.md).",
        "correct the installation",
        (f"{TOOLS}engines/",),
    ),
    Group(
        "For those who change the project",
        "Two places that must say the same do not; [the recipes](../CONTRIBUTING.md) list the places.",
        "follow the recipe",
        (f"{MACROS}event_sources.sql", f"{MACROS}semantic_layer/", f"{MACROS}cross_db/"),
    ),
)
WARNS = ("warn", "append")
SAID = {"raise_compiler_error", "stop_build", *WARNS}
NO_WARNINGS = (
    "lifecycle_tools/outcomes.py",
    "lifecycle_tools/explaining/",
    "lifecycle_tools/exporting.py",
    "lifecycle_tools/calibrating.py",
)  # what these append is none
RESULTS = re.compile(
    r"Behind |Predicted |<why> It stands |At risk, |At the ends of months|Customers by stage on "
)  # sentences of a command that went well, and ends of others
TO_DO = re.compile(
    r"[:;.,] (?=(?:or |then |and )?(?:"
    r"add|allow|ask|bring|build|choose|close|complete|correct|delete|did|double|end|export|follow|free|give|keep|leave|list|look|"
    r"lower|name|open|please|publish|put|quote|remove|rename|run|save|say|see|send|set|shorten|unpack|wait|write)\b)",
    flags=re.I,
)
# What is filled in has the name that the code gives it, but for these.
NAMES = {
    **dict.fromkeys(("strerror", "error", "splitlines", "message"), "why"),
    "connection": "file",
    "day": "number",
    "found": "names",
    "of": "links",
    "parts": "name",
    "root": "directory",
    "row": "value",
    "rows": "name",
    "said": "values",
}
NUMBERED = {
    "warn_of_improbable_ids.sql": ("brand", "id", "rows of a table", "number"),
    "warn_of_ids_that_nearly_meet.sql": ("brand", "number", "two ids"),
    "warn_of_raw_volumes.sql": ("table", "day", "dated by", "number", "least", "most"),
    "check_database.sql": ("", "", "collation", "character type"),
}


@dataclass(frozen=True)
class Message:
    """A sentence of the code, its file from the project's folder, and whether it only warns."""

    sentence: str
    file: str
    warns: bool = False


def of_macros(directory: Path = PROJECT_DIR / "macros") -> Iterator[Message]:
    """What macros say by warn, raise_compiler_error and stop_build, and the sentences that one collects to say later."""
    for path in sorted(directory.rglob("*.sql")):
        tree = get_environment(None, capture_macros=True).parse(path.read_text(encoding="utf-8"))
        for macro in tree.find_all(nodes.Macro):
            known: dict[str, Any] = {
                node.target.name: node.node
                for node in macro.find_all(nodes.Assign)
                if isinstance(node.target, nodes.Name) and isinstance(node.node, nodes.Const | nodes.Concat)
            }
            known[""] = NUMBERED.get(path.name, ())
            for call in macro.find_all(nodes.Call):
                named = call.node.attr if isinstance(call.node, nodes.Getattr) else ""
                collects = getattr(getattr(call.node, "node", None), "name", "") == "sentences"
                if named in SAID and call.args and (named != "append" or collects):
                    text = _jinja(call.args[0], known)
                    if len(re.sub("<.*?>", "", text).split()) > 3:
                        yield Message(_spaced(text), path.relative_to(directory.parent).as_posix(), named in WARNS)


def _jinja(node: nodes.Node, known: Mapping[str, Any]) -> str:
    """An expression as it reads: texts as they are, anything else as <its name>; of two ways the fuller one."""
    match node:
        case nodes.Const():
            return str(node.value)
        case nodes.TemplateData():
            return node.data
        case nodes.Concat():
            return "".join(_jinja(part, known) for part in node.nodes)
        case nodes.CondExpr():
            one, other = _jinja(node.expr1, known), _jinja(node.expr2, known) if node.expr2 else ""
            return one if not other or ("<" in one and "<" not in other) else other
        case nodes.Name():
            return _jinja(known[node.name], known) if node.name in known else _place(node.name)
        case nodes.Or():
            return _jinja(node.left, known)
        case nodes.Getattr():
            return _place(node.attr)
        case nodes.Getitem():
            key = node.arg.value if isinstance(node.arg, nodes.Const) else None
            names = known.get("", ())
            return (
                _place(key if isinstance(key, str) else names[key])
                if isinstance(key, str) or names
                else _jinja(node.node, {})
            )
        case nodes.Call():
            first = node.args[0] if node.args else None
            if isinstance(first, nodes.Const) and getattr(node.node, "attr", "") == "setting":
                return _place(str(first.value))
            return _place("date") if getattr(node.node, "attr", "") == "strftime" else _jinja(node.node, known)
        case nodes.Filter():
            return _jinja(node.node, {} if isinstance(node.node, nodes.Name) else known)
    inner = next(node.iter_child_nodes(), None)
    return _jinja(inner, known) if inner else _place("value")


def of_tools(directory: Path = PROJECT_DIR / "lifecycle_tools") -> Iterator[Message]:
    """Sentences in the Python code: what is raised, returned or collected. What is printed is none."""
    for path in sorted(directory.rglob("*.py")):
        tree, file = ast.parse(path.read_text(encoding="utf-8")), path.relative_to(directory.parent).as_posix()
        tables = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        yield from (Message(_spaced(text), file, warns) for text, warns in _strings(tree, tables, file, False, False))


def _strings(
    node: ast.AST, tables: Mapping[str, ast.Dict], file: str, raised: bool, warns: bool
) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Call):
        named = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if named in ("add_argument", "add_parser", "ArgumentParser", "execute", "print", "compile"):
            return
        warns = warns or (named in WARNS and not file.startswith(NO_WARNINGS))
    raised = raised or isinstance(node, ast.Raise)
    warns = warns or (isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == "warnings")
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        for text in _texts(node, tables):
            text = text.removeprefix(f"{_place('error')}\n")
            begins = re.match(r"[A-Z<']|dbt ", text) and not RESULTS.match(text)
            ends = text.rstrip().endswith((".", "?")) or raised or warns
            if begins and ends and len(re.sub("<.*?>", "x", text).split()) > 3:
                yield text, warns
        return
    for child in ast.iter_child_nodes(node):
        yield from _strings(child, tables, file, raised, warns)


def _texts(node: ast.expr, tables: Mapping[str, ast.Dict]) -> list[str]:
    """A string as it reads; one for each entry where a part of it is looked up in a table of the module."""
    if isinstance(node, ast.Constant):
        return [node.value]
    texts = [""]
    for part in node.values:
        entries = [part.value] if isinstance(part, ast.Constant) else [_python(part.value)]
        value = getattr(part, "value", None)
        if isinstance(value, ast.Call) and getattr(getattr(value.func, "value", None), "id", "") in tables:
            entries = [entry.value for entry in tables[value.func.value.id].values if isinstance(entry, ast.Constant)]
        texts = [text + entry for text in texts for entry in entries]
    return texts


def _python(node: ast.expr) -> str:
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return _texts(node, {})[0]
        case ast.Name():
            return _place(node.id)
        case ast.Attribute():
            return _place("warehouse" if node.attr == "name" else node.attr)
        case ast.IfExp():
            return _python(node.orelse) or _python(node.body)
        case ast.BoolOp():
            return _python(node.values[0])
        case ast.Subscript():
            return _python(node.value)
        case ast.BinOp():
            return _python(node.right)
        case ast.Call(func=ast.Attribute(attr="join")) | ast.Call(func=ast.Name()):
            return _python(node.args[0]) if node.args else _place("value")
        case ast.Call(func=ast.Attribute() as function):
            return _python(function.value) if not node.args else _python(node.args[0])
        case ast.GeneratorExp() | ast.ListComp():
            return _python(node.elt)
    return _place("value")


def _place(name: str) -> str:
    name = NAMES.get(name.lower(), name.lower().strip("_"))
    return f"<{name.replace('_', ' ')}>"


def _spaced(text: str) -> str:
    return " ".join(re.sub(r"\{(\w*)\}", lambda found: _place(found[1] or "value"), text).split())


def grouped(messages: Iterator[Message] | list[Message]) -> dict[str, list[Message]]:
    """Messages by the title of their group. ValueError: a file belongs to no group."""
    groups: dict[str, list[Message]] = defaultdict(list)
    for message in dict.fromkeys(messages):
        title = next((title for title, *_, files in GROUPS if message.file.startswith(files)), None)
        if title is None:
            raise ValueError(f"{message.file} says something and is in no group of dev/message_list.py.")
        groups[title].append(message)
    return groups


def messages_page(manifest: Any) -> str:
    """The whole page."""
    groups = grouped([*of_tools(), *of_macros()])
    parts = [HEAD]
    for title, about, otherwise, _files in GROUPS:
        parts += [f"## {title}\n", f"{about}\n", "| message | what to do | kind |", "|---|---|---|"]
        parts += sorted({_row(message, otherwise) for message in groups[title]})
        parts += [""]
    parts += [
        "## Rows that are rejected\n",
        "`quality.rejected_records` has one of these reasons for each row that cannot be used.\n",
    ]
    with REASONS.open(encoding="utf-8", newline="") as file:
        rows = [list(row.values())[:2] for row in csv.DictReader(file)]
    parts += [
        "| reason | what it means |",
        "|---|---|",
        *(f"| `{name}` | {_marked(text)} |" for name, text in rows),
        "",
    ]
    parts += [
        "## Gates\n",
        "They ask before a publication whether the data are usual ([gates](gates.md)).\n",
    ]
    parts += ["| gate | what it asks | if it is not met |", "|---|---|---|", *_gates(), ""]
    parts += [TESTS, *_tests(manifest)]
    return "\n".join(parts).rstrip() + "\n"


def _row(message: Message, otherwise: str) -> str:
    found = TO_DO.search(message.sentence)
    what, to_do = (
        (message.sentence, otherwise)
        if not found
        else (message.sentence[: found.start()], message.sentence[found.end() :])
    )
    return f"| {_marked(what)} | {_marked(to_do)} | {'warning' if message.warns else 'error'} |"


def _marked(text: str) -> str:
    """Text as Markdown: what is filled in as code, nothing that would end a cell."""
    text = re.sub(r"<([\w ]+)>", r"`<\1>`", text.replace("|", "\\|").replace("*", "\\*"))
    return text.replace("``", "` `")


def _gates() -> Iterator[str]:
    for path in sorted(GATES.glob("*.json")):
        suite = json.loads(path.read_text(encoding="utf-8"))
        worse = "the publication stops" if suite["meta"].get("severity") == "error" else "a warning"
        yield f"| `{suite['name']}` | {_marked(suite['meta']['about'])} | {worse} |"


def _tests(manifest: Any) -> Iterator[str]:
    """The data tests of this project by the folder where they are declared."""
    folders: dict[str, set[str]] = defaultdict(set)
    for node in manifest.nodes.values():
        if node.resource_type == "test" and node.package_name == "customer_lifecycle":
            name = node.name.removeprefix("assert_").replace("_", " ")
            folders[Path(node.original_file_path).parent.as_posix()].add(name)
    for folder, names in sorted(folders.items()):
        yield f"**{folder}**\n"
        yield from (f"- {name}" for name in sorted(names))
        yield ""


def main() -> None:
    """Write the page."""
    parsed = run_dbt(["parse"], warehouse_path=":memory:")
    if not parsed.success:
        raise SystemExit("\n".join(parsed.problems))
    PAGE.write_text(messages_page(parsed.manifest), encoding="utf-8")


if __name__ == "__main__":
    main()
