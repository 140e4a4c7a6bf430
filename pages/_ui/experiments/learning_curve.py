"""The learning curve on the page: what more pictures would bring, and the button that leads to adding them."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages._ui.experiments import charts as drawn
from pages._ui.experiments.frame import Row
from pages._ui.freeze import probe
from pages._ui.pictures import classes
from pages._ui.shell import charts, layout, state
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.experiments import baselines, curve_words, learning_curve
from tl_core.experiments.curve import Curve
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.outlook import Outlook
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.wording import number, percent
from tl_core.workspace import Project


def _form(project: Project) -> Callable[[], Experiment] | None:
    network = tables.get(state.draft(project).backbone)
    if not probe.has_weights(network):
        return None
    st.caption(_("It uses {network}, the network of this project.").format(network=layout.escape(network.title)))
    return lambda: learning_curve.create(project, network.id)


def _result(current: Experiment) -> None:
    (job,) = current.parts()
    curve = learning_curve.load(job.folder)
    if curve is None:
        return
    outlook = None if current.active else learning_curve.outlook_of(job.folder)
    if outlook is not None:
        st.markdown(f"**{layout.escape(curve_words.verdict(outlook))}** {layout.escape(curve_words.by_class(outlook))}")
        _add(outlook)
    points, beside = curve.points(), learning_curve.load(job.folder, learning_curve.BESIDE)
    baseline = baselines.of(current.project)
    others = {_(baseline.title): beside.points()} if baseline and beside else {}
    charts.show(drawn.curve(points, outlook, curve.guess, others), _alt(curve), key="curve-chart")
    if said := " ".join(filter(None, [curve_words.without(curve, beside), curve_words.precision(points)])):
        st.markdown(said)
    kind = kinds.of(current.project)
    if not current.active:
        _classes(curve, outlook, kind)
    named = _("Network: {network}.").format(network=layout.escape(_name(job)))
    caption = " ".join(filter(None, [curve_words.right(kind), curve_words.on(curve.n, curve.every), named]))
    st.caption(caption, help=_(_METHODS.get(kind, _METHOD)))


def _add(outlook: Outlook) -> None:
    """Draw the links that lead to adding pictures: to the class that gains most, where that is known."""
    with st.container(horizontal=True):
        leading = outlook.leading()
        for each in leading:
            label = _("Add pictures of “{class_name}”").format(class_name=layout.escape(each.label))
            layout.link("pictures", label, icon=":material/add_photo_alternate:", **{classes.ADD: each.label})
        if not leading:
            layout.link("pictures", _("Add pictures"), icon=":material/add_photo_alternate:", **{"add-more": "true"})


def _classes(curve: Curve, outlook: Outlook | None, kind: Things) -> None:
    """Show the curve of some classes, and all of them in a table."""
    names, gains = curve.classes, {each.label: each for each in outlook.classes} if outlook else {}
    order = sorted(names, key=lambda name: -gains[name].gain if name in gains else -1.0) if gains else names
    chosen = st.multiselect(
        _("Classes in the chart"),
        names,
        max_selections=drawn.MOST_CLASSES,
        **state.kept("curve-classes", order[: min(4, len(order))], names, by_link=False),
    )
    points = {name: curve.points(names.index(name)) for name in chosen}
    if points:
        charts.show(drawn.by_class(points), _class_alt(points, kind), key="class-curves")
    rows = []
    for name in order:
        last = curve.points(names.index(name))[-1]
        row = {
            "Class": name,
            "Learned from": number(last.pictures),
            "Named right": curve_words.measured(last.accuracy, last.interval, last.n),
        }
        if outlook and gains:
            row[_("{number} more bring").format(number=number(outlook.more))] = curve_words.gain(gains.get(name))
        rows.append(row)
    columns: dict[str, Any] = {
        "Class": st.column_config.Column(_("Class"), pinned=True),
        "Learned from": _("Learned from"),
        "Named right": _(_NAMED.get(kind, NAMED)),
    }
    st.dataframe(rows, hide_index=True, width="stretch", column_config=columns)


def _alt(curve: Curve) -> str:
    each = (
        _("{accuracy} with {pictures}").format(
            accuracy=percent(point.accuracy, point.n), pictures=number(point.pictures)
        )
        for point in curve.points()
    )
    return _("Accuracy by the number of pictures a class: {points}.").format(points=", ".join(each))


def _class_alt(points: dict[str, list[Any]], kind: Things) -> str:
    each = (
        _("{class_name} {first} to {last}").format(
            class_name=name, first=percent(own[0].accuracy), last=percent(own[-1].accuracy)
        )
        for name, own in points.items()
        if own
    )
    return _(_CLASS_ALTS.get(kind, _CLASS_ALT)).format(classes="; ".join(each))


def _name(job: Job) -> str:
    return tables.title(job.task.args["backbone"])


#: What is counted of a class, or of a label, in the table and beside the chart.
NAMED = N_("Named right")
_NAMED: dict[Things, str] = {"tags": N_("Given or left out rightly")}
_CLASS_ALT = N_("How often each class is named right, from few pictures to all: {classes}.")
_CLASS_ALTS: dict[Things, str] = {
    "tags": N_("How often each label is given or left out rightly, from few pictures to all: {classes}.")
}
_METHOD = N_(
    "Some pictures of each class are drawn, a head learns from them, and pictures that it has not seen are asked. "
    "That is repeated with other draws, and the head is the same for all points. The line is a power law; "
    "its band comes from drawing pictures and repeats again. For a class, the others grow as well."
)
_METHODS: dict[Things, str] = {
    "tags": N_(
        "Some pictures are drawn, so that each label keeps its share; a head for each label learns from them, and "
        "pictures that it has not seen are asked. That is repeated with other draws, and the heads are the same for "
        "all points. The line is a power law; its band comes from drawing pictures and repeats again. For a label, "
        "the pictures with the others grow as well."
    )
}

ROW = Row(
    kind=learning_curve.KIND,
    title=N_("How many pictures do I need?"),
    icon=":material/trending_up:",
    lead=N_(
        "Heads learn from 5 pictures a class, then from more, up to all. The curve says what twice as many would "
        "bring, and which class needs them most."
    ),
    form=_form,
    result=_result,
    name=_name,
)
