"""Freeze: the line, what it costs, the layers behind it, what the blocks see, with a real engine."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.freeze import layers, words
from pages._ui.freeze import line as freeze_line
from pages._ui.freeze import probe as freeze_probe
from pages._ui.pictures import upload_route
from pages._ui.shell import state
from tests.conftest import write_pictures
from tests.core.pictures import picture
from tests.pages.conftest import Open, metric, open_drawers, text, wait_for
from tl_core import jobs
from tl_core.freezing import outline, probe, speed
from tl_core.freezing.outline import Outline
from tl_core.freezing.probe import BlockAccuracy, ProbeResult
from tl_core.freezing.speed import Speed
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.networks.structure import Block
from tl_core.workspace import Project, Workspace

LITE = "efficientnet-lite0"


def line(app: AppTest):
    return app.select_slider(key=freeze_line.SLIDER)


def outlined(workspace: Workspace) -> Outline:
    return outline.load(workspace, LITE)


def preset(app: AppTest):
    return app.button_group(key=freeze_line.PRESET)


def choose(app: AppTest, name: str) -> AppTest:
    return preset(app).set_value(name).run()


@pytest.mark.slow
def test_a_network_is_drawn_when_it_is_seen_for_the_first_time(open_page: Open, project: Project, workspace: Workspace):
    shutil.rmtree(workspace.root / "networks")
    app = open_page("freeze.py", project=project.slug)
    assert not app.exception, app.exception
    assert outline.load(workspace, LITE)
    assert line(app).value == len(outlined(workspace).blocks)
    assert state.draft(project).freeze == "all"


def test_the_presets_the_slider_and_the_draft_agree(open_page: Open, project: Project, workspace: Workspace):
    app = open_page("freeze.py", project=project.slug)
    count = len(outlined(workspace).blocks)
    values = outlined(workspace).lines
    for name, at in (("third", count - round(count / 3)), ("none", 0), ("all", count)):
        choose(app, name)
        assert not app.exception, app.exception
        assert (line(app).value, state.draft(project).freeze) == (at, values[at])
    line(app).set_value(3).run()
    assert preset(app).value is None
    assert state.draft(project).freeze == values[3]
    line(app).set_value(0).run()
    assert preset(app).value == "none"


def test_a_preset_that_is_pressed_again_stays(open_page: Open, project: Project):
    app = choose(open_page("freeze.py", project=project.slug), "third")
    before = line(app).value
    preset(app).set_value(None).run()
    assert (preset(app).value, line(app).value) == ("third", before)


def test_the_line_is_still_there_after_a_refresh(open_page: Open, project: Project):
    line(open_page("freeze.py", project=project.slug)).set_value(5).run()
    assert line(open_page("freeze.py", project=project.slug)).value == 5


def test_the_train_page_says_how_many_blocks_are_frozen(open_page: Open, project: Project, workspace: Workspace):
    values = outlined(workspace).lines
    for line, shown in (("all", "All but the head"), (values[12], "12 of 18 blocks"), ("none", "No block")):
        state.update_draft(project, freeze=line)
        assert metric(open_page("train.py", project=project.slug), "Frozen") == shown


def test_parameters_follow_the_line(open_page: Open, project: Project):
    app = open_page("freeze.py", project=project.slug)
    assert metric(app, "Trainable") == "1.3 k"
    assert metric(app, "Frozen") == "3.4 M"
    choose(app, "none")
    assert metric(app, "Trainable") == "3.3 M"
    assert "epoch runs and trains the whole network" in text(app)


@pytest.mark.slow
def test_an_unknown_speed_can_be_measured(open_page: Open, project: Project, workspace: Workspace):
    app = open_page("freeze.py", project=project.slug)
    assert metric(app, "Each epoch") == "–"
    app.button(key="measure").click().run()
    (job,) = jobs.all_jobs(workspace)
    assert "Measuring the speed" in text(app)
    wait_for(lambda: not job.active)
    app = open_page("freeze.py", project=project.slug)
    assert "about" in metric(app, "First pass") or "under" in metric(app, "First pass")
    assert "Times are estimates" in text(app)


def save_speed(workspace: Workspace) -> None:
    speed.save(
        workspace, LITE, Speed(pictures_per_second=0.5, pictures=1, batch=1, size=224, device="", date="2026-01-01")
    )


def test_times_are_estimates_in_words(open_page: Open, project: Project, workspace: Workspace):
    save_speed(workspace)
    app = open_page("freeze.py", project=project.slug)
    assert metric(app, "First pass") == "about 40 s"
    assert metric(app, "Each epoch") == "under 1 s"


def test_live_augmentation_says_what_it_costs(open_page: Open, project: Project, workspace: Workspace):
    save_speed(workspace)
    state.update_draft(project, augmentation="full", augmentation_variants=0)
    app = open_page("freeze.py", project=project.slug)
    assert metric(app, "Cache on disk") == "nothing"
    assert "Every epoch runs all of it again and takes about 40 s" in text(app)
    state.update_draft(project, augmentation="full", augmentation_variants=2)
    app = open_page("freeze.py", project=project.slug)
    assert "With 2 augmented copies" in text(app)
    assert metric(app, "Cache on disk").endswith("kB")


def test_the_head_follows_the_number_of_classes(open_page: Open, project: Project, tmp_path):
    open_page("freeze.py", project=project.slug)
    assert state.draft(project).head_for(2).activation == "sigmoid"
    folder = write_pictures(tmp_path / "more", {"pear": 4}, size=40)
    importer.import_source(project, Source("folder", str(folder)))
    app = open_page("freeze.py", project=project.slug)
    assert not app.exception
    assert state.draft(project).head_for(3).activation == "softmax"
    assert "Output: softmax" in text(app)


def test_the_head_can_be_changed_again_and_again(open_page: Open, project: Project):
    app = open_page("freeze.py", project=project.slug)
    for units, share in ((32, 0.3), (64, 0.4), (128, 0.5)):
        app.select_slider(key="head-hidden").set_value(units).run()
        app.slider(key="head-dropout").set_value(share).run()
        saved = state.draft(project).head
        assert (saved.hidden, saved.dropout) == (units, share)
        assert (app.select_slider(key="head-hidden").value, app.slider(key="head-dropout").value) == (units, share)
    again = open_page("freeze.py", project=project.slug)
    assert (again.select_slider(key="head-hidden").value, again.slider(key="head-dropout").value) == (128, 0.5)


def test_the_network_can_be_changed_again_and_again(open_page: Open, project: Project):
    app = open_page("model.py", project=project.slug)
    for id_ in ("efficientnet-lite1", "efficientnet-lite2", "efficientnet-lite0"):
        app.selectbox(key="network").set_value(id_).run()
        assert (state.draft(project).backbone, app.selectbox(key="network").value) == (id_, id_)
        assert not app.exception, app.exception


def test_another_network_drops_a_line_that_it_does_not_have(open_page: Open, project: Project):
    line(open_page("freeze.py", project=project.slug)).set_value(5).run()
    state.update_draft(project, keep_frozen=("stem_conv",))
    open_page("model.py", project=project.slug).selectbox[0].set_value("efficientnet-lite1").run()
    assert (state.draft(project).freeze, state.draft(project).keep_frozen) == ("all", ())


def test_layers_are_listed_and_chosen_to_stay_frozen(open_page: Open, project: Project):
    app = choose(open_page("freeze.py", project=project.slug), "third")
    assert not app.dataframe
    trained = metric(app, "Trainable")
    open_drawers(app, "layers")
    assert not app.exception, app.exception
    table = app.dataframe[0].value
    assert set(table["state"]) == {layers.FROZEN, layers.TRAINS, layers.STILL, layers.WITHOUT}
    app.multiselect(key=layers.TYPES).set_value(["DepthwiseConv2D"]).run()
    assert state.draft(project).keep_frozen == ("DepthwiseConv2D",)
    assert metric(app, "Trainable") != trained
    names = app.multiselect(key=layers.NAMES)
    assert not [name for name in names.options if name.endswith("dw_conv")]
    names.set_value(names.options[-1:]).run()
    assert state.draft(project).keep_frozen == ("DepthwiseConv2D", names.options[-1])
    again = open_drawers(open_page("freeze.py", project=project.slug), "layers")
    assert again.multiselect(key=layers.TYPES).value == ["DepthwiseConv2D"]


def test_batch_norm_trains_by_a_switch(open_page: Open, project: Project):
    app = open_drawers(choose(open_page("freeze.py", project=project.slug), "third"), "layers")
    assert "can quickly undo what the network has learned" in text(app)
    switch = app.toggle(key=layers.BATCH_NORM)
    assert not switch.value
    switch.set_value(True).run()
    assert state.draft(project).train_batch_norm is True


def test_an_unknown_network_is_an_error_on_the_page(open_page: Open, project: Project):
    state.update_draft(project, backbone="efficientnet-lite9")
    app = open_page("freeze.py", project=project.slug)
    assert not app.exception, app.exception
    assert "efficientnet" in str(app.error[0].value)


@pytest.mark.slow
def test_the_blocks_are_probed_and_the_suggestion_is_taken(open_page: Open, project: Project, workspace: Workspace):
    state.update_draft(project, image_size=64)
    app = open_page("freeze.py", project=project.slug)
    app.button(key="start-probe").click().run()
    assert "Probing the blocks" in text(app)
    (job,) = jobs.all_jobs(workspace)
    wait_for(lambda: not job.active)
    result = probe.load(project, LITE, 64, 1)
    values = outlined(workspace).lines
    other = "none" if result.suggested != "none" else "all"
    state.update_draft(project, freeze=other)
    app = open_page("freeze.py", project=project.slug)
    assert not app.exception, app.exception
    assert f"measured on {result.n} validation pictures" in text(app)
    app.button(key="use-suggested").click().run()
    assert state.draft(project).freeze == result.suggested
    assert line(app).value == values.index(result.suggested)
    assert app.button(key="use-suggested").disabled


def test_a_probe_that_failed_says_why_and_can_be_tried_again(open_page: Open, project: Project, workspace: Workspace):
    job = jobs.create_in(workspace, "probe", project=str(project.folder), backbone=LITE, size=224, manifest=1)
    jobs.set_status(job.folder, state="failed", error="The pictures are gone.")
    app = open_page("freeze.py", project=project.slug, job=job.id)
    assert "The pictures are gone" in str(app.error[0].value)
    assert app.button(key="again")


def test_the_curve_is_drawn_over_the_blocks_that_there_are(workspace: Workspace, project: Project):
    drawn = outlined(workspace)
    measured = tuple(
        BlockAccuracy(id=block.id, label=block.label, accuracy=0.62, interval=(0.5, 0.7)) for block in drawn.blocks[:2]
    )
    about = {"backbone": LITE, "size": 64, "manifest": 1, "train": 210, "n": 45, "chance": 0.5, "why": "", "seconds": 1}
    curve = freeze_probe.curve(ProbeResult(blocks=measured, suggested=drawn.blocks[1].id, **about), drawn)
    assert [point.block for point in curve.points] == [0, 1]
    assert (curve.suggested, curve.low) == (2, "60%")
    assert "Stem 62%" in curve.alt
    assert freeze_probe.curve(None, drawn) is None


@pytest.mark.slow
def test_feature_maps_and_filters_are_shown(open_page: Open, project: Project):
    state.update_draft(project, image_size=64)
    app = open_drawers(choose(open_page("freeze.py", project=project.slug), "third"), "sight")
    assert not app.exception, app.exception
    assert "the 12 strongest of its 112 maps" in text(app)
    assert "first layer's filters" in text(app)
    app.selectbox(key="sight-block").set_value("stem_relu").run()
    assert "of its 32 maps" in text(app)
    app.query_params["sight-own"] = upload_route.stage(project.workspace, {"mine.png": picture(7)}).name
    app.run()
    assert not app.exception, app.exception
    assert "Picture" not in [box.label for box in app.selectbox]


def test_without_weights_the_network_is_drawn_and_the_rest_says_what_is_missing(
    open_page: Open, project: Project, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    state.update_draft(project, backbone="mobilenet-v2")
    app = open_drawers(open_page("freeze.py", project=project.slug), "sight")
    assert not app.exception, app.exception
    assert line(app).value > 5
    assert [str(each.value) for each in app.warning] == [
        "This needs the weights of MobileNetV2. Must be downloaded: 9.0 MB."
    ] * 2
    assert not [button for button in app.button if button.key == "start-probe"]


def described(label: str = "", field: int | None = None) -> Block:
    sizes = {"parameters": 0, "multiply_adds": 0, "shape": (1, 1, 1)}
    return Block(id=label, label=label, layers=(), receptive_field=field, **sizes)


def test_the_words_for_the_line():
    blocks = [described(label) for label in ("Stem", "Stage 1, residual block 1", "Final convolution")]
    places = [words.place(blocks, at) for at in range(4)]
    assert places == [
        "No block is frozen: all 3 blocks train",
        "The first of 3 blocks is frozen, up to Stem",
        "The first 2 of 3 blocks are frozen, up to Stage 1, residual block 1",
        "All 3 blocks are frozen: only your new head trains",
    ]


def test_the_deeper_the_line_the_more_the_frozen_part_knows():
    seen = [*range(20, 200, 20), *[None] * 9]
    blocks = [described(field=field) for field in seen]
    sentences = [words.knowledge(blocks, at, 200) for at in range(19)]
    between = [sentence for _, _, sentence in words.KNOWLEDGE]
    assert list(dict.fromkeys(sentences)) == [words.NOTHING, *between, words.EVERYTHING]


def test_layers_that_see_little_of_the_picture_know_little():
    sentence = words.knowledge([described(field=3), described()], 1, 224)
    assert sentence == words.KNOWLEDGE[0][2]
