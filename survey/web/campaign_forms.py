"""The forms of the pages of campaigns. They carry texts; what may happen is the services'."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from survey.domain.campaigns import LETTER_CHARACTERS
from survey.domain.labels import N_
from survey.domain.limits import NAME_CHARACTERS

NOTE_CHARACTERS = 1_000

_FILL_IN = N_("Please fill this in.")
_TOO_LONG = N_("This is too long.")


class CampaignForm(FlaskForm):  # type: ignore[misc]
    """A new round of survey."""

    name = StringField(
        N_("Name"), [InputRequired(_FILL_IN), Length(max=NAME_CHARACTERS, message=_TOO_LONG)]
    )
    starts_on = DateField(N_("First day"), [Optional()])
    ends_on = DateField(N_("Last day"), [Optional()])
    note = TextAreaField(N_("Note"), [Length(max=NOTE_CHARACTERS, message=_TOO_LONG)])


class TargetsForm(FlaskForm):  # type: ignore[misc]
    """Jorong to add: one, all of a nagari or kecamatan, or those of the published list."""

    place = SelectField(N_("Which jorong"), [InputRequired(_FILL_IN)], validate_choice=False)


class AssignForm(FlaskForm):  # type: ignore[misc]
    """Which jorong go to which officers."""

    areas = SelectMultipleField(
        N_("Jorong"), [InputRequired(N_("Choose at least one jorong."))], validate_choice=False
    )
    officers = SelectMultipleField(
        N_("Officers"),
        [InputRequired(N_("Choose at least one officer."))],
        validate_choice=False,
    )
    due_on = DateField(N_("Until"), [Optional()])
    letter_number = StringField(
        N_("Number of the surat tugas"), [Length(max=LETTER_CHARACTERS, message=_TOO_LONG)]
    )
    note = StringField(
        N_("Note for the officers"), [Length(max=NOTE_CHARACTERS, message=_TOO_LONG)]
    )
