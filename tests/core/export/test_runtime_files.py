"""The files of other people that a page carries are those that were published."""

import hashlib

from tl_core.export import page_file

#: SHA-256 of the files in the npm packages @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm.
PUBLISHED = {
    "tf.es2017.min.js": "a1f9e32fd9b373cf394905050cf0c8c66238b34925846c065db00d2a34d1c040",
    "tf-backend-wasm.es2017.min.js": "bdd8c3c1fb0b37601bc2a122efa20b8d78e2936d104b03a44591be4188c63f65",
    "tfjs-backend-wasm-simd.wasm": "77ebb28a6d34f371dbbf2086b7f2de8994acd8ea5a3cf1fa24d2c26c840cac7b",
}


def test_the_runtime_is_the_published_one_and_its_licence_lies_beside_it():
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in page_file.RUNTIME.iterdir()}
    attribution = (page_file.WEB.parent / "ATTRIBUTION.md").read_text(encoding="utf-8")

    assert set(found) == {*PUBLISHED, "LICENSE"}
    assert {name: found[name] for name in PUBLISHED} == PUBLISHED
    backend = (page_file.RUNTIME / page_file.BACKEND).read_text(encoding="utf-8")
    assert f'version_wasm="{page_file.TFJS}"' in backend
    assert all(f"{name}`, SHA-256 {digest}" in attribution for name, digest in PUBLISHED.items())
    assert page_file.TFJS in attribution
