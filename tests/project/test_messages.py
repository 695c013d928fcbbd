"""Every text for people has its Indonesian form, and none hides outside gettext."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from survey.formats.catalogue import load_catalogue
from tools import messages, untranslated

ROOT = Path(__file__).resolve().parents[2]
TEXTS = messages.collect()


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return tmp_path / "id.po"


def test_every_text_of_the_code_is_translated() -> None:
    known = messages.read_catalogue()
    assert sorted(TEXTS.keys() - known.keys()) == [], "add them to survey/translations/id.po"


def test_every_text_of_the_phone_reaches_the_phone() -> None:
    """An entry that names only pages of the office is left out of what phones load."""
    sent = load_catalogue("id", messages.CATALOGUE).phone
    of_phone = {
        key
        for key, text in TEXTS.items()
        if any(file.startswith("static/") and "/office/" not in file for file in text.files)
    }
    assert sorted(of_phone - sent) == [], "make messages, or name the file in a #: line"


def test_a_translation_has_the_placeholders_of_its_source() -> None:
    known = messages.read_catalogue()
    wrong = {
        key: known[key]
        for key, text in TEXTS.items()
        if key in known and placeholders(known[key]) != placeholders(text.plural or key)
    }
    assert wrong == {}


def test_no_text_for_people_stands_outside_gettext() -> None:
    assert list(untranslated.in_project(ROOT)) == []


def test_the_texts_of_templates_python_and_javascript_are_found() -> None:
    kinds = {Path(file).suffix for text in TEXTS.values() for file in text.files}
    assert kinds >= {".html", ".js", ".py"}


def test_every_problem_is_a_text_to_translate() -> None:
    assert "survey/domain/problems.py" in TEXTS["This visit is not known."].files


def test_of_an_entry_given_twice_the_last_translation_counts(catalogue: Path) -> None:
    catalogue.write_text(
        'msgid "Save"\nmsgstr "Simpan"\n\nmsgid "Save"\nmsgstr "Simpan saja"\n'
        '\nmsgid "Save"\nmsgstr ""\n'
    )
    assert messages.read_catalogue(catalogue) == {"Save": "Simpan saja"}


def test_entries_over_several_lines_and_with_plurals_are_read(catalogue: Path) -> None:
    catalogue.write_text(
        'msgid ""\n"one "\n"text"\nmsgstr ""\n"satu \\"teks\\""\n'
        'msgid "{n} day"\nmsgid_plural "{n} days"\nmsgstr[0] "{n} hari"\n'
    )
    assert messages.read_catalogue(catalogue) == {"one text": 'satu "teks"', "{n} day": "{n} hari"}


def test_updating_keeps_translations_retires_the_unused_and_is_stable(catalogue: Path) -> None:
    source = "This visit is not known."
    catalogue.write_text(
        'msgid "Nobody uses this"\nmsgstr "Tak dipakai"\n'
        f'msgid "{source}"\nmsgstr "Tidak dikenal"\n'
    )
    missing = messages.update(catalogue)
    first = catalogue.read_text()
    assert source not in missing
    assert set(missing) == TEXTS.keys() - {source}
    assert f'#: survey/domain/problems.py\nmsgid "{source}"\nmsgstr "Tidak dikenal"\n' in first
    assert '#~ msgid "Nobody uses this"\n#~ msgstr "Tak dipakai"\n' in first
    messages.update(catalogue)
    assert catalogue.read_text() == first


def test_a_retired_text_that_returns_finds_its_translation_again(catalogue: Path) -> None:
    catalogue.write_text('#~ msgid "This visit is not known."\n#~ msgstr "Tidak dikenal"\n')
    messages.update(catalogue)
    assert messages.read_catalogue(catalogue)["This visit is not known."] == "Tidak dikenal"
    assert "#~" not in catalogue.read_text()


@pytest.mark.parametrize(
    "source",
    [
        "<p>Save the visit</p>",
        '<p title="Save the visit">{{ _("Save") }}</p>',
        '<input placeholder="Name of the jorong">',
        "<p>{% if n %}Many{% endif %}</p>",
        "<p>{{ n }} visits</p>",
    ],
)
def test_a_text_outside_gettext_is_found_in_a_template(source: str) -> None:
    assert len(untranslated.in_template(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '<p>{{ _("Save the visit") }} · {{ n }}</p>',
        "<p>Jejak Sinyal: -108 dBm, GPX</p>",
        '<script src="app.js"></script><code>survey init</code>',
        '{# a remark #}<p class="big {% if n %}wide{% endif %}">×</p>',
        '<a href="/a" {% if n %}aria-current="page"{% endif %} title="{{ _("Map") }}">{{ x }}</a>',
    ],
)
def test_a_template_with_its_texts_in_gettext_has_no_finding(source: str) -> None:
    assert untranslated.in_template(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "html`<p>Save the visit</p>`",
        "html`<ul>${xs.map((x) => html`<li>of ${x}</li>`)}</ul>`",
        'html`<${Check} label="Power is on" checked=${on} />`',
        'line.textContent = "Save the visit";',
        'confirm("Really?")',
        'box.setAttribute("aria-label", "Save the visit")',
    ],
)
def test_a_text_outside_gettext_is_found_in_javascript(source: str) -> None:
    assert len(untranslated.in_javascript(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        'html`<p class="wide">${t("Save the visit")} ${n} dBm</p>`',
        'html`<${Check} label=${t("Power is on")} onChange=${(x) => x > 2} /><//>`',
        'line.textContent = t("Save the visit"); const key = "save the visit";',
        "html`<dialog data-testid=save aria-label=${title}>${children}</dialog>`",
    ],
)
def test_javascript_with_its_texts_in_gettext_has_no_finding(source: str) -> None:
    assert untranslated.in_javascript(source) == []


def test_a_text_outside_gettext_is_found_in_a_form_or_a_view() -> None:
    source = 'flash("Saved")\nname = StringField("Name", [Length(message="Too long")])'
    assert untranslated.in_python(source) == ["Saved", "Name", "Too long"]
    assert untranslated.in_python('flash(_("Saved"))\nname = StringField(N_("Name"))') == []
