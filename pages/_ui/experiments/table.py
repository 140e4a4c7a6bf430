"""The kinds of experiments that the page offers. A new one is a row here."""

from pages._ui.experiments import learning_curve, race, search, shootout
from pages._ui.experiments.frame import Row

ROWS: tuple[Row, ...] = (search.ROW, race.ROW, shootout.ROW, learning_curve.ROW)
