"""The page of a model, opened as a file: it answers as the app does, and asks nobody for anything."""

import base64
import io
import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.core.boxes.test_importer import folder_of
from tests.e2e.conftest import chromium
from tests.e2e.test_accessibility import serious
from tl_core import api, jobs
from tl_core.boxes import importer
from tl_core.dataset import image, manifest
from tl_core.evaluation import boxes, predictions, unknowns
from tl_core.evaluation.predictions import Predictions
from tl_core.export import page_file, page_proof, page_words, refusal, stored
from tl_core.export.addresses import Address
from tl_core.export.chromium import BrowserError
from tl_core.export.phones import Share
from tl_core.export.stored import Export
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.tasks import table
from tl_core.workspace import Workspace

HOSTILE = ["</script><img src=x onerror=alert(1)>", "{{about}} מלפפון & 'x'"]


@pytest.fixture(scope="module", autouse=True)
def app_finds_chromium(browser: Browser) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TL_CHROMIUM", chromium() or browser.browser_type.executable_path)
        yield


@pytest.fixture(scope="module")
def shown(run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run like that of the others, in a workspace of its own, with names that would do harm as HTML."""
    folder = tmp_path_factory.mktemp("web") / "projects" / "fruit"
    shutil.copytree(run.project.folder, folder)
    copy = RunFolder(folder / "runs" / run.id)
    copy.project.rename("<script>alert(1)</script>")
    (copy.folder / "classes.json").write_text(json.dumps({"classes": HOSTILE}), encoding="utf-8")
    page_words.write_sentence(copy, "Tells <b>apples</b> from plums.")
    return copy


def export(run: RunFolder, name: str) -> Export:
    job = jobs.create_in(run.project.workspace, "export", run=str(run.folder), format=name)
    made = jobs.execute(job.folder)
    assert isinstance(made, Export)
    return made


@pytest.fixture(scope="module")
def made(shown: RunFolder) -> Export:
    return export(shown, "web")


@pytest.fixture(scope="module")
def expected(shown: RunFolder) -> Predictions:
    stored_ones = predictions.load(shown, "validation")
    assert stored_ones is not None
    return stored_ones


def picture(run: RunFolder, id_: str) -> bytes:
    return manifest.image_path(run.project, id_).read_bytes()


def drop(page: Page, *pictures: bytes) -> None:
    """Drop files on the page."""
    script = """contents => {
        const dropped = new DataTransfer();
        for (const [at, content] of contents.entries()) {
            const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
            dropped.items.add(new File([bytes], `picture ${at + 1}.jpg`, {type: "image/jpeg"}));
        }
        return dropped;
    }"""
    handle = page.evaluate_handle(script, [base64.b64encode(each).decode() for each in pictures])
    page.dispatch_event("#view", "drop", {"dataTransfer": handle})


@pytest.mark.slow
def test_the_page_answers_for_what_is_dropped_and_for_the_camera(
    context: BrowserContext, shown: RunFolder, made: Export, expected: Predictions
):
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))

    page.goto(stored.path(shown, made).as_uri())
    expect(page.get_by_text("Ready. Nothing leaves this device.")).to_be_visible()
    assert page.get_by_role("heading", level=1).inner_text() == "<script>alert(1)</script>"
    expect(page.get_by_text("Tells <b>apples</b> from plums.")).to_be_visible()
    expect(page.get_by_text(f"times of {len(expected)} validation pictures")).to_be_visible()

    name = HOSTILE[int(expected.predicted[0])]
    drop(page, picture(shown, expected.ids[0]))
    expect(page.locator("#answer")).to_have_text(name)
    expect(page.get_by_role("status")).to_contain_text(name)
    expect(page.get_by_alt_text("picture 1.jpg")).to_be_visible()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert serious(page) == []

    drop(page, picture(shown, expected.ids[1]), b"no picture at all")
    page.get_by_role("button", name="Cannot be read").click()
    expect(page.locator("#status")).to_contain_text("This browser cannot read picture 2.jpg.")

    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#answer")).not_to_be_empty()
    page.get_by_role("button", name="Stop the camera").click()
    expect(page.get_by_label("Camera", exact=True)).to_be_hidden()

    assert [each for each in asked if not each.startswith(("file:", "blob:", "data:"))] == []
    assert said == []


def test_a_phone_takes_photos_in_a_page_that_is_shared(
    browser: Browser, shown: RunFolder, made: Export, expected: Predictions
):
    share = Share(shown, Address(ip="127.0.0.1", interface="lo"))
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page, said = phone.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture(shown, expected.ids[0])}

    page.goto(share.url)
    expect(page.get_by_text("Ready. Nothing leaves this device.")).to_be_visible()
    expect(page.get_by_text("Live video needs an https address")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take a photo").tap()
    chooser.value.set_files(photo)
    expect(page.locator("#answer")).to_have_text(HOSTILE[int(expected.predicted[0])])
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()

    assert chooser.value.element.get_attribute("capture") == "environment"
    assert said == []
    phone.close()
    share.stop()


def test_the_page_is_proved(shown: RunFolder, made: Export, expected: Predictions):
    proof = made.proof
    assert proof is not None, made.not_proved
    assert (proof.agree, proof.n, proof.refusals, proof.changed) == (len(expected), len(expected), len(expected), ())
    assert proof.max_difference < 0.02
    assert proof.ready
    assert "asks nobody for anything" in proof.sentence()
    assert stored.path(shown, made).stat().st_size == made.bytes < 15e6

    judged = unknowns.judge(shown, expected.features, expected.probabilities)
    found = page_proof.answers(stored.path(shown, made), [picture(shown, id_) for id_ in expected.ids], Progress())
    scores = np.array([each.score for each in judged if each])
    np.testing.assert_allclose(found.familiarity, scores, atol=refusal.ROUNDING)


@pytest.mark.parametrize(("width", "height"), [(700, 500), (1000, 300), (40, 90), (224, 224)])
def test_a_picture_is_squashed_as_in_training(page: Page, width: int, height: int):
    """To the last bit, but for rounding; a JPEG, which a browser decodes at full size, nearly so."""
    noise = np.random.default_rng(0).integers(0, 256, (height // 4 + 1, width // 4 + 1, 3)).astype(np.uint8)
    drawn = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    turned = Image.Exif()
    turned[0x0112] = 6  # to be shown turned by 90°
    page.set_content(f"<script>{(page_file.WEB / 'preprocess.js').read_text(encoding='utf-8')}</script>")

    for kind, away, options in (("PNG", 1, {}), ("JPEG", 3, {"quality": 95, "subsampling": 0, "exif": turned})):
        buffer = io.BytesIO()
        drawn.save(buffer, kind, **options)
        difference = np.abs(squashed(page, buffer.getvalue()) - image.pixels(buffer.getvalue(), 224).astype(int))
        assert difference.max() <= away if kind == "PNG" else difference.mean() <= away


def squashed(page: Page, content: bytes) -> np.ndarray:
    """Return a picture as the page prepares it, 224 pixels square."""
    script = """async content => {
        const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(content), each => each.charCodeAt(0))]));
        return squashed(drawn(bitmap, bitmap.width, bitmap.height), 224).join(" ");
    }"""
    values = page.evaluate(script, base64.b64encode(content).decode()).split()
    return np.array(values, int).reshape(224, 224, 3)


@pytest.mark.slow
def test_a_tfjs_model_is_proved_and_its_example_runs(
    page: Page, shown: RunFolder, expected: Predictions, tmp_path: Path
):
    bundle = export(shown, "tfjs")
    assert bundle.proof is not None, bundle.not_proved
    assert (bundle.proof.agree, bundle.proof.n, bundle.proof.refusals) == (len(expected), len(expected), None)
    with zipfile.ZipFile(stored.path(shown, bundle)) as archive:
        archive.extractall(tmp_path)
    assert len((tmp_path / "example.html").read_text(encoding="utf-8").splitlines()) <= 25
    file = tmp_path / "new.jpg"
    file.write_bytes(picture(shown, expected.ids[0]))

    with serving(tmp_path) as address:
        page.goto(f"{address}/example.html")
        page.wait_for_function("document.querySelector('input').onchange !== null")
        page.set_input_files("input", file)
        lines = page.locator("pre")
        expect(lines).to_contain_text(HOSTILE[1])
    said = [float(line.split(" ", 1)[0]) for line in lines.inner_text().splitlines()]
    np.testing.assert_allclose(said, expected.probabilities[0], atol=0.02)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder as ``python -m http.server`` does."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_proof_sees_what_a_page_asks_for_and_what_goes_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    address = "http://127.0.0.1:9/beacon"
    script = f"""window.thaw = {{
        seconds: 1,
        ready: fetch("{address}").catch(() => null),
        predict: async () => {{ throw new Error("no such picture") }},
    }}"""
    page = tmp_path / "page.html"
    page.write_text(f"<script>{script}</script>", encoding="utf-8")

    with pytest.raises(BrowserError, match=f"The page asked for {address}"):
        page_proof.answers(page, [], Progress())
    with pytest.raises(BrowserError, match="The page fails in the browser: Error: no such picture"):
        page_proof.answers(page, [b""], Progress())

    monkeypatch.delenv("TL_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserError, match="No browser was found on this machine"):
        page_proof.answers(page, [], Progress())


@pytest.mark.slow
def test_a_page_draws_boxes_and_counts_them(context: BrowserContext, tmp_path: Path):
    project = Workspace.open(tmp_path / "work").create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares", 24))))
    draft = table.of(project).draft("efficientnet-lite0", manifest.load(project))
    run = api.train(project, draft.changed(image_size=128, epochs=8, augmentation_variants=2))
    made = export(run, "web")
    picture = next(iter(sorted((tmp_path / "squares").rglob("*.png"))))
    here = boxes.predict(run.folder, [picture])[0]

    page = context.new_page()
    page.goto(stored.path(run, made).as_uri())
    page.locator("#files").set_input_files(picture)
    expect(page.locator("#answer")).not_to_be_empty(timeout=60_000)

    assert made.proof
    assert made.proof.agree == made.proof.n
    assert page.locator("#answer").text_content() == (f"Boxes: {len(here.found)}" if here.found else "No box")
    page.locator("#least").fill("0.01")
    expect(page.locator("#answer")).to_contain_text("Boxes: ")
    drawn = page.evaluate(
        "layer.getContext('2d').getImageData(0, 0, layer.width, layer.height).data.some((n) => n > 0)"
    )
    assert drawn
    counts = [int(text) for text in page.locator("#bars .share").all_text_contents()]
    assert page.locator("#answer").text_content() == f"Boxes: {sum(counts)}"
    page.locator("#least").fill("0.99")
    expect(page.locator("#answer")).to_have_text("No box")
    assert not serious(page)
