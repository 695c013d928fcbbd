"""Documentation that cannot rot: commands, settings, endpoints and links are checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask

from survey import create_app
from survey.cli import main
from survey.settings import SETTINGS, load_settings

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"
API = ROOT / "docs" / "api.md"
API_PREFIX = "/api/v1"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """README, CHANGELOG and every page of docs/."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def section(text: str, word: str) -> str:
    """The sections whose heading names a word in code style, down to the next equal heading."""
    found = []
    for match in re.finditer(rf"^(#+) .*`{re.escape(word)}(?: [^`]*)?`.*$", text, re.MULTILINE):
        rest = text[match.end() :]
        end = re.search(rf"^#{{1,{len(match.group(1))}}} ", rest, re.MULTILINE)
        found.append(match.group() + (rest[: end.start()] if end else rest))
    return "\n".join(found)


def commands(
    group: click.Group = main, path: tuple[str, ...] = ("survey",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its full name, those inside groups too."""
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = list(commands())
each_command = pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS]
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    instance = tmp_path_factory.mktemp("instance")
    environment = {"SURVEY_INSTANCE": str(instance)}
    result = CliRunner().invoke(main, ["init"], env=environment)
    assert result.exit_code == 0, result.output
    made = create_app(load_settings(environment))
    yield made
    made.extensions["survey"].store.close()


@each_command
def test_every_command_has_its_heading_in_the_operations_handbook(
    path: tuple[str, ...], command: click.Command
) -> None:
    text = section(OPERATIONS.read_text(encoding="utf-8"), " ".join(path[:2]))
    assert text, f"no heading names `{' '.join(path[:2])}`"
    for word in path[2:]:
        assert re.search(rf"\b{re.escape(word)}\b", text), f"`{' '.join(path)}` is not described"


@each_command
def test_every_option_is_described_with_its_command(
    path: tuple[str, ...], command: click.Command
) -> None:
    text = section(OPERATIONS.read_text(encoding="utf-8"), " ".join(path[:2]))
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            for option in parameter.opts + parameter.secondary_opts:
                if option.startswith("--") and option != "--help":
                    shown = re.search(rf"{re.escape(option)}(?![\w-])", text)
                    assert shown, f"{' '.join(path)} {option}"


@each_command
def test_every_command_explains_itself(path: tuple[str, ...], command: click.Command) -> None:
    result = CliRunner().invoke(main, [*path[1:], "--help"])
    assert result.exit_code == 0
    assert command.help, f"{' '.join(path)} has no help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{' '.join(path)} {parameter.opts[0]} has no help"


def test_the_handbook_names_no_command_that_does_not_exist() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ .*`survey ([a-z]+)", text, re.MULTILINE)
    assert headings
    assert set(headings) <= set(main.commands)


@pytest.mark.parametrize("setting", SETTINGS, ids=[setting.name for setting in SETTINGS])
def test_every_setting_is_in_the_operations_handbook(setting: object) -> None:
    name = str(getattr(setting, "name", ""))
    assert f"`{name}`" in OPERATIONS.read_text(encoding="utf-8")
    assert getattr(setting, "doc", ""), f"{name} has no doc"


def test_the_pages_name_no_setting_that_does_not_exist() -> None:
    known = {setting.name for setting in SETTINGS}
    for page in pages():
        named = set(re.findall(r"\bSURVEY_[A-Z_]+[A-Z]\b", page.read_text(encoding="utf-8")))
        assert named <= known, page.name


def normal(path: str) -> str:
    """A path below the API's prefix, with the names of its variables taken out."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "<>", path.removeprefix(API_PREFIX))


def endpoints(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, normal(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(API_PREFIX)
        for method in (rule.methods or set()) - {"OPTIONS"}
        if method != "HEAD" or "GET" not in (rule.methods or set())
    }


def documented() -> set[tuple[str, str]]:
    """Method and path of each endpoint named in code style in docs/api.md; GET/PUT names two."""
    text = API.read_text(encoding="utf-8")
    found = re.findall(r"`((?:[A-Z]+/)*[A-Z]+) (/[^\s`?]*)[^`]*`", text)
    return {(method, normal(path)) for methods, path in found for method in methods.split("/")}


def test_every_endpoint_of_the_api_is_in_its_page(app: Flask) -> None:
    assert endpoints(app)
    assert endpoints(app) - documented() == set()


def test_the_api_page_names_no_endpoint_that_does_not_exist(app: Flask) -> None:
    other = {
        (method, normal(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    assert documented() - endpoints(app) - other == set()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        words = re.sub(r"[^\w\- ]", "", plain.lower())
        found.add(words.strip().replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{page.name}: {target}"


def test_every_page_is_reached_from_the_readme_or_the_architecture() -> None:
    reached = set()
    for page in (ROOT / "README.md", ROOT / "docs" / "architecture.md"):
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target):
                reached.add((page.parent / target.partition("#")[0]).resolve())
    files = {path for path in (ROOT / "docs").rglob("*") if path.is_file()}
    assert sorted(str(path.relative_to(ROOT)) for path in files - reached) == []


@pytest.mark.parametrize("audience", ["Officers", "Supervisors", "Operators", "Developers"])
def test_the_changelog_speaks_to_each_audience(audience: str) -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^### {audience}$", text, re.MULTILINE)
