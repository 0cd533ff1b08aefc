"""Columns of the lineage picture, and an order in which few lines cross."""

from infra.app.pages.graph import Slot, arrange, columns_of, crossings

SHOP = {
    "landing": (),
    "raw.objects": ("landing",),
    "raw.shop": ("raw.objects",),
    "events.order": ("raw.shop",),
    "features.value": ("events.order",),
    "marts.growth": ("events.order",),
    "marts.balance": ("raw.objects", "events.order"),
}


def test_a_column_comes_after_all_it_reads_and_after_all_earlier_layers() -> None:
    assert columns_of(SHOP) == {
        "landing": 0,
        "raw.objects": 1,
        "raw.shop": 2,
        "events.order": 3,
        "features.value": 4,
        "marts.growth": 5,
        "marts.balance": 5,
    }


def test_a_line_takes_a_slot_in_each_column_it_passes() -> None:
    graph = arrange({"landing": (), "raw.a": ("landing",), "events.b": ("raw.a",), "marts.c": ("raw.a", "events.b")})

    assert (Slot(1, "raw.a"), Slot(2, "raw.a", "marts.c"), Slot(3, "marts.c")) in graph.lines
    assert set(graph.columns[2]) == {Slot(2, "events.b"), Slot(2, "raw.a", "marts.c")}


def test_lines_that_cross_in_reading_order_are_untangled() -> None:
    inputs = {
        "raw.a": (),
        "raw.b": (),
        "events.of_b": ("raw.b",),
        "events.of_a": ("raw.a",),
        "marts.of_a": ("events.of_a",),
        "marts.of_b": ("events.of_b",),
    }

    graph = arrange(inputs)

    tangled = [[Slot(column, name) for name in inputs if columns_of(inputs)[name] == column] for column in range(3)]
    assert crossings(tangled, graph.lines) == 2
    assert crossings(graph.columns, graph.lines) == 0


def test_what_reads_nothing_that_is_drawn_still_has_its_place() -> None:
    graph = arrange({"features.alone": ("elsewhere.unknown",)})

    assert graph.columns == ((Slot(0, "features.alone"),),)
    assert graph.lines == ()


def test_an_empty_graph_has_no_columns() -> None:
    assert arrange({}).columns == ()
