"""Everything that can be made of a run, each with the button that makes it, or the one that downloads it."""

import streamlit as st

from pages._ui.shell import downloads, jobs, layout, state, workers
from pages._ui.take_away import share
from tl_core.export import formats, page_size, page_words, stored
from tl_core.export.formats import GROUPS, Format
from tl_core.export.stored import Export
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.tasks import table
from tl_core.wording import out_of, size

KIND, FIRST = "export", "web"
OUTDATED = N_(":material/update: What is said of the model changed since. Make it again.")
BUSY = N_("Wait until the file that is being made is ready, or stop it.")


def show(run: RunFolder) -> list[Export]:
    """Show the job that makes a file, and each format by group; return what is made."""
    busy = jobs.panel(KIND, _title(run), run=str(run.folder))
    made = stored.of_run(run)
    by_format = {each.format: each for each in made}
    fitting = formats.of(run.project)
    for group, title in GROUPS.items():
        rows = [each for each in fitting if each.group == group]
        if rows:
            st.header(_(title), anchor=False)
        for each in rows:
            _row(run, each, by_format.get(each.id), busy)
            if each.id == FIRST:
                _words(run)
                share.show(run)
    for why in table.of(run.project).refused.values():
        st.caption(layout.escape(_(why)))
    return made


def _title(run: RunFolder) -> str:
    """Return what the present job does; "" without one."""
    job = jobs.current(KIND, run=str(run.folder))
    return _("Making {file}").format(file=_(formats.get(job.task.args["format"]).title)) if job else ""


def _row(run: RunFolder, chosen: Format, made: Export | None, busy: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"format-{chosen.id}"):
        with st.container(gap="xsmall"):
            st.markdown(f"**{_(chosen.title)}**")
            st.caption(_(chosen.purpose))
            if chosen.id == FIRST and not made:
                st.caption(_before(run))
            if made:
                st.caption(size(made.bytes) if chosen.document else proved(made))
                if (chosen.document or chosen.id == FIRST) and made.made < page_words.changed(run):
                    st.caption(_(OUTDATED))
        if made:
            download(run, chosen, made)
        label, icon = (_("Make again"), ":material/refresh:") if made else (_("Make"), ":material/build:")
        main = chosen.id == FIRST and not made
        press = st.button(
            label,
            icon=icon,
            key=f"make-{chosen.id}",
            type="primary" if main else "secondary",
            disabled=busy,
            help=_(BUSY) if busy else None,
        )
        if press:
            workers.start_job(KIND, run=str(run.folder), format=chosen.id)
            st.rerun()


def _before(run: RunFolder) -> str:
    """Return how large the page will be, in Markdown."""
    expected = page_size.expected(run)
    lines = [_("About {size}: the whole network is in it.").format(size=size(expected))]
    if expected > page_size.LARGE:
        lines.append(_("A phone may not open it."))
    return " ".join(lines)


def proved(made: Export) -> str:
    """Return size and proof of what was made, in Markdown."""
    if made.proof is None:
        return " ".join([":material/help:", size(made.bytes), "·", _("not proved")])
    icon = ":material/warning:" if made.proof.warns else ":material/verified:"
    said = _("same labels for {pictures}") if made.proof.several else _("same class for {pictures}")
    if made.proof.least_overlap is not None:
        said = _("same boxes for {pictures}")
    agree = said.format(pictures=out_of(made.proof.agree, made.proof.n))
    return f"{icon} {size(made.bytes)} · {agree}"


def download(run: RunFolder, chosen: Format, made: Export) -> None:
    """Draw the button that downloads a file; it is read when the button is pressed."""
    downloads.button(
        _("Download"),
        lambda: stored.path(run, made).open("rb"),
        made.file,
        key=f"download-{chosen.id}",
        type="primary" if chosen.id == FIRST else "secondary",
    )


def _words(run: RunFolder) -> None:
    """Let a person write the sentence of page, report and card; one that is too long stays in the field."""
    key = f"author-{run.id}"
    typed = state.widget(key) or ""
    problem = page_words.problem(typed)
    st.text_input(
        _("A sentence of yours for page, report and card"),
        placeholder=_("Which leaf is ill?"),
        help=_("It stands below the title."),
        **state.bound(key, typed if problem else page_words.sentence(run), lambda words: _save(run, words or "")),
    )
    if problem:
        st.warning(problem, icon=":material/short_text:")


def _save(run: RunFolder, words: str) -> None:
    with layout.calm():
        if not page_words.problem(words):
            page_words.write_sentence(run, words)
