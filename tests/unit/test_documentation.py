"""The pages for people: what they name exists. Paths, links, imports, commands, options, tasks and settings."""

from __future__ import annotations

import ast
import dataclasses
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.answers.catalogue import ANSWERS
from workbench.cli.app import COMMANDS
from workbench.diagnostics.status.facts import Health
from workbench.queries.sql_files import catalogue

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "workbench/README.md",
    "workbench/linkedin/README.md",
    "sql/README.md",
    "notebooks/README.md",
    "tests/README.md",
    ".github/CONTRIBUTING.md",
    ".github/CHANGELOG.md",
)
ANYWHERE = {
    "notified.json",
    "plan.toml",
    "app.json.log",
    "manifest.json",
    "rejects.ndjson",
    "journal.ndjson",
    "token.json",
    "leads.py",
}
"""File names of a running installation or of the reader's own, which are in no folder of the checkout."""

FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|sql|md|toml|ndjson)")
TOP = ("workbench/", "sql/", "notebooks/", "tests/", ".ci/", ".github/", "snapshots/sample")


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def prose_of(page: str) -> str:
    return FENCED.sub("", text_of(page))


def code_of(page: str) -> Iterator[tuple[str, str]]:
    """Fenced blocks with their language, and inline spans as blocks without one."""
    yield from FENCED.findall(text_of(page))
    for span in SPAN.findall(prose_of(page)):
        yield "", span


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def is_there(path: str, page: str) -> bool:
    """Whether a path exists: from the root, the package or the page's folder, or as a file below that folder."""
    here = (ROOT / page).parent
    if any((folder / path).exists() for folder in (ROOT, here, ROOT / "workbench")):
        return True
    return here != ROOT and any(here.rglob(path))


def named_files(page: str) -> set[str]:
    """Files and folders of the checkout that a page names in code."""
    found = {path.rstrip(".") for _, code in code_of(page) for path in PATH.findall(code)}
    return {
        path
        for path in found
        if path not in ANYWHERE and (path.startswith(TOP) or path.endswith((".py", ".sql", ".toml")))
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page: str) -> None:
    # `workbench/pages/<page>.py` is a place to fill in, and is not matched beyond its folder.
    missing = sorted(path for path in named_files(page) if not is_there(path, page))

    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(page)):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        if not file.exists() or (anchor and anchor not in headings(file)):
            broken.append(target)

    assert broken == []


def test_every_wing_has_its_line_in_the_drawing_of_the_house() -> None:
    wings = {folder.name for folder in (ROOT / "workbench").iterdir() if (folder / "__init__.py").exists()}
    listed = re.findall(r"^\| (?:\d|–) \| `(\w+)` \|", text_of("workbench/README.md"), re.MULTILINE)

    assert sorted(listed) == sorted(wings)
    assert all(f"  {wing}/" in text_of("README.md") for wing in wings)


def test_what_a_newcomer_looks_for_is_in_the_file_and_under_the_name_that_the_page_says() -> None:
    rows = re.findall(r"^\| [^|]+ \| `([\w/.]+\.\w+)` \| `(\w+)` \|", text_of("workbench/README.md"), re.MULTILINE)

    assert len(rows) > 10
    wrong = [row for row in rows if not re.search(rf"\b{row[1]}\b", (ROOT / row[0]).read_text("utf-8"))]
    assert wrong == []


def test_the_page_names_every_module_of_the_ground_which_are_few() -> None:
    modules = {file.stem for file in (ROOT / "workbench").glob("*.py")}
    ground = (
        text_of("workbench/README.md").partition("Ground modules, which every wing may use:")[2].partition(".\n")[0]
    )

    assert len(modules) <= 14
    assert {*re.findall(r"`(\w+)`", ground), "__init__", "__main__", "front_door"} == modules


