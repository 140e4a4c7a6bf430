import subprocess
import sys

CODE = """
import gc, sys
from tl_core import imports
with imports.lock:
    imports.keras()
assert "keras" in sys.modules and "tensorflow" in sys.modules
assert "matplotlib.pyplot" not in sys.modules, "Keras imported the plots"
assert gc.isenabled() and gc.get_freeze_count() > 100_000
import matplotlib.pyplot
"""


def test_keras_comes_without_plots_which_others_can_import_and_with_garbage_collected_again():
    subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True, timeout=120)
