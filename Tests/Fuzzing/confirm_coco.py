"""COCO's annotations and results, read by Python's json."""
import json
import os

from refusal import Refusal


def number(value):
    return type(value) in (int, float)


def load_json(data):
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refusal(str(error)) from error


def annotations_check(data, read):
    """Whether each kept entry stands so in the file, the first of its id, and everything sound is kept."""
    file, kept = load_json(data), json.loads(read)
    whole = lambda entry, key: entry.get(key) if type(entry.get(key)) is int and -2**63 <= entry.get(key) < 2**63 else None
    images, categories, annotations, broken = {}, {}, {}, set()
    for entry in file["categories"]:
        if type(entry) is dict and whole(entry, "id") is not None:
            name = entry.get("name")
            categories.setdefault(entry["id"], name if type(name) is str else "")
    for entry in file["images"]:
        if type(entry) is not dict or whole(entry, "id") is None or entry["id"] in images:
            continue
        name, sizes = entry.get("file_name"), [whole(entry, "width"), whole(entry, "height")]
        good = type(name) is str and name and not name.startswith("/") and ":" not in name and "\0" not in name \
            and ".." not in name.replace("\\", "/").split("/") and all(size is not None and 0 < size < 2**31 for size in sizes)
        if good:
            images[entry["id"]] = [*sizes, name]
        else:
            broken.add(entry["id"])
    seen = set()
    for entry in file["annotations"]:
        if type(entry) is not dict or whole(entry, "id") is None or whole(entry, "image_id") in broken:
            continue
        if whole(entry, "image_id") not in images or whole(entry, "category_id") not in categories or entry["id"] in seen:
            continue
        seen.add(entry["id"])
        box = sound_box(entry.get("bbox"))
        if box is None:
            continue
        crowd, area, ignore = entry.get("iscrowd", 0), entry.get("area"), entry.get("ignore", 0)
        area = float(area) if number(area) and 0 <= area < 1.8e308 else box[2] * box[3]
        whole_ignore = whole(entry, "ignore")
        annotations[entry["id"]] = [entry["image_id"], entry["category_id"], *box, area, not (type(crowd) is int and crowd == 0),
                                    ignore is True or whole_ignore not in (None, 0)]
    compare("images", {entry[0]: entry[1:] for entry in kept["images"]}, images)
    compare("categories", {entry[0]: entry[1] for entry in kept["categories"]}, categories)
    compare("annotations", {entry[0]: entry[1:] for entry in kept["annotations"]}, annotations)


def sound_box(box):
    import numpy
    if type(box) is not list or len(box) != 4 or not all(number(side) for side in box):
        return None
    try:
        x, y, width, height = map(float, box)
    except OverflowError:
        return None
    with numpy.errstate(over="ignore", invalid="ignore"):
        single = [float(numpy.float32(value)) for value in (x, y, x + width, y + height, width * height)]
    return [x, y, width, height] if width >= 0 and height >= 0 and all(abs(value) < float("inf") for value in single) else None


def compare(what, ours, theirs):
    if ours != theirs:
        keys = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
        raise ValueError(f"{what} {keys[0]}: {ours.get(keys[0])} instead of {theirs.get(keys[0])}")


def results_check(data, read):
    """Whether the kept detections are the sound ones, in order."""
    case = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Fixtures/coco/mixed/annotations.json")
    with open(case, "rb") as file:
        truth = json.load(file)
    images, categories = {image["id"] for image in truth["images"]}, {category["id"] for category in truth["categories"]}
    expected = []
    for entry in load_json(data):
        if type(entry) is not dict:
            continue
        image, category, box, score = entry.get("image_id"), entry.get("category_id"), sound_box(entry.get("bbox")), entry.get("score")
        if type(image) is int and image in images and type(category) is int and category in categories and box is not None \
                and number(score) and abs(score) < 1.8e308:
            expected.append([image, category, *box, float(score)])
    kept = json.loads(read)
    if kept != expected:
        raise ValueError(f"{len(kept)} detections instead of {len(expected)}, or others")