def test_the_readme_leads_to_every_page() -> None:
    assert [page for page in PAGES[1:] if f"]({page})" not in text_of("README.md")] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_import_in_an_example_can_be_made(page: str) -> None:
    wrong = []
    for language, code in code_of(page):
        if language != "python":
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workbench"):
                file = ROOT / str(node.module).replace(".", "/")
                source = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
                names = [alias.name for alias in node.names]
                known = source.read_text("utf-8") if source.exists() else ""
                wrong += [f"{node.module}.{name}" for name in names if not re.search(rf"\b{name}\b", known)]

    assert wrong == []


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_named_with_dots_exists(page: str) -> None:
    named = {name for _, code in code_of(page) for name in re.findall(r"\bworkbench(?:\.\w+)+", code)}
    missing = []
    for name in named:
        module = ROOT / name.replace(".", "/")
        attribute = module.parent.with_suffix(".py")
        package = module.parent / "__init__.py"
        last = re.compile(rf"\b{module.name}\b")
        if not (module.is_dir() or module.with_suffix(".py").exists()):
            homes = [file.read_text("utf-8") for file in (attribute, package) if file.exists()]
            missing += [] if any(last.search(home) for home in homes) else [name]

    assert missing == []


def commands(page: str) -> Iterator[list[str]]:
    """The words after `workbench` of every command that a page shows."""
    for language, code in code_of(page):
        if language in ("python", "sql", "nginx", "toml"):
            continue
        for line in re.findall(r"(?:^|[\s/])workbench ([a-z][^\n#>&|]*)", code, re.MULTILINE):
            yield line.split()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_exists(page: str) -> None:
    wrong = []
    for name, *rest in commands(page):
        if name not in COMMANDS:
            wrong.append(name)
            continue
        source = (ROOT / f"workbench/cli/commands/{name}.py").read_text("utf-8")
        if name in ("auth", "db") and rest and re.fullmatch(r"[a-z-]+", rest[0]):
            wrong += [] if rest[0].replace("-", "_") in source else [f"{name} {rest[0]}"]
        for option in (word.split("=")[0] for word in rest if word.startswith("--")):
            option = option.rstrip("`.,;")
            if option not in source and not re.search(rf"\b{option[2:].replace('-', '_')}: ", source):
                wrong.append(f"{name} {option}")

    assert wrong == []


@pytest.mark.parametrize("page", PAGES)
def test_every_task_exists(page: str) -> None:
    tasks = tomllib.loads(text_of("pyproject.toml"))["tool"]["poe"]["tasks"]
    named = {task for _, code in code_of(page) for task in re.findall(r"\bpoe ([a-z]+)", code)}

    assert sorted(task for task in named if task not in tasks) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_has_its_line_in_the_example_file(page: str) -> None:
    settings = set(re.findall(r"^([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))
    named = {
        name
        for _, code in code_of(page)
        for name in re.findall(r"(?<![\w{])[A-Z]+_[A-Z_]*[A-Z](?![\w…])", code)
        if name.startswith(("LINKEDIN_", "WORKBENCH_", "DATABASE_", "POSTGRES_", "SNAPSHOT_", "SYNC_", "LOOKBACK_"))
    }

    assert sorted(named - settings) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_question_of_an_example_exists(page: str) -> None:
    asked = {name for _, code in code_of(page) for name in re.findall(r"\bquery\(\s*\"(\w+)\"", code)}
    asked |= {
        words[1] for words in commands(page) if words[0] == "query" and len(words) > 1 and words[1][0] not in "<-"
    }

    written = {words[2] for words in commands(page) if words[:2] == ["new", "question"]}

    assert sorted(asked - written - set(catalogue()) - set(ANSWERS)) == []


def test_every_field_of_the_status_is_named() -> None:
    listed = re.search(r"`status --json` prints one object: `([^`]+)`", (ROOT / "README.md").read_text())
    assert listed is not None
    fields = [*(one.name for one in dataclasses.fields(Health)), "attention", "exit_code"]
    assert set(listed[1].split(", ")) == set(fields)
    table = (ROOT / "workbench/README.md").read_text().split("## Status as JSON")[1].split("## Glossary")[0]
    assert [name for name in fields if f"`{name}`" not in table] == []


def test_every_constant_that_the_proofs_name_exists() -> None:
    code = "".join(file.read_text("utf-8") for file in (ROOT / "workbench").rglob("*.py"))
    settings = text_of(".env.example")
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", text_of("workbench/README.md")))

    assert sorted(name for name in named if f"{name}=" not in settings and not re.search(rf"\b{name}\b", code)) == []
