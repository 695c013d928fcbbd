"""`make`: every target explains itself, and a missing tool is named with its remedy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {"help", "run", "test", "demo", "check", "bench", "soak", "messages", "clean"}


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # MAKEFLAGS and the like of a `make test` around us must not reach the inner make.
    outer = {
        name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFL"))
    }
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={**outer, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def fake_python(tmp_path: Path) -> Path:
    """An interpreter that answers as FAKE tells: too old, or without ensurepip."""
    script = tmp_path / "python"
    script.write_text(
        '#!/bin/sh\ncase "$2" in\n'
        "  *version_info*) exit $FAKE_VERSION_EXIT ;;\n"
        "  *ensurepip*) exit 1 ;;\n"
        "esac\nexit 3\n"
    )
    script.chmod(0o755)
    return script


def test_help_lists_every_target() -> None:
    result = make("help")
    assert result.returncode == 0, result.stderr
    listed = re.findall(r"^  make (\w+) +\S", result.stdout, re.MULTILINE)
    assert set(listed) == TARGETS
    assert len(listed) == len(set(listed))


def test_make_alone_is_help() -> None:
    assert make().stdout == make("help").stdout


def test_every_phony_name_is_a_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)[0].split()
    for name in phony:
        assert re.search(rf"^{name}:", text, re.MULTILINE), name


def test_a_python_that_is_too_old_is_named_with_the_remedy(
    fake_python: Path, tmp_path: Path
) -> None:
    venv = tmp_path / "venv"
    result = make(f"VENV={venv}", f"PYTHON={fake_python}", f"{venv}/.made", FAKE_VERSION_EXIT="1")
    assert result.returncode != 0
    assert "Jejak Sinyal needs Python 3.11 or newer" in result.stderr
    assert "sudo apt install python3 python3-venv" in result.stderr
    assert not venv.exists()


def test_a_machine_without_any_python_is_told_the_same(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("make", "sh"):
        (tools / name).symlink_to(str(shutil.which(name)))
    venv = tmp_path / "venv"
    result = make(f"VENV={venv}", f"{venv}/.made", PATH=str(tools))
    assert result.returncode != 0
    assert "Jejak Sinyal needs Python 3.11 or newer" in result.stderr


def test_a_python_without_venv_is_named_with_the_remedy(fake_python: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    result = make(f"VENV={venv}", f"PYTHON={fake_python}", f"{venv}/.made", FAKE_VERSION_EXIT="0")
    assert result.returncode != 0
    assert "sudo apt install python3-venv" in result.stderr
    assert not venv.exists()


def test_a_missing_browser_is_named_with_the_remedy(tmp_path: Path) -> None:
    missing = tmp_path / "no-browser"
    result = make("browser", f"CHROMIUM={missing}")
    assert result.returncode != 0
    assert f"{missing} is not there" in result.stderr
    assert "sudo apt install chromium" in result.stderr


def test_a_browser_that_is_there_needs_nothing(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    result = make("browser", f"CHROMIUM={browser}")
    assert (result.returncode, result.stdout) == (0, "")


def test_installing_again_has_nothing_to_do(tmp_path: Path) -> None:
    for stamp in (".made", ".installed", ".tests"):
        (tmp_path / stamp).touch()
    stamp = f"{tmp_path}/.tests"
    result = make("--question", f"VENV={tmp_path}", stamp)
    assert result.returncode == 0, "make would install again"


def test_port_and_host_reach_the_server() -> None:
    plan = make("--dry-run", "run", "PORT=8123", "HOST=0.0.0.0").stdout
    assert '/survey serve --host "0.0.0.0" --port "8123"' in plan


@pytest.fixture
def fake_survey(tmp_path: Path) -> Path:
    """An environment whose command `survey` says what it is told and under which address."""
    (tmp_path / "bin").mkdir()
    for name in ("survey", "python"):
        script = tmp_path / "bin" / name
        script.write_text(
            "#!/bin/sh\n"
            f'[ {name} = python ] || echo "$* url=$SURVEY_PUBLIC_URL instance=$SURVEY_INSTANCE"\n'
        )
        script.chmod(0o755)
    for stamp in (".made", ".installed"):
        (tmp_path / stamp).touch()
    return tmp_path


def test_run_prepares_the_instance_and_then_serves(fake_survey: Path) -> None:
    assert make("run", f"VENV={fake_survey}").stdout.splitlines() == [
        "init url= instance=",
        "serve --host 127.0.0.1 --port 8000 url= instance=",
    ]


def test_the_links_of_an_instance_on_another_port_name_that_port(fake_survey: Path) -> None:
    lines = make("run", f"VENV={fake_survey}", "PORT=8123").stdout.splitlines()
    assert lines[0] == "init url=http://127.0.0.1:8123 instance="


def test_a_public_address_that_was_chosen_stays(fake_survey: Path) -> None:
    chosen = "https://survei.example.go.id"
    result = make("run", f"VENV={fake_survey}", "PORT=8123", SURVEY_PUBLIC_URL=chosen)
    assert result.stdout.splitlines()[0] == f"init url={chosen} instance="


def test_the_demo_is_kept_apart_from_the_instance(fake_survey: Path) -> None:
    lines = make("demo", f"VENV={fake_survey}").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["demo", "serve"]
    assert all(line.endswith("instance=instance-demo") for line in lines)


def test_the_soak_takes_its_minutes() -> None:
    drawn = make("--dry-run", "soak", "MINUTES=3").stdout
    assert '--minutes "3"' in drawn
    assert "--seed" not in drawn
    assert '--seed "41"' in make("--dry-run", "soak", "SEED=41").stdout


def test_ci_is_executable_and_readable_by_bash() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
