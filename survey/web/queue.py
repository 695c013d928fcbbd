"""The door to the queue: what came in and waits for a supervisor."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey.domain.flags import FLAGS
from survey.services.browsing import (
    browse_queue,
    count_questions,
    count_states,
    list_queue_choices,
)
from survey.web.context import survey
from survey.web.guards import require_staff
from survey.web.queue_filters import TABS, AddressFilter, read_filter, read_position
from survey.web.review_words import name_flag

blueprint = Blueprint("queue", __name__)


@blueprint.get("/office")
@require_staff
def show_office() -> ResponseReturnValue:
    """The office begins at the queue."""
    return redirect("/queue", 302)


@blueprint.get("/queue")
@require_staff
def show_queue() -> ResponseReturnValue:
    """Show a page of the queue under the address's filter, newest change first."""
    store = survey().store
    filters = read_filter(store, request.args)
    before = read_position(request.args.get("before"))
    return render_template(
        "queue/queue.html",
        page=browse_queue(store, filters.chosen, before),
        filters=filters,
        tabs=[(key, name, _count_tab(filters, states)) for key, name, states in TABS],
        choices=list_queue_choices(store),
        flag_names=sorted(((code, name_flag(code)) for code in FLAGS), key=lambda one: one[1]),
        questions=count_questions(store),
        before=before,
    )


def _count_tab(filters: AddressFilter, states: tuple[str, ...]) -> tuple[int, bool] | None:
    """Return a tab's count and whether there are more; None where the filter makes it another."""
    if filters.narrowed or not states:
        return None
    counted = count_states(survey().store, states)
    return sum(n for n, _ in counted.values()), any(more for _, more in counted.values())
