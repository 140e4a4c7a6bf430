"""Train: this page is on its way."""

from pages._ui import layout

layout.begin_page("Train", ":material/model_training:", "train")
layout.require_pictures()
