"""What the buttons and lines of a model's page say, in the language that is read in: ``assets/web`` has none itself."""

from tl_core.language import _, ngettext


def words(more: int) -> dict[str, str]:
    """Return the texts by their keys. What is in braces is filled in by the page.

    Args:
        more: classes that are not shown with a bar, at least 0.
    """
    return {
        "about": _("About this page"),
        "allow": _("The camera does not start: {problem}. Allow it, or choose a picture."),
        "answer": _("Answer"),
        "boxes": _("Boxes: {number}"),
        "camera": _("Camera"),
        "choose": _("Choose pictures"),
        "cut": _("Of this text only the beginning was read: {number} word pieces."),
        "failed": _("That did not work: {problem}"),
        "first": _("These are the first {number} pictures. Choose the other {left} next."),
        "given_from": _("{share}, given from {least}"),
        "hint": _("Drop a picture here, paste one, or choose one."),
        "least": _("Boxes from a confidence of {share} on"),
        "licence": _("Licence of TensorFlow.js, which runs the model"),
        "looking": _("Looking at picture {number} of {every} …"),
        "more": ngettext("and {number} more class", "and {number} more classes", more).format(number=more),
        "no_box": _("No box"),
        "none": _("None of these"),
        "no_tag": _("No label"),
        "no_file": _("That is no file. Save the picture first, then drop or choose it."),
        "no_scripts": _("This browser does not run scripts that are inside a page."),
        "no_video": _(
            "Browsers allow live video only in a page that is opened as a file or by https. Choose a picture."
        ),
        "not_started": _("The model does not start. {problem}"),
        "pasted": _("Pasted picture"),
        "photo": _("Photo"),
        "photo_hint": _(
            "Take a photo, or choose pictures. Live video needs an https address, which this page does not have."
        ),
        "picture": _("Picture"),
        "pictures": _("Pictures"),
        "ready": _("Ready. Nothing leaves this device."),
        "start": _("Start the camera"),
        "stop": _("Stop the camera"),
        "switch": _("Switch camera"),
        "take": _("Take a photo"),
        "text": _("Text"),
        "text_hint": _("Type or paste a text. The answer comes while you type."),
        "this_file": _("this file"),
        "too_old": _("This browser is too old. Use one of 2023 or later."),
        "took": _("{number} ms on this device"),
        "unlike": _("This picture is not like those that the model has learned from."),
        "unread": _("Cannot be read"),
        "unreadable": _("This browser cannot read {file}. Choose a JPEG, PNG or WebP picture."),
        "waiting": _("Getting ready …"),
    }
