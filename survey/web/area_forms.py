"""The forms of the pages of areas. They carry texts; what may happen is the services'."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from survey.domain.labels import LABELS, N_
from survey.domain.limits import NAME_CHARACTERS

_FILL_IN = N_("Please fill this in.")
_TOO_LONG = Length(max=NAME_CHARACTERS, message=N_("This is too long."))


class UploadForm(FlaskForm):  # type: ignore[misc]
    """A list or boundaries to be looked at before anything changes."""

    file = FileField(N_("File"), [FileRequired(N_("Please choose a file."))])


class ApplyForm(FlaskForm):  # type: ignore[misc]
    """The file that was looked at, by its hash."""

    sha256 = HiddenField(validators=[InputRequired(_FILL_IN)])
    file_name = HiddenField(validators=[InputRequired(_FILL_IN)])


class MergeForm(FlaskForm):  # type: ignore[misc]
    """Which area this one goes into."""

    into = StringField(N_("Id of the area that stays"), [InputRequired(_FILL_IN), _TOO_LONG])


class AddAreaForm(FlaskForm):  # type: ignore[misc]
    """One more area under the one shown."""

    name = StringField(N_("Name"), [InputRequired(_FILL_IN), _TOO_LONG])
    level_labels: ClassVar = {key: LABELS["levels"][key] for key in ("jorong", "nagari")}
    level = RadioField(
        N_("Level"),
        [InputRequired(_FILL_IN)],
        choices=list[Any](level_labels),
        default="jorong",
    )
