"""The files of other people that a page carries are those that were published."""

import hashlib

from tl_core.export import page_file

#: SHA-256 of the files in the npm packages @tensorflow/tfjs-core, -converter and -backend-wasm.
PUBLISHED = {
    "tf-core.es2017.min.js": "c55367325aa628ed685164d5c4210892e31c6d2d0e8c163a827b15ad330d1eba",
    "tf-converter.es2017.min.js": "42a8166c840173bae6180e8ab715a4c811f0371de1b81f28977fd4a7d2c39adf",
    "tf-backend-wasm.es2017.min.js": "bdd8c3c1fb0b37601bc2a122efa20b8d78e2936d104b03a44591be4188c63f65",
    "tfjs-backend-wasm-simd.wasm": "77ebb28a6d34f371dbbf2086b7f2de8994acd8ea5a3cf1fa24d2c26c840cac7b",
}


def test_the_runtime_is_the_published_one_and_its_licence_lies_beside_it():
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in page_file.RUNTIME.iterdir()}
    attribution = (page_file.WEB.parent / "ATTRIBUTION.md").read_text(encoding="utf-8")

    assert set(found) == {*PUBLISHED, "LICENSE"}
    assert {name: found[name] for name in PUBLISHED} == PUBLISHED
    backend = (page_file.RUNTIME / page_file.SCRIPTS[-1]).read_text(encoding="utf-8")
    assert f'version_wasm="{page_file.TFJS}"' in backend
    assert all(f"{name}`, SHA-256 {digest}" in attribution for name, digest in PUBLISHED.items())
    assert page_file.TFJS in attribution
