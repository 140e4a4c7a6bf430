"""Average precision is COCO's to the last digit, and each wrong box is of one sort."""

import contextlib
import io

import numpy as np
import pytest

from tl_core.metrics import average_precision, box_difference, box_mistakes, overlap
from tl_core.metrics.average_precision import Seen
from tl_core.metrics.box_mistakes import Mistakes

CLASSES = 3


def scene(pictures: int, seed: int, most: int = 9) -> list[Seen]:
    """Draw boxes, and found ones beside them: near, far, of another class, twice, with equal scores."""
    random, seen = np.random.default_rng(seed), []
    for at in range(pictures):
        count = 0 if at == 1 else int(random.integers(1, most))
        corner, side = random.uniform(0, 300, (count, 2)), random.uniform(20, 120, (count, 2))
        labels = random.integers(0, CLASSES - 1, count)  # nothing is of the last class
        truth = np.column_stack([corner, corner + side, labels]).astype(np.float64)
        beside = np.repeat(truth, 2, axis=0)
        beside[:, :4] += random.normal(0, 9, (len(beside), 4))
        beside[:, 4] = np.where(
            random.random(len(beside)) < 0.2, random.integers(0, CLASSES, len(beside)), beside[:, 4]
        )
        ghosts = random.uniform(0, 300, (3, 2))
        more = np.column_stack([ghosts, ghosts + 40, random.integers(0, CLASSES, 3)])
        found = np.concatenate([beside, more])
        found[:, 2:4] = np.maximum(found[:, 2:4], found[:, :2] + 1)
        seen.append(Seen(truth, np.column_stack([found, random.random(len(found)).round(2)])))
    return seen


