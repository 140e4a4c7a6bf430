"""Which project: the choice between them, a new one, another name."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from pages._ui.shell import kinds, layout, state
from tl_core import language, storage
from tl_core.about import Things
from tl_core.dataset import kinds as dataset_kinds
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.storage import Trashed
from tl_core.workspace import LONGEST_NAME, Project, given_name

NEW_NAME = N_("My pictures")


def choose(current: Project | None, more: Callable[[], object] = lambda: None) -> None:
    """Draw the choice between projects, the way to a new one, and what can be done with this one.

    Args:
        current: the current project.
        more: draws what stands at the end of the row.
    """
    projects = state.workspace().projects()
    if not projects:
        return
    # Streamlit tells options apart by what they read, so no two may read the same.
    names = Counter(project.name for project in projects)
    titles = {each.slug: each.name if names[each.name] == 1 else f"{each.name} ({each.slug})" for each in projects}
    with st.container(horizontal=True, vertical_alignment="bottom", key="projects"):
        if current is not None:
            choice = state.bound("project-choice", current.slug, _open, options=titles)
            state.hold_widget("project-choice")  # a project may have another name than before
            st.selectbox(
                _("Project"),
                # The current one first: where the browser builds the list anew, it begins with the first.
                sorted(titles, key=lambda slug: (slug != current.slug, titles[slug].casefold())),
                format_func=titles.__getitem__,
                width=360,
                **choice,
            )
        # Another key after each new project: the popover closes, and a second press finds no button.
        with st.popover(_("New project"), icon=":material/add:", key=f"new-project-{len(projects)}"):
            _new()
        if current is not None:
            with st.popover(
                _("Rename or delete"), icon=":material/edit:", key=f"project-{current.slug}-{current.name}"
            ):
                _rename(current)
                layout.delete_button(
                    _("Delete the project"),
                    current.folder,
                    lambda for_good: _delete(current, for_good),
                    means=_("Its pictures and runs go to the trash. Undo brings them back."),
                    key="delete-project",
                )
        more()


def _open(slug: str) -> None:
    state.set_project(state.workspace().project(slug))
    state.set_job(None)


def _new() -> None:
    with st.form("new-project-form", border=False):
        usual = free_name()
        name = st.text_input(_("Name"), value=usual)
        with language.written_in(f"{language.current()}@{language.THINGS}"):  # each kind by its own name
            titles = {each.id: f"{each.icon} {_(each.choice)}" for each in kinds.EVERY}
            captions = [_(each.asks) for each in kinds.EVERY]
        asked = _("What do you want to tell apart?")
        things = st.radio(asked, list(titles), format_func=titles.__getitem__, captions=captions, key="new-things")
        if st.form_submit_button(_("Create"), type="primary") and _is_free(name):
            create(_(kinds.get(things).new_name) if name == usual else name, things)
            state.set_job(None)
            st.rerun()


def _rename(project: Project) -> None:
    with st.form("rename-project-form", border=False):
        name = st.text_input(_("New name of the project"), value=project.name)
        if st.form_submit_button(_("Rename the project"), type="primary") and _is_free(name):
            project.rename(name)
            st.rerun()


def _delete(project: Project, for_good: bool) -> Trashed:
    trashed = storage.trash_project(project, for_good=for_good)
    state.set_project(None)
    state.set_job(None)
    return trashed


def _is_free(name: str) -> bool:
    """Return whether a project may be called so; if not, say why."""
    try:
        given_name(name)
    except InputError as problem:
        st.warning(layout.escape(str(problem)))
        return False
    if name.strip() in _names():
        taken = _("There is a project “{name}” already. Choose another name.")
        st.warning(taken.format(name=layout.escape(name)))
        return False
    return True


def _names() -> set[str]:
    return {project.name for project in state.workspace().projects()}


def free_name(wanted: str = "") -> str:
    """Return a name for a new project: the wanted one, with a number where it is taken."""
    return state.workspace().free_name(wanted.strip()[:LONGEST_NAME] or _(NEW_NAME))


def create(name: str, things: Things = "pictures") -> Project:
    """Create a project that is to hold these things, and make it the current one."""
    created = state.workspace().create_project(free_name(name), lambda project: dataset_kinds.claim(project, things))
    state.set_project(created)
    return created
