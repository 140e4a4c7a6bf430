"""What all charts have in common."""

import pytest
from streamlit.testing.v1 import AppTest


def chart_of_classes(count: int) -> None:
    import pandas as pd

    from pages._ui.pictures import class_charts
    from pages._ui.shell import charts

    table = pd.DataFrame(
        {"train": 4, "validation": 1, "test": 1, "unused": 0, "total": 6}, index=[f"c{n}" for n in range(count)]
    )
    charts.show(class_charts.counts(table), "Pictures per class")


@pytest.mark.parametrize(("count", "height"), [(3, 0), (200, 560)])
def test_a_chart_of_many_classes_scrolls_in_a_frame(count, height):
    app = AppTest.from_function(chart_of_classes, args=(count,), default_timeout=60).run()
    assert not app.exception, app.exception
    frame = app.main.children[0]
    assert frame.proto.height_config.pixel_height == height
