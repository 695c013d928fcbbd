"""The office's door to exports: a page of filters and the download, streamed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import Optional

from survey.domain.exports import EXPORTED_STATES, ExportFilters
from survey.domain.labels import LABELS, N_
from survey.domain.problems import Problem
from survey.domain.review import STATES
from survey.domain.roles import may_see_personal_data
from survey.services.export_reading import Choices, list_choices
from survey.services.exporting import FORMATS, open_export
from survey.web.context import survey
from survey.web.guards import current_person, require_staff
from survey.web.language import gettext

blueprint = Blueprint("exports", __name__, url_prefix="/exports")

FORMAT_LABELS = {
    "gpx": N_("GPX: points and tracks for maps and GPS devices"),
    "csv": N_("CSV: a table, one row a test or reading"),
    "geojson": N_("GeoJSON: points for a GIS"),
}


class ExportForm(FlaskForm):  # type: ignore[misc]
    """What is asked for; it changes nothing, so it travels in the address."""

    class Meta:
        csrf = False

    # Plain values, labelled by the template from `labels`.
    format = RadioField(N_("Format"), choices=list[Any](FORMATS), default="gpx")
    campaign = SelectField(N_("Campaign"), default="")
    area = SelectField(N_("Area"), default="")
    officer = SelectField(N_("Officer"), default="")
    first_day = DateField(N_("From day"), [Optional()], name="from")
    last_day = DateField(N_("To day"), [Optional()], name="to")
    state = SelectMultipleField(N_("Status"), choices=list[Any](STATES))
    excel = BooleanField(N_("CSV for an Indonesian Excel (semicolons, decimal commas)"))
    personal = BooleanField(N_("With personal data: names and phone models"))
    labels: dict[str, dict[str, str]]

    def offer(self, choices: Choices) -> None:
        """Take what this instance has to choose from; the empty value stands for all."""
        self.labels = {"format": FORMAT_LABELS, "state": LABELS["states"]}
        for name in ("campaign", "area", "officer"):
            labels = {"": gettext("All"), **dict(getattr(choices, f"{name}s"))}
            self.labels[name] = labels
            self[name].choices = list(labels)
        if not self.state.data:
            self.state.data = list(EXPORTED_STATES)

    def filters(self) -> ExportFilters:
        """Return the chosen values as the service takes them."""
        first: date | None = self.first_day.data
        last: date | None = self.last_day.data
        return ExportFilters(
            campaign=self.campaign.data or None,
            area=self.area.data or None,
            officer=self.officer.data or None,
            first_day=first,
            last_day=last,
            states=tuple(self.state.data or EXPORTED_STATES),
        )


def _may_see_personal() -> bool:
    return may_see_personal_data(current_person().roles)


def _form(formdata: Any) -> ExportForm:
    form = ExportForm(formdata=formdata)
    form.offer(list_choices(survey().store.reader(), personal=_may_see_personal()))
    return form


def _page(form: ExportForm, problem: Problem | None = None) -> ResponseReturnValue:
    page = render_template(
        "exports/form.html", form=form, problem=problem, may_see_personal=_may_see_personal()
    )
    status = problem.status if problem else (422 if form.errors else 200)
    return page, status


@blueprint.get("")
@require_staff
def show_exports() -> ResponseReturnValue:
    """Show what can be exported."""
    return _page(_form(None))


@blueprint.get("/download")
@require_staff
def download() -> ResponseReturnValue:
    """Stream an export; a fault in the filters shows the page again."""
    form = _form(request.args)
    if not form.validate():
        return _page(form)
    if form.personal.data and not _may_see_personal():
        raise Problem("auth.forbidden")
    here = survey()
    try:
        export = open_export(
            here.store,
            here.settings,
            form.format.data,
            form.filters(),
            personal=bool(form.personal.data),
            tracks=_may_see_personal(),
            excel=bool(form.excel.data),
        )
    except Problem as problem:
        return _page(form, problem)
    if request.method == "HEAD":
        export.chunks.close()  # nobody would iterate them
    response = Response(export.chunks, content_type=export.content_type)
    response.content_length = export.size
    response.headers.set("Content-Disposition", "attachment", filename=export.file_name)
    response.headers["Cache-Control"] = "no-store"
    return response
