"""Images into a project: folder, zip, upload, camera, sample sets. What becomes of them afterwards is dataset's."""
