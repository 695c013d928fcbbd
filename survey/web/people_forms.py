"""Forms about people: sign-in, welcome, password, person, roles. Limits are the services'."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import EqualTo, InputRequired, Length

from survey.domain.labels import LABELS, N_
from survey.domain.limits import NAME_CHARACTERS
from survey.domain.roles import ROLES
from survey.services.passwords import MAXIMUM_CHARACTERS

FILL_IN = N_("Please fill this in.")
TOO_LONG = N_("This is too long.")
NOT_THE_SAME = N_("The two passwords are not the same.")

LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}
"""Each language in its own words: never translated."""

# Plain values, labelled by the template: WTForms 3.3 warns of pairs, its types want them.
_LANGUAGE_CHOICES: list[Any] = list(LANGUAGE_NAMES)
_ROLE_CHOICES: list[Any] = list(ROLES)

_needed = InputRequired(FILL_IN)
_password_length = Length(max=MAXIMUM_CHARACTERS, message=TOO_LONG)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password of a member of staff."""

    username = StringField(N_("User name"), [_needed, Length(max=200, message=TOO_LONG)])
    password = PasswordField(N_("Password"), [_needed, _password_length])
    stay = BooleanField(N_("Stay signed in on this device"))


class WelcomeForm(FlaskForm):  # type: ignore[misc]
    """What a one-time link asks for."""

    name = StringField(N_("Your name"), [_needed, Length(max=NAME_CHARACTERS, message=TOO_LONG)])
    password = PasswordField(N_("New password"), [_needed, _password_length])
    repeat = PasswordField(
        N_("New password once more"), [_needed, EqualTo("password", NOT_THE_SAME)]
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password of one's own."""

    current = PasswordField(N_("Password until now"), [_needed, _password_length])
    password = PasswordField(N_("New password"), [_needed, _password_length])
    repeat = PasswordField(
        N_("New password once more"), [_needed, EqualTo("password", NOT_THE_SAME)]
    )


class LanguageForm(FlaskForm):  # type: ignore[misc]
    """The language of the office pages."""

    language_labels = LANGUAGE_NAMES
    language = RadioField(N_("Language"), choices=_LANGUAGE_CHOICES)


class RolesForm(FlaskForm):  # type: ignore[misc]
    """The set of roles of one person."""

    role_labels = LABELS["roles"]
    roles = SelectMultipleField(
        N_("Roles"), [InputRequired(N_("Choose at least one role."))], choices=_ROLE_CHOICES
    )


class PersonForm(RolesForm):
    """A new person."""

    name = StringField(N_("Name"), [_needed, Length(max=NAME_CHARACTERS, message=TOO_LONG)])
    username = StringField(N_("User name"), [_needed, Length(max=40, message=TOO_LONG)])
    language_labels = LANGUAGE_NAMES
    language = RadioField(N_("Language"), choices=_LANGUAGE_CHOICES, default="id")
