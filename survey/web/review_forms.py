"""The forms of the review pages. WTForms carries texts only; what may happen is the services'."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from survey.domain.labels import N_
from survey.domain.limits import NOTE_CHARACTERS, REASON_CHARACTERS

_NOT_LONGER = Length(max=REASON_CHARACTERS, message=N_("This text is too long."))
_PAGE_OLD = N_("This page was open too long. Please send it again.")


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """Approve, return or reject; the buttons carry the decision."""

    decision = StringField(N_("Decision"))
    reason = TextAreaField(N_("Reason"), [_NOT_LONGER])
    seq = IntegerField(validators=[InputRequired(_PAGE_OLD)])


class LayerForm(FlaskForm):  # type: ignore[misc]
    """One correction by the office; `subject` is a photo's hash."""

    field = StringField()
    subject = StringField()
    value = TextAreaField(N_("New value"), [Length(max=NOTE_CHARACTERS)])
    reason = TextAreaField(N_("Why"), [_NOT_LONGER])
    seq = IntegerField(validators=[InputRequired(_PAGE_OLD)])


class ConflictForm(FlaskForm):  # type: ignore[misc]
    """Which of two versions stands."""

    choice = StringField(N_("Choice"))
    reason = TextAreaField(N_("Why"), [_NOT_LONGER])
    seq = IntegerField(validators=[InputRequired(_PAGE_OLD)])


class CommentForm(FlaskForm):  # type: ignore[misc]
    """A word to the officer."""

    text = TextAreaField(N_("Comment"), [_NOT_LONGER])
