"""The reader of JavaScript source that the tests of floors and texts stand on."""

from __future__ import annotations

import pytest

from tools import javascript


def texts(source: str) -> list[str]:
    return [token.text for token in javascript.tokens(source)]


def test_comments_are_left_out_and_lines_are_counted() -> None:
    found = javascript.tokens("// document\n/* document\n */ a\n")
    assert [(token.text, token.line) for token in found] == [("a", 3)]


def test_a_slash_divides_after_a_value_and_opens_a_regular_expression_elsewhere() -> None:
    kinds = {
        t.text: t.kind for t in javascript.tokens("a / b; x = /[/'\"]`/g; (c) / d; return /`/")
    }
    assert kinds["/[/'\"]`/g"] == "regex"
    assert kinds["/`/"] == "regex"
    assert kinds["d"] == "word"


def test_strings_are_unescaped() -> None:
    assert texts(r'"a\"b\n\u00e9\u{1F600}\x41"') == ['a"b\né😀A']


def test_nested_templates_give_their_chunks_and_their_tokens() -> None:
    found = javascript.tokens("html`<b>${xs.map((x) => html`<i>${x}</i>`)}</b>`")
    templates = [(t.tag, t.chunks) for t in found if t.kind == "template"]
    assert templates == [("html", ("<b>", "</b>")), ("html", ("<i>", "</i>"))]


def test_braces_inside_a_template_expression_do_not_close_it() -> None:
    found = javascript.tokens("`a${f({ b: 1 })}c`")
    assert found[0].chunks == ("a", "c")


def test_static_dynamic_and_re_exporting_imports_are_found() -> None:
    source = (
        'import "./a.js";\nimport { b } from "./b.js";\nexport { c } from "./c.js";\n'
        'const d = await import("./d.js");\n// import "./e.js"\nArray.from("./f.js");\n'
    )
    assert javascript.imports(source) == [
        (1, "./a.js"),
        (2, "./b.js"),
        (3, "./c.js"),
        (4, "./d.js"),
    ]


def test_arguments_of_calls_are_read_where_they_are_literal() -> None:
    source = (
        't("a" + "b", { n: f(1, 2) }); nt("one", "many", n); t(label); x.t("no"); function t(p) {}'
    )
    assert list(javascript.calls(source, {"t", "nt"})) == [
        (1, "t", ["ab", None]),
        (1, "nt", ["one", "many", None]),
        (1, "t", [None]),
    ]


@pytest.mark.parametrize("source", ["`a", "`${b", "/* c", '"d'])
def test_source_that_is_cut_off_is_an_error_with_its_line(source: str) -> None:
    with pytest.raises(javascript.SourceError, match="line 1"):
        javascript.tokens(source)
