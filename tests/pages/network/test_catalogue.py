"""The networks in the order and with the figures that the Network page shows."""

import pytest

from pages._ui.network import catalogue, measured
from tests.pages.conftest import Open, metric, open_drawers, text
from tl_core.freezing import speed
from tl_core.freezing.speed import Speed
from tl_core.networks.catalogue import CATALOGUE
from tl_core.workspace import Project, Workspace

SLOW = Speed(pictures_per_second=2.5, pictures=16, batch=16, size=224, device="", date="2026-11-20")


@pytest.mark.parametrize(("order", "first"), [("Size", "mobilenet-v3-small"), ("Accuracy", "convnext-xlarge")])
def test_networks_are_sorted_as_asked(workspace: Workspace, order: str, first: str):
    rows = catalogue.rows(workspace, only_here=False, order=order)
    assert {row.network.id for row in rows} == {network.id for network in CATALOGUE}
    assert rows[0].network.id == first


def test_a_measured_network_comes_first_by_speed(workspace: Workspace):
    speed.save(workspace, "vgg16", SLOW)
    first, second, *_ = catalogue.rows(workspace, only_here=False, order="Speed")
    assert (first.network.id, first.speed, second.speed) == ("vgg16", 2.5, None)


def test_the_figures_of_a_network(open_page: Open, project: Project, workspace: Workspace):
    speed.save(workspace, "efficientnet-lite0", SLOW)
    app = open_page("model.py", project=project.slug)
    figures = {
        label: metric(app, label)
        for label in ("Parameters", "Accuracy on everyday things", "Picture size", "Pictures per second")
    }
    assert figures == {
        "Parameters": "4.7 M",
        "Accuracy on everyday things": "75.1%",
        "Picture size": "224 px",
        "Pictures per second": "2.5",
    }
    assert "1.3 M of the parameters are the network's own head" in text(app)


def test_the_table_says_what_is_not_measured(open_page: Open, project: Project):
    app = open_drawers(open_page("model.py", project=project.slug), "networks-table")
    assert "Compare them on your own pictures" in [each.proto.label for each in app.get("page_link")]
    table = app.dataframe[0].value
    assert set(table["speed"]) == {measured.NOT_MEASURED}
    assert set(table["weights"]) == {"On this machine"}