def coco_says(seen: list[Seen]) -> tuple[float, float]:
    """Return mAP@50 and mAP@50:95 of the reference."""
    coco = pytest.importorskip("pycocotools.coco")
    from pycocotools.cocoeval import COCOeval

    def sides(box: np.ndarray) -> list[float]:
        return [float(each) for each in (box[0], box[1], box[2] - box[0], box[3] - box[1])]

    truth = [(at, row) for at, each in enumerate(seen, 1) for row in each.truth]
    with contextlib.redirect_stdout(io.StringIO()):
        there = coco.COCO()
        there.dataset = {
            "images": [{"id": at} for at in range(1, len(seen) + 1)],
            "categories": [{"id": at} for at in range(1, CLASSES + 1)],
            "annotations": [
                {
                    "id": number,
                    "image_id": at,
                    "category_id": int(row[4]) + 1,
                    "bbox": sides(row),
                    "area": sides(row)[2] * sides(row)[3],
                    "iscrowd": 0,
                }
                for number, (at, row) in enumerate(truth, 1)
            ],
            "info": {},
        }
        there.createIndex()
        found = there.loadRes(
            [
                {"image_id": at, "category_id": int(row[4]) + 1, "bbox": sides(row), "score": float(row[5])}
                for at, each in enumerate(seen, 1)
                for row in each.found
            ]
        )
        judged = COCOeval(there, found, "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return float(judged.stats[1]), float(judged.stats[0])


@pytest.mark.parametrize("seed", range(4))
def test_average_precision_is_that_of_coco(seed: int):
    seen = scene(12, seed)
    measured = average_precision.measure(seen, CLASSES)

    assert (measured.map50, measured.map50_95) == pytest.approx(coco_says(seen), abs=1e-9)
    assert measured.classes[2].ap50 is None
    assert average_precision.map50(seen, CLASSES) == measured.map50
    assert measured.map50 is not None
    assert measured.interval[0] <= measured.map50 <= measured.interval[1]


def test_of_each_class_the_surest_100_of_a_picture_count_as_in_coco():
    seen = scene(4, 0, 300)
    assert max((each.found[:, 4] == 0).sum() for each in seen) > 100
    measured = average_precision.measure(seen, CLASSES)

    assert (measured.map50, measured.map50_95) == pytest.approx(coco_says(seen), abs=1e-9)


def test_perfect_boxes_are_1_and_none_are_0():
    truth = np.array([[0.1, 0.1, 0.4, 0.5, 0]])
    perfect, nothing = Seen(truth, np.column_stack([truth, [0.9]])), Seen(truth, np.zeros((0, 6)))

    assert average_precision.measure([perfect], 1).map50_95 == pytest.approx(1)
    assert average_precision.measure([nothing], 1).map50 == 0
    assert average_precision.measure([Seen(np.zeros((0, 5)), np.zeros((0, 6)))], 1).map50 is None


def test_nine_perfect_pictures_do_not_prove_that_all_are():
    truth = np.array([[0.1, 0.1, 0.4, 0.5, 0]])
    perfect = [Seen(truth, np.column_stack([truth, [0.9]]))] * 9

    measured = average_precision.measure(perfect, 1)
    assert measured.interval == measured.interval50_95 == measured.classes[0].interval
    assert measured.interval == pytest.approx((0.701, 1), abs=0.001), "as of a rate of 9 of 9"
    assert average_precision.measure(perfect, 1, np.zeros(9, int)).interval == (0, 1), "one moment says nothing"


def test_two_models_that_are_perfect_on_three_pictures_need_not_be_equal_on_others():
    truth = np.array([[0.1, 0.1, 0.4, 0.5, 0]])
    perfect = [Seen(truth, np.column_stack([truth, [0.9]]))] * 3
    nothing = [Seen(truth, np.zeros((0, 6)))] * 3

    same = box_difference.difference(perfect, perfect, 2)
    better = box_difference.difference(nothing, perfect, 2)
    assert same is not None
    assert better is not None
    assert same.every.interval == pytest.approx((-0.561, 0.561), abs=0.001)
    assert same.each == (same.every, None)
    assert better.every.interval == pytest.approx((0.439, 1), abs=0.001), "as of a rate of 3 of 3"


def test_the_confidence_with_the_best_f1_is_chosen():
    truth = np.array([[0, 0, 10, 10, 0], [20, 20, 30, 30, 0]], float)
    found = np.array([[0, 0, 10, 10, 0, 0.9], [20, 20, 30, 30, 0, 0.6], [50, 50, 60, 60, 0, 0.3]])
    chosen = average_precision.choose([Seen(truth, found)], 1)

    assert (chosen.confidence, chosen.precision, chosen.recall, chosen.f1) == (0.6, 1, 1, 1)


def test_each_wrong_box_is_of_one_sort():
    truth = np.array([[0, 0, 10, 10, 0], [20, 20, 30, 30, 0], [40, 40, 50, 50, 1], [60, 60, 70, 70, 1]], float)
    found = np.array(
        [
            [0, 0, 10, 10, 0, 0.9],  # right
            [0, 0, 10, 9, 0, 0.8],  # the same once more
            [25, 20, 35, 30, 0, 0.8],  # a third of it
            [40, 40, 50, 50, 0, 0.8],  # of the other class
            [80, 80, 90, 90, 1, 0.8],  # around nothing
            [60, 60, 70, 70, 1, 0.1],  # not sure enough
        ]
    )

    assert box_mistakes.judge(Seen(truth, found), 0.5).counts == Mistakes(
        right=1, double=1, badly_placed=1, wrong_class=1, ghost=1, missed=1
    )


def test_of_boxes_around_one_thing_the_surest_stays():
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10]], float)

    assert overlap.suppress(boxes, np.array([0.5, 0.9, 0.1])).tolist() == [1, 2]
    assert overlap.suppress(boxes, np.array([0.5, 0.9, 0.1]), most=1).tolist() == [1]
    answer = np.column_stack([boxes, [[0.5, 0.0], [0.9, 0.0], [0.0, 0.2]]])
    assert overlap.found(answer)[:, 4:].tolist() == [[0, 0.9], [1, 0.2]]
