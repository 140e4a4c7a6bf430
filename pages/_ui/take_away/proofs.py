"""How the files answer without this app: a row for each, and the pictures for which one names another class."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages._ui.explain import texts
from pages._ui.pictures import zoom
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import Tile, small
from pages._ui.shell import layout
from tl_core.export import formats, reference
from tl_core.export.proof import Proof
from tl_core.export.stored import Export
from tl_core.language import _
from tl_core.networks import tables
from tl_core.runs import RunFolder
from tl_core.wording import duration, fraction, interval, milliseconds, out_of, size

#: So many pictures are shown of a file that names other classes.
MOST = 24


def show(run: RunFolder, made: Sequence[Export]) -> None:
    """Show the proofs of what is made."""
    st.header(_("Proof"), anchor=False)
    models = [each for each in made if not formats.get(each.format).document]
    if not models:
        st.caption(_("No model is made yet. Each is proved here once it is made."))
        return
    st.markdown(
        _("Each file ran in a process that has nothing of Thaw. Its answers are compared with those of the app.")
    )
    several = any(each.proof and each.proof.several for each in models)
    boxes = any(each.proof and each.proof.least_overlap is not None for each in models)
    columns = _columns(_("Same boxes") if boxes else _("Same labels") if several else _("Same class"))
    rows = [_row(each) for each in models]
    shown = [name for name in columns if any(row.get(name) for row in rows)]
    st.dataframe(rows, hide_index=True, width="stretch", column_config=columns, column_order=shown)
    if run.recipe.everything:
        st.caption(_("They are training pictures: this run has no others. Agreement can be seen on any picture."))
    for each in models:
        if each.proof is None:
            title, why = _(formats.get(each.format).title), _(each.not_proved) if each.not_proved else ""
            st.caption(layout.escape(_("{file} is not proved: {reason}").format(file=title, reason=why)))
        elif each.proof.changed:
            _changed(run, each, each.proof)


def _columns(same: str) -> dict[str, str]:
    """Return how the columns of ``_row`` are called; ``same`` is what is the same."""
    return {
        "Format": _("Format"),
        "Download": _("Download"),
        "Same class": same,
        "95% interval": _("95% interval"),
        "Same “none of these”": _("Same “none of these”"),
        "Largest difference": _("Largest difference"),
        "A picture takes": _("A picture takes"),
        "Ready after": _("Ready after"),
    }


def _row(made: Export) -> dict[str, str]:
    proof = made.proof
    row = {"Format": _(formats.get(made.format).title), "Download": size(made.bytes)}
    if proof is None:
        return {**row, "Same class": _("not proved")}
    return {
        **row,
        "Same class": out_of(proof.agree, proof.n),
        "95% interval": interval(*proof.interval, proof.n),
        "Same “none of these”": "" if proof.refusals is None else out_of(proof.refusals, proof.n),
        "Largest difference": fraction(proof.max_difference),
        "A picture takes": milliseconds(proof.milliseconds),
        "Ready after": "" if proof.ready is None else duration(proof.ready),
    }


def _changed(run: RunFolder, made: Export, proof: Proof) -> None:
    """Show for which pictures a file names another class than the app."""
    text = proof.others(_(formats.get(made.format).title))
    if proof.warns:
        st.warning(" ".join([text, _("Look at them before you use it.")]), icon=":material/warning:")
    else:
        st.markdown(text)
    shown = _tiles(run, proof)
    _draw(run, made, shown)
    if len(proof.changed) > MOST:
        st.caption(_("The first {shown} of {number}.").format(shown=MOST, number=len(proof.changed)))


def _draw(run: RunFolder, made: Export, shown: list[Tile]) -> None:
    if tables.takes_texts(run.recipe.backbone):
        key = f"changed-{made.format}"
        texts.listed(run.project, shown, key=key, clear=run.id, opened=None, on_open=lambda id_: None)
        return
    picture_grid(
        shown,
        [small(run.project, each.id) for each in shown],
        key=f"changed-{made.format}",
        clear=run.id,
        on_zoom=partial(zoom.show, run.project, [each.id for each in shown], version=run.recipe.manifest),
        marks=False,
    )


def _tiles(run: RunFolder, proof: Proof) -> list[Tile]:
    if proof.least_overlap is not None:
        return [
            Tile(id_, _("file: {class_name}").format(class_name=found or _("nothing")), "")
            for id_, found in list(zip(proof.changed, proof.changed_to, strict=True))[:MOST]
        ]
    app = reference.of_split(run, proof.split)
    rows = {id_: row for row, id_ in enumerate(app.ids)} if app else {}
    named = dict(zip(proof.changed, proof.changed_to, strict=False))
    none = _("no label") if proof.several else _("another class")
    return [
        Tile(
            id_,
            _("file: {class_name}").format(class_name=named.get(id_) or none),
            _("app: {class_name}").format(class_name=app.answer(rows[id_]) or none),
        )
        for id_ in proof.changed[:MOST]
        if app and id_ in rows
    ]
