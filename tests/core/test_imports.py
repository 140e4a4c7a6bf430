import json
import subprocess
import sys

CODE = """
import gc, json, sys
from tl_core import imports
with imports.lock:
    imports.keras()
loaded = [name for name in ("keras", "tensorflow", "matplotlib.pyplot") if name in sys.modules]
import matplotlib.pyplot
print(json.dumps([loaded, gc.isenabled(), gc.get_freeze_count()]))
"""


def test_keras_comes_without_plots_which_others_can_import_and_with_garbage_collected_again():
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True, timeout=120)
    loaded, collects, frozen = json.loads(done.stdout.splitlines()[-1])

    assert loaded == ["keras", "tensorflow"]
    assert collects
    assert frozen > 100_000
