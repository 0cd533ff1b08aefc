"""The lineage picture: nothing overlaps, everything is linked and escaped."""

from itertools import combinations
from xml.etree import ElementTree

from infra.app.pages.drawing import BOX_HEIGHT, CHARACTER, MARGIN, Node, draw, place
from infra.app.pages.graph import arrange

SVG = "{http://www.w3.org/2000/svg}"
INPUTS = {
    "landing": (),
    "raw.objects": ("landing",),
    **{f"raw.source_{n}": ("raw.objects",) for n in range(6)},
    "events.order_line": tuple(f"raw.source_{n}" for n in range(6)),
    **{f"features.feature_{n}": ("events.order_line",) for n in range(5)},
    "marts.balance": ("raw.objects", *(f"raw.source_{n}" for n in range(6)), "events.order_line"),
    "marts.wide": tuple(f"features.feature_{n}" for n in range(5)),
}
NODES = {name: Node("out-of-date", "out of date, 120 due", f"datasets/{name}.html") for name in INPUTS}


def test_no_two_boxes_overlap() -> None:
    boxes = [box for slot, box in place(arrange(INPUTS), NODES).items() if not slot.reader]

    for one, other in combinations(boxes, 2):
        beside = one.right < other.x or other.right < one.x
        assert beside or abs(one.y - other.y) >= BOX_HEIGHT


def test_lines_that_pass_keep_away_from_the_boxes_of_the_column() -> None:
    places = place(arrange(INPUTS), NODES)
    passing = {slot: box for slot, box in places.items() if slot.reader}

    assert passing
    for slot, line in passing.items():
        for other, box in places.items():
            if other.column == slot.column and not other.reader:
                assert abs(line.y - box.y) > BOX_HEIGHT / 2


def test_names_and_captions_fit_into_their_boxes() -> None:
    for slot, box in place(arrange(INPUTS), NODES).items():
        if not slot.reader:
            longest = max(len(slot.name.partition(".")[2]), len(NODES[slot.name].caption))
            assert box.width >= longest * CHARACTER + MARGIN


def test_each_dataset_is_a_link_with_its_name_and_state() -> None:
    picture = ElementTree.fromstring(draw(INPUTS, NODES))

    links = {link.get("href"): link for link in picture.iter(f"{SVG}a")}
    assert set(links) == {f"datasets/{name}.html" for name in INPUTS}
    words = [text.text for text in links["datasets/events.order_line.html"].iter(f"{SVG}text")]
    assert words == ["order_line", "out of date, 120 due"]
    assert len(list(picture.iter(f"{SVG}path"))) == sum(map(len, INPUTS.values()))


def test_each_layer_is_named_once() -> None:
    picture = ElementTree.fromstring(draw(INPUTS, NODES))

    layers = [text.text for text in picture.iter(f"{SVG}text") if text.get("class") == "layer"]
    assert layers == ["landing", "raw", "events", "features", "marts"]


def test_what_has_no_page_is_drawn_without_a_link() -> None:
    assert "<a " not in draw({"landing": ()}, {"landing": Node("root", "")})


def test_names_are_escaped() -> None:
    name = 'raw.<script>alert("1")</script>'

    drawn = draw({name: ()}, {name: Node("held", '"><b>', 'x"y')})

    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert 'href="x&quot;y"' in drawn


def test_a_picture_of_nothing_is_still_a_picture() -> None:
    assert ElementTree.fromstring(draw({}, {})).tag == f"{SVG}svg"
